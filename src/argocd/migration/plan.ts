/**
 * Which Secrets are migrated, in which order and how many at a time; which wait, and for what; which have to stay. Pure.
 */
import { organizationInHost } from '../../core/azure-repos.ts'
import type { FindingFacts } from '../../core/finding.ts'
import { input } from '../../core/input-name.ts'
import { word } from '../../core/shell.ts'
import { withoutCredentials } from '../../core/text.ts'
import type { Application } from '../../services/kubernetes/argocd-objects.ts'
import type { ReasonId } from '../../core/credential-words.ts'
import type { StoredCredential } from '../inventory/credential.ts'
import { secretPatch } from '../managers.ts'
import type { Entry } from '../secrets.ts'
import { hasPrefix, sameUrl } from '../urls.ts'
import { distinct, servedBy } from './users.ts'

/** A Secret that is to be switched. */
export interface Move {
  /** Name of the Secret. */
  readonly secret: string
  readonly kind: 'repository' | 'template'
  readonly url: string
  readonly project: string
  /** Uid of the Secret that was planned for. */
  readonly uid: string
  /** The repositories that it serves. */
  readonly urls: readonly string[]
  /** Those that the identity must be able to read before it is switched: where it serves none, others below its prefix. */
  readonly proof: readonly string[]
  readonly applications: readonly Application[]
  /** Objects that hold the same credential, as `kind namespace/name`. */
  readonly shared: readonly string[]
}

/** A stored credential that is not moved. `stays`: it has to; `waits`: it could go, but something is in the way. */
export interface NotMoved {
  readonly credential: StoredCredential
  readonly state: 'stays' | 'waits'
  readonly finding: FindingFacts
}

export interface Plan {
  /** The canary alone, then the others, a few at a time. */
  readonly batches: readonly (readonly Move[])[]
  readonly rest: readonly NotMoved[]
}

export interface Planned {
  readonly credentials: readonly StoredCredential[]
  readonly entries: readonly Entry[]
  readonly applications: readonly Application[]
  /** URLs of ApplicationSets, which templates serve, too. */
  readonly setUrls: readonly string[]
  /** Of Argo CD. */
  readonly namespace: string
}

export interface Choice {
  /** Only Secrets that serve one of these; empty: all. */
  readonly urls: readonly string[]
  /** Name of a Secret or URL of a repository; undefined: the Secret with the fewest Applications. */
  readonly canary: string | undefined
  readonly batchSize: number
  /** The organization of a repository of Azure Repos; undefined for any other URL, to which no token of the identity may go. */
  readonly organizationOf: (url: string) => string | undefined
}

export function planMigration(planned: Planned, choice: Choice): Plan {
  const rest: NotMoved[] = []
  const moves: Move[] = []
  for (const credential of planned.credentials) {
    const decided = decide(credential, planned, choice)
    if (!decided) continue
    if ('state' in decided) rest.push(decided)
    else moves.push(decided)
  }
  return { batches: batchesOf(moves, choice), rest }
}

function decide(credential: StoredCredential, planned: Planned, choice: Choice): Move | NotMoved | undefined {
  const { entries, applications, setUrls, namespace } = planned
  const { kind, ref, reasons, manager } = credential
  const entry = entries.find(({ secret }) => secret === ref.name)
  const mine = ref.kind === 'Secret' && ref.namespace === namespace ? entry : undefined
  const served = mine && servedBy(mine.secret, entries, applications, setUrls)
  const urls = served?.urls ?? []
  // Who serves nobody now is tried with what others read below its prefix: it may serve them tomorrow.
  const below = [...applications.flatMap(({ sources }) => sources.map(({ url }) => url)), ...choice.urls]
  const proof =
    urls.length > 0 || mine?.kind !== 'repo-creds'
      ? urls
      : distinct(below.filter((url) => hasPrefix(url, mine.url)))
  const asked = choice.urls.length === 0 || choice.urls.some((one) => proof.some((url) => sameUrl(url, one)))
  if (!asked) return undefined
  const [reason] = reasons
  const stays = reasons.find(({ id }) => STAYS.has(id))
  if (stays || (kind !== 'repository' && kind !== 'template') || !mine || !served)
    return { credential, state: 'stays', finding: mustStay(credential, stays?.text ?? reason?.text) }
  const waits = (finding: FindingFacts): NotMoved => ({ credential, state: 'waits', finding })
  const keys = credential.keys.join(', ')
  const where = `The Secret ${namespace}/${mine.secret}`
  if (manager) {
    const patch = secretPatch(manager, namespace, mine.secret, { useAzureWorkloadIdentity: 'true' })
    return waits({
      ...patch,
      id: 'migration/owned-elsewhere',
      summary: `${where} is made by ${manager.who}, which would write ${keys} again.`,
      expected: 'the change in its source',
      actual: manager.who,
      remedy: `take ${keys} out of its source and add the flag ${patch.remedy}`
    })
  }
  const outside = proof.filter((url) => choice.organizationOf(url) === undefined)
  const named = new Set(proof.map((url) => choice.organizationOf(url)?.toLowerCase()))
  const wide = mine.kind === 'repo-creds' && !coversOnly(mine.url, [...named])
  if (outside.length > 0 || (proof.length > 0 && wide))
    return waits({
      id: 'migration/outside-organization',
      summary: `${where} (${withoutCredentials(mine.url)}) also serves what the identity's token must not be sent to: ${outside.length > 0 ? outside.map(withoutCredentials).join(', ') : 'every URL that begins with it'}.`,
      remedy: `make a template for each of them, so that this one serves one organization only; then run again`
    })
  const [other] = reasons.filter(({ id }) => id !== 'elsewhere')
  if (other) return waits(blockedBy(other.id, other.text, where, namespace, mine.secret))
  if (proof.length === 0) return waits(servesNobody(where, namespace, mine))
  const { secret, url, project, marks } = mine
  return {
    secret,
    kind,
    url,
    project,
    uid: marks.version.uid,
    urls,
    proof,
    applications: served.applications,
    shared: sharing(credential, planned.credentials)
  }
}

function sharing(one: StoredCredential, all: readonly StoredCredential[]): string[] {
  return all
    .filter((other) => other !== one && one.group !== undefined && other.group === one.group)
    .map(({ ref }) => `${ref.kind} ${ref.namespace}/${ref.name}`)
}

/** Whether a prefix names one organization to its end: `https://dev.azure.com/contoso`, but not `https://dev.azure.com/`. */
function coversOnly(prefix: string, organizations: readonly (string | undefined)[]): boolean {
  const [organization, ...others] = organizations
  if (organization === undefined || others.length > 0) return false
  const { hostname = '', pathname = '' } = URL.parse(prefix) ?? {}
  const own = organizationInHost(hostname) ?? pathname.split('/')[1] ?? ''
  return own.toLowerCase() === organization
}

/** Nothing in the way of these can be taken away: the credential is needed. */
const STAYS: ReadonlySet<ReasonId> = new Set(['generator', 'write', 'proxy', 'other-reader'])

function mustStay(
  { ref, url, keys }: StoredCredential,
  why = 'it is not read as a repository'
): FindingFacts {
  const about = url === '' ? '' : ` (${url})`
  return {
    id: 'migration/must-stay',
    summary: `The ${ref.kind} ${ref.namespace}/${ref.name}${about} keeps ${keys.join(', ')}: ${why}.`,
    remedy: `do not revoke what it holds; give it a token of its own, with as few rights and as short a life as it needs`
  }
}

function blockedBy(
  id: ReasonId,
  why: string,
  where: string,
  namespace: string,
  secret: string
): FindingFacts {
  const kubectl = `kubectl -n ${word(namespace)}`
  const summary = `${where} waits: ${why}.`
  switch (id) {
    case 'immutable':
      return {
        id: 'migration/immutable',
        summary,
        remedy: 'make it anew without `immutable`, then run again',
        command: `${kubectl} get secret ${word(secret)} -o json | jq 'del(.immutable, .metadata.uid, .metadata.resourceVersion)' | ${kubectl} replace --force -f -`
      }
    case 'unreadable':
      return {
        id: 'migration/not-readable',
        summary,
        remedy: 'correct the values that Argo CD cannot parse, then run again',
        command: `${kubectl} edit secret ${word(secret)}`
      }
    case 'version':
      return { id: 'migration/version-unfit', summary, remedy: 'update Argo CD, then run again' }
    default:
      return {
        id: 'migration/needs-other-url',
        summary,
        remedy: `let the Applications name the repository by https, without a credential in the URL, and connect that URL with ${input('mode', 'apply')}; then delete the Secret ${secret}`
      }
  }
}

function servesNobody(where: string, namespace: string, { secret, url }: Entry): FindingFacts {
  return {
    id: 'migration/no-repository',
    summary: `${where} (${withoutCredentials(url)}) serves no repository that anybody uses, so whether the identity could take its place cannot be tried.`,
    remedy: `delete it if nobody needs it; else name a repository that it serves by ${input('repository-url')}`,
    command: `kubectl -n ${word(namespace)} delete secret ${word(secret)}`
  }
}

/** Fewest Applications first; Secrets for the same URL go together, since which of them Argo CD uses is not defined. */
export function batchesOf(
  moves: readonly Move[],
  { canary, batchSize }: Pick<Choice, 'canary' | 'batchSize'>
): Move[][] {
  const size = ({ applications }: Move): number => applications.length
  const ordered = moves.toSorted(
    (one, other) => size(one) - size(other) || (one.secret < other.secret ? -1 : 1)
  )
  const isCanary = ({ secret, urls }: Move): boolean =>
    canary !== undefined && (secret === canary || urls.some((url) => sameUrl(url, canary)))
  const first = ordered.find(isCanary) ?? ordered[0]
  if (!first) return []
  const together =
    (one: Move) =>
    (other: Move): boolean =>
      one === other ||
      (one.kind === other.kind && one.project === other.project && sameUrl(one.url, other.url))
  const batches = [ordered.filter(together(first))]
  let open: Move[] = []
  let left = ordered.filter((one) => !together(first)(one))
  while (left[0]) {
    const group = left.filter(together(left[0]))
    left = left.filter((one) => !group.includes(one))
    if (open.length > 0 && open.length + group.length > batchSize) {
      batches.push(open)
      open = []
    }
    open.push(...group)
  }
  if (open.length > 0) batches.push(open)
  return batches
}

/** @returns undefined where the canary is one of the plan, or was not named */
export function canaryProblem(
  { batches }: Plan,
  { canary }: Pick<Choice, 'canary'>
): FindingFacts | undefined {
  const moves = batches.flat()
  const known = moves.some(
    ({ secret, urls }) => secret === canary || urls.some((url) => sameUrl(url, canary ?? ''))
  )
  if (canary === undefined || known || moves.length === 0) return undefined
  return {
    id: 'migration/canary-unknown',
    summary: `${input('canary', canary)} names no Secret and no repository that this run can migrate; nothing was written.`,
    expected: moves
      .slice(0, 5)
      .map(({ secret }) => secret)
      .join(', '),
    actual: canary,
    remedy: `correct ${input('canary')}, or leave it out`
  }
}
