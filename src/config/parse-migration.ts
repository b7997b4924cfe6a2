/** The inputs of the modes that move Secrets: a cluster is enough; URLs only narrow what is moved. */
import type { DesiredMigration } from './desired.ts'
import type { GivenInputs, OfMode } from './given-inputs.ts'
import { parseTarget } from './parse-chain.ts'
import { parseRepositories } from './repository-rules.ts'

/** @returns undefined when there are faults */
export function parseMigration(
  mode: DesiredMigration['mode'],
  inputs: GivenInputs
): OfMode<DesiredMigration> | undefined {
  const { values, fault, environment } = inputs
  const named = parseRepositories(values['repository-url'], environment['AZURE_DEVOPS_URL'], fault)
  const target = parseTarget(inputs)
  if (!target) return undefined
  return {
    ...target,
    mode,
    urls: named.map(({ url }) => url),
    organizations: [],
    repositories: [],
    registries: [],
    connection: 'repository',
    verification: 'access',
    connects: false,
    canary: values.canary,
    batchSize: values['batch-size'],
    backupRetention: values['backup-retention'] * DAY,
    restart: values.restart
  }
}

/** In ms. */
const DAY = 86_400_000
