/**
 * Nothing is left behind. Before the life begins: what is there that is somebody's, and whether an earlier run was killed.
 * After it, however it ended: first as the product does it, then by hand whatever is still there.
 */
import {
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
import { MADE_SECRETS } from './defects.ts'
import type { Hand } from './hand.ts'
import { NotStarted } from './settings.ts'

const ANNOTATIONS = [
  'azure.workload.identity/client-id',
  'azure.workload.identity/tenant-id',
  'patless/client-id'
]
const MARK = 'app.kubernetes.io/managed-by'

/** @returns whether an earlier run has left something. @throws {NotStarted} when what is there is somebody's */
export async function findLeftovers(hand: Hand): Promise<boolean> {
  const [identity, account, secrets] = await Promise.all([identityOf(hand), accountOf(hand), secretsOf(hand)])
  const { identity: name, namespace, repositoryUrl } = hand.settings
  if (!account) throw new NotStarted(`There is no Argo CD in the namespace ${namespace}.`)
  if (identity && identity.tags['managed-by'] !== 'patless')
    throw new NotStarted(`The identity ${name} is somebody's. Name another one: PATLESS_LIVE_IDENTITY.`)
  const client = account.metadata.annotations?.[ANNOTATIONS[0] ?? '']
  if (client !== undefined && client !== identity?.clientId && !isOfDefect(client))
    throw new NotStarted(
      `The Argo CD in ${namespace} already has an identity (${client}), which this suite would change.`
    )
  const others = secrets.filter(({ metadata }) => !isMade(metadata))
  if (others.length > 0)
    throw new NotStarted(
      `${repositoryUrl} already has a Secret in ${namespace}, which this suite would change.`
    )
  return identity !== undefined || client !== undefined || secrets.length > 0
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
      if (isMade(metadata)) await deleteSecret(hand, metadata.name)
    for (const secret of MADE_SECRETS) await deleteSecret(hand, secret)
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

function isMade({
  name,
  labels
}: {
  readonly name: string
  readonly labels?: Readonly<Record<string, string>>
}): boolean {
  return labels?.[MARK] === 'patless' || MADE_SECRETS.includes(name)
}

/** What defects.ts writes. */
function isOfDefect(clientId: string): boolean {
  return clientId === '00000000-0000-0000-0000-00000000dead'
}
