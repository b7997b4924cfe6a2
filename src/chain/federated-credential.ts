/**
 * Entra trusts the tokens that this cluster issues for Argo CD's repo-server.
 *
 * Limits that shape this file (Entra: workload identity federation considerations): 20 credentials per identity;
 * issuer and subject unique per identity and compared byte for byte; writes to one identity must not overlap.
 */
import { createHash } from 'node:crypto'
import type { ListedCredential } from '../services/azure/listed-credential.ts'
import type { IdentityPlace } from '../services/azure/managed-identities.ts'
import { note, warning, Problem, type Finding, type FindingFacts } from '../core/finding.ts'
import type { ChainResource } from './resource.ts'
import { NOT_OURS, readElsewhere } from './dependents.ts'
import type { Difference } from '../engine/outcome.ts'
import { word } from '../core/shell.ts'
import { input } from '../core/input-name.ts'

const LIMIT = 20
const NEARLY = 18

interface Spec {
  readonly identity: IdentityPlace
  /** Part of the credential's name, so that a recreated cluster finds its own credential again. */
  readonly cluster: { readonly id: string | undefined; readonly name: string }
  readonly issuer: string
  readonly subject: string
  readonly audience: string
  /** Credentials that the discovery of Argo CD read; undefined when it could not read them. */
  readonly known: readonly ListedCredential[] | undefined
}

export const federatedCredential: ChainResource<Spec, readonly ListedCredential[], Spec> = {
  kind: 'federated-credential',
  read: async ({ identity, known }, { identities }, { fresh }) =>
    (fresh ? undefined : known) ?? identities.credentials(identity),

  assess(spec, state) {
    const near = nearest(spec, state)
    return {
      exists: state.length > 0,
      differences: differencesOf(spec, near),
      findings: [
        ...anotherForm(
          spec,
          state.filter((one) => one !== near)
        ),
        ...full(spec, near, state.length),
        ...nearlyFull(spec, near === undefined ? state.length + 1 : state.length)
      ],
      output: spec,
      summary: `${spec.subject} of ${spec.issuer}`,
      dependents: { credentials: state.filter((one) => one !== near).map(({ name }) => name) }
    }
  },

  async apply(spec, state, { identities }) {
    const near = nearest(spec, state)
    if (!near && state.length >= LIMIT) throw new Problem(limitReached(spec))
    const { issuer, subject, audience } = spec
    const name = near?.name ?? nameFor(spec)
    await identities.putCredential(spec.identity, { name, issuer, subject, audiences: [audience] })
  },

  planDelete(spec, state, { repositories, identity }) {
    const near = nearest(spec, state)
    // A credential without its identity comes from a stale response: the next read decides.
    if (!near || identity === 'absent') return undefined
    const what = `federated credential ${near.name} of ${spec.identity.name}`
    if (repositories.length > 0) return { what, retain: readElsewhere(repositories) }
    if (identity !== 'ours') return { what, retain: NOT_OURS }
    const why = whyForeign(spec, near)
    return why === undefined ? { what } : { what, retain: `not provably made by Patless: ${why}` }
  },

  async delete(spec, state, { identities }) {
    const ours = nearest(spec, state)
    if (ours) await identities.removeCredential(spec.identity, ours.name)
  }
}

/** The credential with this issuer and subject, whoever made it; otherwise the one with the name that Patless gives. */
function nearest(spec: Spec, state: readonly ListedCredential[]): ListedCredential | undefined {
  return (
    state.find(({ issuer, subject }) => issuer === spec.issuer && subject === spec.subject) ??
    state.find(({ name }) => name === nameFor(spec))
  )
}

/** Why a credential is not exactly what Patless writes. Its name identifies the cluster and subject it was made for. */
export function whyForeign(spec: Spec, { name, ...found }: ListedCredential): string | undefined {
  if (name !== nameFor(spec)) return `its name is not ${nameFor(spec)}`
  const [change] = differences(spec, { name, ...found })
  return change && `its ${change.field} is ${change.actual ?? 'empty'}`
}

/**
 * Blocks the differences of a credential that somebody else named. A second credential is no way out: issuer and
 * subject are unique per identity.
 */
function differencesOf(spec: Spec, near: ListedCredential | undefined): Difference[] {
  const changes = differences(spec, near)
  if (!near || near.name === nameFor(spec)) return changes
  const { resourceGroup, name } = spec.identity
  const blocked: FindingFacts = {
    id: 'federated-credential/not-ours',
    summary: `The federated credential ${near.name} of ${name} differs from what the chain needs, and Patless did not name it.`,
    remedy: 'correct it, or delete it and run again',
    command: `az identity federated-credential delete -g ${word(resourceGroup)} --identity-name ${word(name)} -n ${word(near.name)}`
  }
  return changes.map((change) => ({ ...change, blocked }))
}

function differences(spec: Spec, near: ListedCredential | undefined): Difference[] {
  if (!near) {
    return [
      { field: 'federated credential', expected: `${spec.subject} of ${spec.issuer}`, actual: undefined }
    ]
  }
  const fields: Difference[] = [
    { field: 'issuer', expected: spec.issuer, actual: near.issuer },
    { field: 'subject', expected: spec.subject, actual: near.subject },
    { field: 'audiences', expected: spec.audience, actual: near.audiences?.join(', ') }
  ]
  return fields.filter(({ expected, actual: found }) => expected !== found)
}

/** 3 to 120 letters, digits, - and _; the hash distinguishes clusters of the same name in two resource groups. */
export function nameFor({ cluster, subject }: Pick<Spec, 'cluster' | 'subject'>): string {
  const hash = createHash('sha256')
    .update(`${(cluster.id ?? cluster.name).toLowerCase()} ${subject}`)
    .digest('hex')
    .slice(0, 8)
  const [, , namespace = '', account = ''] = subject.split(':')
  const text = `argocd-${cluster.name}-${namespace}-${account}`.replaceAll(/[^\w-]/g, '-')
  return `${text.slice(0, 110)}-${hash}`
}

/**
 * A flexible credential (claimsMatchingExpression) has no subject, and other forms may follow. They count toward the
 * limit and are left unchanged.
 */
function anotherForm({ identity }: Spec, others: readonly ListedCredential[]): Finding[] {
  const names = others
    .filter(({ issuer, subject, audiences }) => [issuer, subject, audiences].includes(undefined))
    .map(({ name }) => name)
  if (names.length === 0) return []
  return [
    note({
      id: 'federated-credential/another-form',
      summary: `The identity ${identity.name} has credentials without issuer, subject or audiences, which are not compared: ${names.join(', ')}.`,
      remedy: 'none is needed: they are left as they are'
    })
  ]
}

/** Worth a warning while there is time to move: each further cluster or service account takes one. */
function nearlyFull({ identity }: Spec, count: number): Finding[] {
  if (count < NEARLY || count > LIMIT) return []
  return [
    warning({
      id: 'federated-credential/nearly-full',
      summary: `The identity ${identity.name} has ${count} of at most ${LIMIT} federated credentials.`,
      remedy: `remove those that are no longer used, or give further clusters another identity (${input('identity-name')})`,
      command: `az identity federated-credential list -g ${word(identity.resourceGroup)} --identity-name ${word(identity.name)} --query "[].{name: name, issuer: issuer, subject: subject}" -o table`,
      link: 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations'
    })
  ]
}

/** Before the first write: an identity without room is found while nothing is half done. */
function full(spec: Spec, near: ListedCredential | undefined, count: number): Finding[] {
  return near || count < LIMIT ? [] : [{ ...limitReached(spec), severity: 'error' }]
}

function limitReached({ identity }: Spec): FindingFacts {
  return {
    id: 'federated-credential/limit-reached',
    summary: `The identity ${identity.name} already has ${LIMIT} federated credentials, the most Entra allows.`,
    remedy: `remove one that is no longer used, or set ${input('identity-name')} to another identity`,
    command: `az identity federated-credential list -g ${word(identity.resourceGroup)} --identity-name ${word(identity.name)} --output table`,
    link: 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations'
  }
}
