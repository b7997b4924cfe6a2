/**
 * An Azure Resource Manager service connection, as the agent hands it to a task: kind, application, tenant, cloud and
 * subscription. Its name it does not hand over (azure-pipelines-agent, Handler.AddEndpointsToEnvironment).
 */
import type { ServiceConnection } from '../services/entra/sources.ts'
import { Problem, type FindingFacts } from '../core/finding.ts'
import { GUID } from '../config/patterns.ts'

/** What the agent says of a connection; keys in lower case. */
export interface Endpoint {
  /** What the input holds: the agent has put the id in the place of the name. */
  readonly id: string
  /** undefined: the job does not know it. */
  readonly scheme: string | undefined
  readonly parameters: Readonly<Record<string, string | undefined>>
  readonly data: Readonly<Record<'environment' | 'subscriptionid' | 'isdraft', string | undefined>>
}

/** @throws {Problem} for what is missing, unfinished, of another cloud, or of a kind that cannot be used. */
export function connectionOf({ id, scheme, parameters, data }: Endpoint): ServiceConnection {
  if (id === '') {
    throw new Problem({
      id: 'host/service-connection-missing',
      summary: 'The input azureSubscription is missing; nothing was read or written.',
      remedy:
        'give the name of an Azure Resource Manager service connection, best with workload identity federation'
    })
  }
  if (scheme === undefined) {
    throw new Problem({
      id: 'host/service-connection-unknown',
      summary: `The service connection ${id} is not known to this job.`,
      remedy:
        'correct azureSubscription, and let the pipeline use the connection (Service connections > Security)'
    })
  }
  const { environment: cloud = '', subscriptionid: subscriptionId = '' } = data
  if (cloud !== '' && cloud.toLowerCase() !== 'azurecloud') throw new Problem(otherCloud(id, cloud))
  const common = { id, ...(GUID.test(subscriptionId) ? { subscriptionId } : {}) }
  const kind = scheme.toLowerCase()
  if (data.isdraft?.toLowerCase() === 'true') throw new Problem(unfinished(id, 'a draft', 'a draft'))
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
  if (missing.length > 0) throw new Problem(unfinished(id, 'only half made', missing.join(', ')))
  const who = { ...common, tenantId, clientId }
  return isFederated ? { ...who, scheme: 'federated' } : { ...who, scheme: 'secret', secret }
}

function otherCloud(id: string, cloud: string): FindingFacts {
  return {
    id: 'host/service-connection-other-cloud',
    summary: `The service connection ${id} is of ${cloud}: Azure DevOps takes tokens of the public cloud only.`,
    expected: 'AzureCloud',
    actual: cloud,
    remedy:
      'give a service connection of the public cloud, where the identity belongs; a cluster elsewhere is given by oidcIssuerUrl and kubeconfig'
  }
}

function otherKind(id: string, kind: string): FindingFacts {
  return {
    id: 'host/service-connection-other-kind',
    summary: `The service connection ${id} logs in by ${kind}, which is not supported here.`,
    expected: 'workload identity federation, a managed identity, or a service principal with a secret',
    actual: kind,
    remedy: 'convert it to workload identity federation: Project settings > Service connections > Convert'
  }
}

function unfinished(id: string, state: string, found: string): FindingFacts {
  return {
    id: 'host/service-connection-unfinished',
    summary: `The service connection ${id} is ${state}.`,
    expected: 'a finished connection: tenant, application, and how it logs in',
    actual: found,
    remedy:
      'finish it: Project settings > Service connections > the connection > Finish setup (or Edit), then Verify'
  }
}
