/**
 * Which identity a service account, or the setting behind it, carries. Another identity than the target's may be in
 * use, for charts from a registry for example: Patless replaces it only when Patless wrote it or when it no longer
 * exists.
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

/** The identity on an account when it is not the target's and exists or may exist. */
export interface Holder {
  readonly clientId: string
  /** undefined: not among the identities that the login may list. */
  readonly place: IdentityPlace | undefined
}

/** The client id on the account, when it is not the target's and Patless did not write it. */
export function foreignClient({ clientId }: Identified, workload: Workload): string | undefined {
  const annotations = annotationsOf(workload)
  const found = annotations[CLIENT_ID]
  if (found === undefined || found === '' || found === clientId) return undefined
  return annotations[WROTE_CLIENT] === found ? undefined : found
}

/**
 * The tenant on the account, when somebody else chose it. Next to the target's client id it is merely wrong, because
 * an identity has one tenant.
 */
export function foreignTenant({ clientId, tenantId }: Identified, workload: Workload): string | undefined {
  const annotations = annotationsOf(workload)
  const found = annotations[TENANT_ID]
  if (found === undefined || found === '' || found === tenantId) return undefined
  if (clientId !== '' && annotations[CLIENT_ID] === clientId) return undefined
  const ours = annotations[CLIENT_ID] !== undefined && annotations[WROTE_CLIENT] === annotations[CLIENT_ID]
  return ours || annotations[WROTE_TENANT] === found ? undefined : found
}

/** The client id goes into a command that the user copies. */
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** @param replace the command that replaces the identity; where the present one is not known, another shows it first */
export function inUse(
  where: string,
  { clientId, place }: Holder,
  { clientId: wanted, identity }: Identified,
  replace: string
): FindingFacts {
  const named = place === undefined ? '' : ` (${place.name} in ${place.resourceGroup})`
  const shows =
    place === undefined && GUID.test(clientId)
      ? `az identity list --query ${word(`[?clientId=='${clientId}'].{name:name,resourceGroup:resourceGroup}`)} -o table`
      : undefined
  const adopt =
    place === undefined && !GUID.test(clientId)
      ? 'find out what wrote it: no identity can have this client id'
      : place === undefined
        ? `set ${input('identity-name')} and ${input('identity-resource-group')} to those that the first command shows`
        : place.subscriptionId.toLowerCase() === identity.subscriptionId.toLowerCase()
          ? `set ${input('identity-name', place.name)} and ${input('identity-resource-group', place.resourceGroup)}`
          : `set ${input('identity-name', place.name)}, ${input('identity-resource-group', place.resourceGroup)} and ${input('identity-subscription-id', place.subscriptionId)}`
  return {
    id: 'workload/other-identity',
    summary: `${where} carries another identity: client id ${clientId}${named}. Something may use it, so Patless does not replace it.`,
    expected: wanted === '' ? `the identity ${identity.name}` : wanted,
    actual: clientId,
    remedy: `to use that identity, ${adopt}; to replace it, run the ${shows === undefined ? 'command' : 'second command'}`,
    command: shows === undefined ? replace : `${shows}\n${replace}`,
    link: 'https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html'
  }
}

/** The command that corrects the account's annotation; it removes the annotation while the client id is unknown. */
export function annotateCommand({ instance, clientId }: Identified): string {
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
    summary: `The service account ${namespace}/${account} names another tenant than the identity's: ${found}. Something may use it, so Patless does not replace it.`,
    expected: wanted,
    actual: found,
    remedy: `give the repo-server a service account of its own, or remove the tenant`,
    command: `kubectl -n ${word(namespace)} annotate serviceaccount ${word(account)} ${TENANT_ID}-`
  }
}
