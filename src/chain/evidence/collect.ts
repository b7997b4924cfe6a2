/**
 * Evidence for a diagnosis, read once per run and only as far as the failures of the run make it worth. What the login
 * may not read is noted. A run without a failure does not come here, and does not load this file.
 */
import type { DesiredChain } from '../../config/desired.ts'
import type { Evidence, Names, Part } from '../../diagnosis/evidence.ts'
import type { Services } from '../../services/services.ts'
import { mapBounded } from '../../core/concurrency.ts'
import { CLIENT_ID } from '../../argocd/identity.ts'
import type { Known } from '../rights.ts'
import { readCommitServer } from './commit-server.ts'
import { complaintsAbout } from './complaints.ts'
import { readConnections } from './connections.ts'
import { readOrganization } from './organization.ts'
import { orUnread, type Reader } from './reader.ts'
import { readTrust } from './trust.ts'
import { readEvents, readNetwork, readWebhook, readWorkload } from './workload.ts'

/** Of how many organizations the evidence is read. */
const MOST = 3

/**
 * @param parts what the rules may need for what failed
 * @returns the evidence, once per organization
 */
export async function collectEvidence(
  parts: ReadonlySet<Part>,
  names: Names,
  desired: DesiredChain,
  known: Known,
  services: Services
): Promise<Evidence[]> {
  const reader: Reader = { unread: [] }
  const { instance } = known
  const place = {
    name: desired.identity.name,
    subscriptionId: names.identitySubscriptionId ?? '',
    resourceGroup: names.identityResourceGroup ?? ''
  }
  const identity = await orUnread(reader, `the identity ${place.name}`, () => services.identities.get(place))
  const api = instance && services.kubernetes(instance.clusterId)
  const nothing = Promise.resolve({})
  const wants = (...some: readonly Part[]): boolean => some.some((part) => parts.has(part))
  const issuer = known.cluster?.issuerUrl
  const applications =
    instance && wants('connections', 'complaints')
      ? await orUnread(reader, 'Applications', () =>
          services.argocd(instance.clusterId).applications(instance.scope)
        )
      : undefined
  const read = await Promise.all([
    instance && api && wants('workload') ? readWorkload(instance, api, reader) : nothing,
    api && wants('webhook') ? readWebhook(api, reader) : nothing,
    instance && api && wants('events') ? readEvents(instance, api, reader) : nothing,
    instance && api && wants('network') ? readNetwork(instance, api, reader) : nothing,
    instance && wants('trust') && identity ? readTrust(instance, place, services, reader) : nothing,
    instance && wants('connections')
      ? readConnections(
          instance,
          desired.repositories,
          { kind: desired.connection, project: desired.argocdProject },
          applications,
          services,
          reader
        )
      : nothing,
    instance && wants('commitServer') ? readCommitServer(instance, place, issuer, services, reader) : nothing,
    instance?.clusterId !== undefined && instance.extension && wants('extension')
      ? readExtension(instance.clusterId, services, reader)
      : nothing
  ])
  const organizations =
    identity && wants('membership', 'repositories')
      ? await mapBounded(desired.organizations.slice(0, MOST), async (one) => ({
          name: one.name,
          ...(await readOrganization(
            one,
            identity.principalId,
            desired.access,
            services.devops(one.name),
            reader
          ))
        }))
      : []
  const urls = desired.repositories.map(({ url }) => url)
  const evidence: Evidence = Object.assign(
    { names, unread: reader.unread, ...complaintsAbout(urls, applications) },
    ...read
  ) as Evidence
  const annotated = evidence.workload?.annotations?.[CLIENT_ID]
  const named =
    annotated === undefined || annotated === identity?.clientId
      ? undefined
      : await orUnread(reader, 'the identity that the pods name', () =>
          services.identities.withClientId(place, annotated)
        )
  const whole: Evidence = {
    ...evidence,
    clocks: services.clocks(),
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
  if (organizations.length === 0) return [whole]
  return organizations.map(({ name, ...of }) => ({ ...whole, ...of, names: namesIn(name, names, desired) }))
}

/** The organization that remedies are about. */
function namesIn(organization: string, names: Names, { repositories }: DesiredChain): Names {
  const own = repositories.filter((one) => one.organization === organization)
  return { ...names, organization, ...(own.length > 0 && { repositories: own }) }
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
