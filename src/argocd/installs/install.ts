/** How each kind of installation is configured so that its pods carry the identity and keep it. One file per way; `of` picks it. */
import type { Instance } from '../instance.ts'
import type { Install } from './contract.ts'
import { extension } from './extension.ts'
import { manifests } from './manifests.ts'
import { operator } from './operator.ts'

const INSTALLS: Readonly<Record<Instance['configuration'], Install>> = { manifests, operator, extension }

export function installOf({ configuration }: Instance): Install {
  return INSTALLS[configuration]
}
