/**
 * How many federated credentials the targets of a file need of each identity. Entra allows 20 per identity
 * (learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations), and writes to them must not
 * overlap. Identity bindings of AKS, which need only one, do not help Argo CD yet: docs/targets.md.
 */
import type { DesiredChain } from '../config/desired.ts'
import { groupBy } from '../core/group-by.ts'
import { mapBounded } from '../core/concurrency.ts'
import { warning, type Finding } from '../core/finding.ts'
import { input } from '../core/input-name.ts'
import { word } from '../core/shell.ts'
import { explain } from '../diagnosis/explain.ts'
import type { PlannedIdentity } from '../report/fleet-plan.ts'
import type { IdentityPlace } from '../services/azure/managed-identities.ts'
import { connectAzure } from './azure-login.ts'
import type { RunHost } from './run.ts'

const LIMIT = 20
const NEARLY = 18
/** Lists of identities at a time: a fleet of 1,000 clusters has about 60 of them. */
const AT_ONCE = 32
/** Names in a message. */
const SHOWN = 5

export interface Budget {
  readonly identities: {
    readonly planned: readonly PlannedIdentity[]
    /** The same for targets that use the same identity. */
    readonly keyOf: (desired: DesiredChain) => string
  }
  readonly findings: readonly Finding[]
  readonly login: string
}

interface Shared {
  readonly name: string
  readonly users: readonly DesiredChain[]
  /** Where it is; undefined: only its clusters know. */
  readonly place: IdentityPlace | undefined
}

/** @param host its login is used only when several targets share an identity */
export async function budgetOf(
  desired: readonly DesiredChain[],
  host: RunHost,
  signal: AbortSignal
): Promise<Budget> {
  const all = [...groupBy(desired, keyOf).values()].map(sharedOf)
  const asked = all.filter(({ users, place }) => place !== undefined && users.length > 1)
  const { known, findings, login } = await credentialsOf(asked, host, signal)
  return {
    identities: {
      planned: all.map((one) => {
        const others = known.get(one)
        return { name: one.name, targets: one.users.length, ...(others && { others }) }
      }),
      keyOf
    },
    findings: [...findings, ...all.flatMap((one) => fullness(one, known.get(one)))],
    login
  }
}

/** Without a resource group of its own, an identity is beside its cluster, so it is that cluster's alone. */
function keyOf(desired: DesiredChain): string {
  const { identity, cluster } = desired
  const { name, resourceGroup } = identity
  const subscription = subscriptionOf(desired) ?? ''
  const place = resourceGroup ?? (cluster.kind === 'oidc' ? '' : (cluster.resourceGroup ?? cluster.name))
  return [subscription, place, name].join('/').toLowerCase()
}

function subscriptionOf({ identity, cluster }: DesiredChain): string | undefined {
  return (
    identity.subscriptionId ??
    (cluster.kind === 'oidc' ? cluster.place.subscriptionId : cluster.subscriptionId)
  )
}

function sharedOf(users: readonly DesiredChain[]): Shared {
  const [first] = users
  const subscriptionId = first && subscriptionOf(first)
  const name = first?.identity.name ?? ''
  const resourceGroup = first?.identity.resourceGroup
  const place =
    subscriptionId === undefined || resourceGroup === undefined
      ? undefined
      : { subscriptionId, resourceGroup, name }
  return { name, users, place }
}

/** The credentials of each that are of none of its users. */
async function credentialsOf(
  asked: readonly Shared[],
  host: RunHost,
  signal: AbortSignal
): Promise<{ known: Map<Shared, string[]>; findings: Finding[]; login: string }> {
  const known = new Map<Shared, string[]>()
  const [first] = asked
  const user = first?.users[0]
  if (!user) return { known, findings: [], login: 'none' }
  const findings: Finding[] = []
  try {
    const services = await connectAzure(user, host, signal, findings)
    await mapBounded(
      asked,
      async (one) => {
        if (one.place) known.set(one, othersOf(one, await services.identities.credentials(one.place)))
      },
      AT_ONCE
    )
    return { known, findings, login: services.login.description }
  } catch (error) {
    const { summary } = await explain(error)
    const problem = warning({
      id: 'fleet/credentials-unknown',
      summary: `The federated credentials that ${names(asked)} have already are not counted: ${summary}`,
      remedy: `give plan a login that may read the identities (${input('client-id')}), or count with the portal that each has room`
    })
    return { known, findings: [...findings, problem], login: 'none' }
  }
}

/** Patless names a credential by the cluster that it is for. */
function othersOf({ users }: Shared, credentials: readonly { readonly name: string }[]): string[] {
  const own = users.map(({ cluster }) => `argocd-${cluster.name}-`.toLowerCase())
  return credentials
    .map(({ name }) => name)
    .filter((name) => !own.some((prefix) => name.toLowerCase().startsWith(prefix)))
}

function fullness({ name, users, place }: Shared, others: readonly string[] = []): Finding[] {
  const total = users.length + others.length
  if (total < NEARLY) return []
  const foreign =
    others.length === 0
      ? ''
      : `, and ${others.length} of something else (${others.slice(0, SHOWN).join(', ')}${others.length > SHOWN ? ', …' : ''})`
  const facts = {
    summary: `The identity ${name} is for ${users.length} targets${foreign}; Entra allows ${LIMIT} federated credentials.`,
    remedy: `raise identities in the file, or give some targets another ${input('identity-name')}`,
    ...(place && {
      command: `az identity federated-credential list -g ${word(place.resourceGroup)} --identity-name ${word(name)} --query "[].{name: name, issuer: issuer, subject: subject}" -o table`
    }),
    link: 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations'
  }
  return total > LIMIT
    ? [{ ...facts, id: 'fleet/identity-full', severity: 'error' }]
    : [warning({ ...facts, id: 'fleet/identity-nearly-full' })]
}

function names(all: readonly Shared[]): string {
  const shown = all.slice(0, SHOWN).map(({ name }) => name)
  return `${shown.join(', ')}${all.length > SHOWN ? ` and ${all.length - SHOWN} more` : ''}`
}
