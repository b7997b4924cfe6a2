/** Turns input values into `Desired`, deriving all that needs no request. Contradictions between inputs are faults. */
import { credentialsIn, withoutCredentials } from '../core/text.ts'
import { readAllowances } from './allowances.ts'
import {
  mergeWithId,
  parseCluster,
  refuseCommands,
  refuseOtherSubscription,
  subscriptionFromEnvironment
} from './cluster-rules.ts'
import type { Desired } from './desired.ts'
import { dropUndefined } from './drop-undefined.ts'
import type { ConnectedPlace } from './given-inputs.ts'
import { InvalidInputs, readInputs, type Fault, type InputFault } from './inputs.ts'
import { readKubeconfig } from './kubeconfig-file.ts'
import { parseAudit } from './parse-audit.ts'
import { parseChain } from './parse-chain.ts'
import { parseMigration } from './parse-migration.ts'
import { GUID } from './patterns.ts'
import { CLUSTER_MODES, type HostKind } from './row.ts'
import type { InputName } from './table.ts'
import { input } from '../core/input-name.ts'

export interface InputSource {
  readonly hostKind?: HostKind
  /** The subscription of the service connection. The login may have no permissions in any other. */
  readonly connectedSubscription?: string | undefined
  /** Of the service connection for the identity's tenant. */
  readonly connectedIdentity?: ConnectedPlace | undefined
}

/**
 * @param given raw text by input name, from the host; empty text counts as absent, as on GitHub.
 * @param environment for AZURE_SUBSCRIPTION_ID and AZURE_DEVOPS_URL.
 * @param before faults that the host found, listed with the rest.
 * @throws {InvalidInputs} with every fault.
 */
export function parseInputs(
  given: ReadonlyMap<string, string>,
  environment: NodeJS.ProcessEnv,
  before: readonly InputFault[] = [],
  source: InputSource = {}
): Desired {
  const faults = [...before]
  const derived: string[] = []
  const fault: Fault = (input, problem, remedy) => {
    if (before.every((one) => one.input !== input))
      faults.push({ input, problem: withoutCredentials(problem), remedy })
  }
  const { values, refused } = readInputs(given, fault, source.hostKind)
  const isAbsent = (name: InputName): boolean => values[name] === undefined && !refused.has(name)

  const parsed = parseCluster(values, fault)
  const resourceGroup = mergeWithId('resource-group', values['resource-group'], parsed?.resourceGroup, fault)
  const fromInputs = mergeWithId('subscription-id', values['subscription-id'], parsed?.subscriptionId, fault)
  const { connectedSubscription } = source
  const connected = GUID.test(connectedSubscription ?? '') ? connectedSubscription : undefined
  refuseOtherSubscription(connected, fromInputs, parsed?.subscriptionId, fault)
  const ambient =
    fromInputs === undefined ? (connected ?? subscriptionFromEnvironment(environment)) : undefined
  const subscriptionId = fromInputs ?? ambient
  if (ambient !== undefined) {
    const from = connected === undefined ? 'AZURE_SUBSCRIPTION_ID' : 'the service connection'
    derived.push(`${input('subscription-id')} ${ambient} (from ${from})`)
  }
  const { 'client-id': clientId, 'tenant-id': tenantId } = values
  const common = {
    login: dropUndefined({ clientId, tenantId }),
    cloud: values.cloud,
    remind: values.remind,
    clusterAccess: values['cluster-access'],
    allow: readAllowances(values.allow, fault),
    ...dropUndefined({ argocdNamespace: values['argocd-namespace'] }),
    derived
  }
  // With a file, the target is chosen before anything is parsed.
  if (values.target.length > 0 && (values.targets ?? '') === '')
    fault('target', `It names a target, but ${input('targets')} is empty.`, 'Give the path of the file.')
  const mode = CLUSTER_MODES.find((one) => one === values.mode)
  if (mode === undefined) fault('mode', `${values.mode} is not about a cluster.`, 'Choose another mode.')
  const named = parsed && {
    ...{ name: parsed.name, ...dropUndefined({ resourceGroup }) },
    ...(parsed.connected && { connected: parsed.connected })
  }
  if (parsed) refuseCommands(values, !parsed.connected && values['oidc-issuer-url'] === undefined, fault)
  const kubeconfig = readKubeconfig(values.kubeconfig, fault)
  const identityConnection = source.connectedIdentity ?? {}
  const inputs = {
    ...{ values, named, subscriptionId, identityConnection, kubeconfig },
    ...{ isAbsent, fault, derived, environment, hostKind: source.hostKind }
  }
  const desired =
    mode === undefined
      ? undefined
      : mode === 'audit'
        ? parseAudit(inputs)
        : mode === 'migrate' || mode === 'rollback'
          ? parseMigration(mode, inputs)
          : parseChain(mode, inputs)
  if (clientId !== undefined && isAbsent('tenant-id'))
    fault(
      'tenant-id',
      `${input('client-id')} is given, but this is empty.`,
      'Give both (a variable that is not set is empty), or neither to use the az login.'
    )
  if (faults.length > 0 || !desired) {
    const lines = [...given.values()].flatMap((value) => value.split('\n'))
    throw new InvalidInputs(faults, lines.flatMap(credentialsIn))
  }
  return { ...common, ...desired }
}
