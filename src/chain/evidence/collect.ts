/**
 * Evidence for a diagnosis, read once per run and only as far as the failures of the run make it worth. What the login
 * may not read is noted. A run without a failure does not come here, and does not load this file.
 */
import type { DesiredChain } from '../../config/desired.ts'
import type { Evidence, Names, Part } from '../../diagnosis/evidence.ts'
import type { Services } from '../../services/services.ts'
import { CLIENT_ID } from '../../argocd/identity.ts'
import type { Known } from '../rights.ts'
import { readConnections } from './connections.ts'
import { readOrganization } from './organization.ts'
import { orUnread, type Reader } from './reader.ts'
import { readTrust } from './trust.ts'
import { readEvents, readNetwork, readWebhook, readWorkload } from './workload.ts'

/** @param parts what the rules may need for what failed */
export async function collectEvidence(
  parts: ReadonlySet<Part>,
  names: Names,
  desired: DesiredChain,
  known: Known,
  services: Services
): Promise<Evidence> {
  const reader: Reader = { unread: [] }
  const { instance } = known
  const urls = desired.repositories.map(({ url }) => url)
  const place = {
    name: desired.identity.name,
    subscriptionId: names.subscriptionId ?? '',
    resourceGroup: names.identityResourceGroup ?? ''
  }
  const identity = await orUnread(reader, `the identity ${place.name}`, () => services.identities.get(place))
  const api = instance && services.kubernetes(instance.clusterId)
  const nothing = Promise.resolve({})
  const wants = (...some: readonly Part[]): boolean => some.some((part) => parts.has(part))
  const [organization] = desired.organizations
  const read = await Promise.all([
    instance && api && wants('workload') ? readWorkload(instance, api, reader) : nothing,
    api && wants('webhook') ? readWebhook(api, reader) : nothing,
    instance && api && wants('events') ? readEvents(instance, api, reader) : nothing,
    instance && api && wants('network') ? readNetwork(instance, api, reader) : nothing,
    instance && wants('trust') && identity ? readTrust(instance, place, services, reader) : nothing,
    instance && wants('connections')
      ? readConnections(
          instance,
          { kind: desired.connection, urls, project: desired.argocdProject },
          services,
          reader
        )
      : nothing,
    organization && identity && wants('membership', 'repositories')
      ? readOrganization(
          organization,
          identity.principalId,
          desired.access,
          services.devops(organization.name),
          reader
        )
      : nothing,
    instance?.clusterId !== undefined && instance.extension && wants('extension')
      ? readExtension(instance.clusterId, services, reader)
      : nothing
  ])
  const evidence: Evidence = Object.assign({ names, unread: reader.unread }, ...read) as Evidence
  const annotated = evidence.workload?.annotations?.[CLIENT_ID]
  const named =
    annotated === undefined || annotated === identity?.clientId
      ? undefined
      : await orUnread(reader, 'the identity that the pods name', () =>
          services.identities.withClientId(place, annotated)
        )
  return {
    ...evidence,
    ...(identity && {
      identity: {
        exists: true,
        clientId: identity.clientId,
        principalId: identity.principalId,
        tenantId: identity.tenantId,
        named: named && annotated !== undefined ? { [annotated]: named.name } : {}
      }
    }),
    ...(instance && {
      version: { argocd: instance.version, image: evidence.workload?.image ?? '' }
    })
  }
}

async function readExtension(
  clusterId: string,
  { extensions }: Services,
  reader: Reader
): Promise<Pick<Evidence, 'extension'>> {
  const found = await orUnread(reader, 'the AKS extension', () => extensions.argocd(clusterId))
  if (!found?.extension) return {}
  const { name, version, provisioningState: state, settings } = found.extension
  return { extension: { name, version, state, settings } }
}
