/** How each kind of installation is configured so that its pods carry the identity and keep it. One file per way; `of` picks it. */
import type { Instance } from '../instance.ts'
import type { Install, InstallWrites } from './contract.ts'
import { extension } from './extension.ts'
import { manifests } from './manifests.ts'
import { operator } from './operator.ts'

const INSTALLS: Readonly<Record<Instance['configuration'], Install>> = { manifests, operator, extension }

export function installOf({ configuration }: Instance): Install {
  return INSTALLS[configuration]
}

const WRITES: Readonly<Record<Instance['configuration'], () => Promise<{ readonly writes: InstallWrites }>>> =
  {
    manifests: () => import('./manifests-writes.ts'),
    operator: () => import('./operator-writes.ts'),
    extension: () => import('./extension-writes.ts')
  }

export async function installWritesOf({ configuration }: Instance): Promise<InstallWrites> {
  return (await WRITES[configuration]()).writes
}
