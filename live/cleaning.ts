/**
 * Nothing is left behind. Before the life begins: what is there that is somebody's, and whether an earlier run was killed.
 * After it, however it ended: first as the product does it, then by hand whatever is still there.
 */
import {
  ACCOUNT,
  accountOf,
  annotate,
  deleteIdentity,
  deleteSecret,
  identityOf,
  labelPods,
  memberOf,
  removeMember,
  secretsOf,
  type Identity
} from './chain.ts'
import { COPY, OTHER_CLIENT } from './defects.ts'
import type { Hand } from './hand.ts'
import { NotStarted } from './settings.ts'

const CLIENT_ID = 'azure.workload.identity/client-id'
const ANNOTATIONS = [CLIENT_ID, 'azure.workload.identity/tenant-id', 'patless/client-id']

/** @returns whether an earlier run has left something. @throws {NotStarted} when what is there is somebody's */
export async function findLeftovers(hand: Hand): Promise<boolean> {
  const [identity, account, secrets] = await Promise.all([identityOf(hand), accountOf(hand), secretsOf(hand)])
  const { identity: name, namespace, repositoryUrl } = hand.settings
  if (!account) throw new NotStarted(`There is no Argo CD in the namespace ${namespace}.`)
  if (identity && identity.tags['managed-by'] !== 'patless')
    throw new NotStarted(`The identity ${name} is somebody's. Name another one: PATLESS_LIVE_IDENTITY.`)
  const client = account.metadata.annotations?.[CLIENT_ID]
  // Patless's marks alone are no proof: somebody may use it on this very Argo CD.
  if (client !== undefined && client !== identity?.clientId && !(identity && client === OTHER_CLIENT))
    throw new NotStarted(
      `The Argo CD in ${namespace} has an identity (${client}), which this suite would change. Where it is one that a killed run has deleted: kubectl annotate -n ${namespace} serviceaccount ${ACCOUNT} ${CLIENT_ID}-`
    )
  const others = secrets.filter(
    ({ metadata: { name: secret, labels } }) => !isMade(secret, labels) || (!identity && secret !== COPY)
  )
  if (others.length > 0)
    throw new NotStarted(
      `${repositoryUrl} has a Secret in ${namespace} (${others.map(({ metadata }) => metadata.name).join(', ')}), which this suite would change.`
    )
  return identity !== undefined || secrets.length > 0
}

/**
 * By hand, in the order of dependence; each part also when another one fails.
 *
 * @param principals object ids of every identity of this run
 * @returns what could not be taken away
 */
export async function sweep(hand: Hand, principals: Iterable<string>): Promise<string[]> {
  const left: string[] = []
  const attempt = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    await work().catch((error: unknown) => {
      left.push(`${what}: ${error instanceof Error ? error.message : String(error)}`)
    })
  }
  const { identity: name, namespace, organization } = hand.settings
  let identity: Identity | undefined
  await attempt(`identity ${name}`, async () => (identity = await identityOf(hand)))
  await attempt(`Secrets in ${namespace}`, async () => {
    for (const { metadata } of await secretsOf(hand))
      if (isMade(metadata.name, metadata.labels)) await deleteSecret(hand, metadata.name)
    await deleteSecret(hand, COPY)
  })
  await attempt(`annotations in ${namespace}`, async () => {
    const annotated = Object.keys((await accountOf(hand))?.metadata.annotations ?? {})
    if (!annotated.some((key) => ANNOTATIONS.includes(key))) return
    await annotate(hand, Object.fromEntries(ANNOTATIONS.map((key) => [key, null])))
    await labelPods(hand, null)
  })
  const known = new Set([...principals, ...(identity ? [identity.principalId] : [])])
  for (const principalId of known)
    await attempt(`member ${principalId} of ${organization}`, async () => {
      const member = await memberOf(hand, principalId)
      if (member) await removeMember(hand, member)
    })
  if (identity) await attempt(`identity ${name}`, () => deleteIdentity(hand))
  return left
}

function isMade(name: string, labels: Readonly<Record<string, string>> = {}): boolean {
  return labels['app.kubernetes.io/managed-by'] === 'patless' || name === COPY
}
