/**
 * Whose identity a service account (or the setting that makes it) carries. Another one than ours is in use there, for
 * charts from a registry, say: it is neither replaced nor adopted, unless Patless wrote it or it is gone.
 */
import type { IdentityPlace } from '../services/azure/managed-identities.ts'
import type { FindingFacts } from '../core/finding.ts'
import {
  annotationsOf,
  CLIENT_ID,
  TENANT_ID,
  WROTE_CLIENT,
  WROTE_TENANT,
  type Identified,
  type Workload
} from './identity.ts'
import { word } from '../core/shell.ts'
import { input } from '../core/input-name.ts'

/** An identity that is not ours and still exists, or may. */
export interface Holder {
  readonly clientId: string
  /** undefined: not among the identities the login may list. */
  readonly place: IdentityPlace | undefined
}

/** The client id that the account carries and that Patless neither wants nor wrote. */
export function foreignClient({ clientId }: Identified, workload: Workload): string | undefined {
  const annotations = annotationsOf(workload)
  const found = annotations[CLIENT_ID]
  if (found === undefined || found === '' || found === clientId) return undefined
  return annotations[WROTE_CLIENT] === found ? undefined : found
}

/**
 * A tenant that somebody else chose. With our own client id beside it, it is only wrong: an identity has one tenant.
 */
export function foreignTenant({ clientId, tenantId }: Identified, workload: Workload): string | undefined {
  const annotations = annotationsOf(workload)
  const found = annotations[TENANT_ID]
  if (found === undefined || found === '' || found === tenantId) return undefined
  if (clientId !== '' && annotations[CLIENT_ID] === clientId) return undefined
  const ours = annotations[CLIENT_ID] !== undefined && annotations[WROTE_CLIENT] === annotations[CLIENT_ID]
  return ours || annotations[WROTE_TENANT] === found ? undefined : found
}

/** What was found becomes part of a command that is to be copied. */
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** @param replace the command that gives the identity up */
export function inUse(
  where: string,
  { clientId, place }: Holder,
  { clientId: wanted, identity }: Identified,
  replace: string
): FindingFacts {
  const named = place === undefined ? '' : ` (${place.name} in ${place.resourceGroup})`
  const adopt =
    place === undefined && !GUID.test(clientId)
      ? 'see what made it: no identity has such a client id'
      : place === undefined
        ? `set ${input('identity-name')} and ${input('identity-resource-group')} to those of this identity (az identity list --query ${word(`[?clientId=='${clientId}'].{name:name,resourceGroup:resourceGroup}`)} -o table)`
        : place.subscriptionId.toLowerCase() === identity.subscriptionId.toLowerCase()
          ? `set ${input('identity-name', place.name)} and ${input('identity-resource-group', place.resourceGroup)}`
          : `move to the subscription of this identity (${place.subscriptionId})`
  return {
    id: 'workload/other-identity',
    summary: `${where} carries another identity: client id ${clientId}${named}. Something may use it, so it is not replaced.`,
    expected: wanted === '' ? `the identity ${identity.name}` : wanted,
    actual: clientId,
    remedy: `to use the identity found, ${adopt}; to give it up, ${replace}`,
    link: 'https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html'
  }
}

/** The way out for an annotation of the account: the wanted value, or none as long as it is not known. */
export function annotating({ instance, clientId }: Identified): string {
  const { namespace, account } = instance
  const value = clientId === '' ? `${CLIENT_ID}-` : `${word(`${CLIENT_ID}=${clientId}`)} --overwrite`
  return `kubectl -n ${word(namespace)} annotate serviceaccount ${word(account)} ${value}`
}

export function otherTenant(want: Identified, found: string): FindingFacts {
  const { instance, tenantId } = want
  const { namespace, account } = instance
  const wanted = tenantId === '' ? 'the tenant of the identity' : tenantId
  return {
    id: 'workload/other-tenant',
    summary: `The service account ${namespace}/${account} names another tenant than that of the identity: ${found}. Something may use it, so it is not replaced.`,
    expected: wanted,
    actual: found,
    remedy: `give the repo-server a service account of its own, or give the tenant up: kubectl -n ${word(namespace)} annotate serviceaccount ${word(account)} ${TENANT_ID}-`
  }
}
