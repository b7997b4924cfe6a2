/**
 * An Azure Resource Manager service connection as a task gets it from the agent: kind, application, tenant, cloud and
 * subscription, but not its name (azure-pipelines-agent, Handler.AddEndpointsToEnvironment).
 */
import type { ServiceConnection } from '../services/entra/sources.ts'
import type { ApplicationKind } from '../services/entra/trust.ts'
import { Problem, type FindingFacts } from '../core/finding.ts'
import type { ConnectedPlace } from '../config/given-inputs.ts'
import { GUID } from '../config/patterns.ts'

/** The agent's data about a connection; keys in lower case. */
export interface Endpoint {
  /** The value of the input, in which the agent has replaced the name with the id. */
  readonly id: string
  /** undefined: the job does not know the connection. */
  readonly scheme: string | undefined
  /** Where it is edited; undefined: the agent does not say. */
  readonly page?: string | undefined
  readonly parameters: Readonly<Record<string, string | undefined>>
  readonly data: Readonly<
    Record<'environment' | 'subscriptionid' | 'isdraft' | 'identitytype', string | undefined>
  >
}

/**
 * @param inputName the input that names it
 * @throws {Problem} when the connection is missing, incomplete, for another cloud, or of an unsupported kind.
 */
export function connectionOf(
  { id, scheme, page, parameters, data }: Endpoint,
  inputName = 'azureSubscription'
): ServiceConnection {
  if (id === '') {
    throw new Problem({
      id: 'host/service-connection-missing',
      summary: 'The input azureSubscription is missing; nothing was read or written.',
      remedy:
        'give the name of an Azure Resource Manager service connection, preferably with workload identity federation'
    })
  }
  if (scheme === undefined) {
    throw new Problem({
      id: 'host/service-connection-unknown',
      summary: `This job does not know the service connection ${id}.`,
      remedy: `correct ${inputName}, and authorize the pipeline to use the connection (Service connections > Security)`
    })
  }
  const { environment: cloud = '', subscriptionid: subscriptionId = '' } = data
  if (cloud !== '' && cloud.toLowerCase() !== 'azurecloud') throw new Problem(otherCloud(id, cloud))
  const common = { id, ...(GUID.test(subscriptionId) ? { subscriptionId } : {}) }
  const kind = scheme.toLowerCase()
  if (data.isdraft?.toLowerCase() === 'true') throw new Problem(incomplete(id, 'a draft', 'a draft'))
  if (kind === 'managedserviceidentity') return { ...common, scheme: 'managed-identity' }
  const {
    tenantid: tenantId = '',
    serviceprincipalid: clientId = '',
    serviceprincipalkey: secret = ''
  } = parameters
  const isCertificate =
    parameters['authenticationtype']?.toLowerCase() === 'spncertificate' ||
    (parameters['serviceprincipalcertificate'] ?? '') !== ''
  const isFederated = kind === 'workloadidentityfederation'
  if ((!isFederated && kind !== 'serviceprincipal') || isCertificate)
    throw new Problem(otherKind(id, isCertificate ? 'a service principal with a certificate' : scheme))
  const missing = [
    ...(GUID.test(tenantId) ? [] : ['no tenant']),
    ...(GUID.test(clientId) ? [] : ['no application']),
    ...(isFederated || secret !== '' ? [] : ['no secret'])
  ]
  if (missing.length > 0) throw new Problem(incomplete(id, 'incomplete', missing.join(', ')))
  const who = { ...common, tenantId, clientId }
  return isFederated
    ? { ...who, scheme: 'federated', ...kindOf(data.identitytype) }
    : { ...who, scheme: 'secret', secret, ...(page !== undefined && { page }) }
}

/** The page of a connection in the settings of the project, from what the agent says of the place of the job. */
export function pageOf(
  id: string,
  { SYSTEM_TEAMFOUNDATIONCOLLECTIONURI: uri = '', SYSTEM_TEAMPROJECT: project = '' }: NodeJS.ProcessEnv
): string | undefined {
  const collection = URL.parse(uri)
  if (collection?.protocol !== 'https:' || project === '') return undefined
  const base = `${collection.origin}${collection.pathname.replace(/\/*$/, '')}`
  return `${base}/${encodeURIComponent(project)}/_settings/adminservices?resourceId=${encodeURIComponent(id)}`
}

/** Where a connection leads, as far as it says so with ids. */
export function placeOf({ tenantId = '', subscriptionId = '' }: ConnectedPlace): ConnectedPlace {
  return {
    ...(GUID.test(tenantId) && { tenantId }),
    ...(GUID.test(subscriptionId) && { subscriptionId })
  }
}

/** `AppRegistrationAutomatic`, `AppRegistrationManual` or `ManagedIdentity`; absent in connections from before 2024. */
function kindOf(type = ''): { kind?: ApplicationKind } {
  if (/^managedidentity/i.test(type)) return { kind: 'managed-identity' }
  return /^appregistration/i.test(type) ? { kind: 'app-registration' } : {}
}

function otherCloud(id: string, cloud: string): FindingFacts {
  return {
    id: 'host/service-connection-other-cloud',
    summary: `The service connection ${id} is for ${cloud}, but Azure DevOps accepts tokens of the public cloud only.`,
    expected: 'AzureCloud',
    actual: cloud,
    remedy:
      'use a service connection of the public cloud, where the identity must be; for a cluster elsewhere set oidcIssuerUrl and kubeconfig'
  }
}

function otherKind(id: string, kind: string): FindingFacts {
  return {
    id: 'host/service-connection-other-kind',
    summary: `The service connection ${id} logs in with ${kind}, which Patless does not support.`,
    expected: 'workload identity federation, a managed identity, or a service principal with a secret',
    actual: kind,
    remedy: 'convert it to workload identity federation: Project settings > Service connections > Convert'
  }
}

function incomplete(id: string, state: string, actual: string): FindingFacts {
  return {
    id: 'host/service-connection-unfinished',
    summary: `The service connection ${id} is ${state}.`,
    expected: 'a complete connection, with tenant, application and kind of login',
    actual,
    remedy:
      'finish it: Project settings > Service connections > the connection > Finish setup (or Edit), then Verify'
  }
}
