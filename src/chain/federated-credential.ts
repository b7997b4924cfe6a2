/**
 * Entra trusts the tokens that this cluster issues for Argo CD's repo-server.
 *
 * Limits that shape this file (Entra: workload identity federation considerations): 20 credentials per identity;
 * issuer and subject unique per identity and compared byte for byte; writes to one identity must not overlap.
 */
import { createHash } from 'node:crypto'
import type { FederatedCredential, IdentityPlace } from '../services/azure/managed-identities.ts'
import { Problem } from '../core/problem.ts'
import type { ChainHop } from './resource.ts'
import { NOT_OURS, readElsewhere } from '../engine/dependents.ts'
import type { Change } from '../engine/outcome.ts'
import { word } from '../core/shell.ts'

const LIMIT = 20

interface Want {
  readonly identity: IdentityPlace
  /** Names the credential, so that a recreated cluster finds its own again. */
  readonly cluster: { readonly id: string | undefined; readonly name: string }
  readonly issuer: string
  readonly subject: string
  readonly audience: string
  /** As they were read while Argo CD was looked for; undefined when they could not be. */
  readonly known: readonly FederatedCredential[] | undefined
}

export const federatedCredential: ChainHop<Want, readonly FederatedCredential[], Want> = {
  name: 'federated-credential',
  observe: async ({ identity, known }, { identities }, fresh) =>
    (fresh ? undefined : known) ?? identities.credentials(identity),
  exists: (seen) => seen.length > 0,
  compare: (want, seen) => changesOf(want, nearest(want, seen)),
  given: (want) => want,
  summary: ({ issuer, subject }) => `${subject} of ${issuer}`,

  async apply(want, seen, { identities }) {
    const near = nearest(want, seen)
    if (!near && seen.length >= LIMIT) throw limitReached(want)
    const { issuer, subject, audience } = want
    const name = near?.name ?? nameFor(want)
    await identities.putCredential(want.identity, { name, issuer, subject, audiences: [audience] })
  },

  others: (want, seen) => ({
    credentials: seen.filter((one) => one !== nearest(want, seen)).map(({ name }) => name)
  }),

  belonging(want, seen, { repositories, identity }) {
    const near = nearest(want, seen)
    // A credential without its identity is an older answer: another look decides.
    if (!near || identity === 'absent') return undefined
    const what = `federated credential ${near.name} of ${want.identity.name}`
    if (repositories.length > 0) return { what, keep: readElsewhere(repositories) }
    if (identity !== 'ours') return { what, keep: NOT_OURS }
    const why = whyForeign(want, near)
    return why === undefined ? { what } : { what, keep: `not provably made by Patless: ${why}` }
  },

  async remove(want, seen, { identities }) {
    const ours = nearest(want, seen)
    if (ours) await identities.removeCredential(want.identity, ours.name)
  }
}

/** Which credential is for this subject: the one that has the pair, whoever made it, else the one that we named. */
function nearest(want: Want, seen: readonly FederatedCredential[]): FederatedCredential | undefined {
  return (
    seen.find(({ issuer, subject }) => issuer === want.issuer && subject === want.subject) ??
    seen.find(({ name }) => name === nameFor(want))
  )
}

/** Why a credential is not, all of it, what Patless writes; its name says for which cluster and subject it was made. */
export function whyForeign(want: Want, { name, ...found }: FederatedCredential): string | undefined {
  if (name !== nameFor(want)) return `its name is not ${nameFor(want)}`
  const [change] = differences(want, { name, ...found })
  return change && `its ${change.field} is ${change.found ?? 'empty'}`
}

/** One that somebody else named is not changed: no second one may have its issuer and subject. */
function changesOf(want: Want, near: FederatedCredential | undefined): Change[] {
  const changes = differences(want, near)
  if (!near || near.name === nameFor(want)) return changes
  const { resourceGroup, name } = want.identity
  const blocked = {
    what: `The federated credential ${near.name} of ${name} is not as wanted, and its name is none that Patless gives.`,
    remedy: `correct it, or delete it and run again: az identity federated-credential delete -g ${word(resourceGroup)} --identity-name ${word(name)} -n ${word(near.name)}`
  }
  return changes.map((change) => ({ ...change, blocked }))
}

function differences(want: Want, near: FederatedCredential | undefined): Change[] {
  if (!near) {
    return [
      { field: 'federated credential', expected: `${want.subject} of ${want.issuer}`, found: undefined }
    ]
  }
  const fields: Change[] = [
    { field: 'issuer', expected: want.issuer, found: near.issuer },
    { field: 'subject', expected: want.subject, found: near.subject },
    { field: 'audiences', expected: want.audience, found: near.audiences.join(', ') }
  ]
  return fields.filter(({ expected, found }) => expected !== found)
}

/** 3 to 120 letters, digits, - and _; the hash keeps clusters of one name in two groups apart. */
export function nameFor({ cluster, subject }: Pick<Want, 'cluster' | 'subject'>): string {
  const hash = createHash('sha256')
    .update(`${(cluster.id ?? cluster.name).toLowerCase()} ${subject}`)
    .digest('hex')
    .slice(0, 8)
  const [, , namespace = '', account = ''] = subject.split(':')
  const text = `argocd-${cluster.name}-${namespace}-${account}`.replaceAll(/[^\w-]/g, '-')
  return `${text.slice(0, 110)}-${hash}`
}

function limitReached({ identity }: Want): Problem {
  return new Problem({
    what: `The identity ${identity.name} already has ${LIMIT} federated credentials, the most Entra allows.`,
    remedy: `remove one that is no longer used (az identity federated-credential list -g ${word(identity.resourceGroup)} --identity-name ${word(identity.name)}), or set identity-name to another identity`,
    link: 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations'
  })
}
