/** Stored credentials as findings, and the exceptions that the input `allow` makes. */
import type { Allowance } from '../config/desired.ts'
import { isInForce } from '../config/allowances.ts'
import type { StoredCredential } from '../argocd/inventory/credential.ts'
import type { Finding, FindingFacts, Severity } from '../core/finding.ts'
import type { CredentialKind } from '../core/credential-words.ts'
import { input } from '../core/input-name.ts'
import { word } from '../core/shell.ts'

type CredentialFindingId = Extract<FindingFacts['id'], `stored-credential/${string}`>

export const FINDING_IDS: Readonly<Record<CredentialKind, CredentialFindingId>> = {
  repository: 'stored-credential/repository',
  template: 'stored-credential/template',
  'write-repository': 'stored-credential/write',
  'write-template': 'stored-credential/write',
  generator: 'stored-credential/generator',
  url: 'stored-credential/in-url',
  proxy: 'stored-credential/proxy',
  other: 'stored-credential/unlabelled'
}

const WHAT: Readonly<Record<CredentialKind, string>> = {
  repository: 'The repository Secret',
  template: 'The credential template',
  'write-repository': 'The write Secret',
  'write-template': 'The write template',
  generator: 'The Secret for generators',
  url: 'The',
  proxy: 'The Secret',
  other: 'The Secret'
}

/** A credential and the exception that holds for it, if any. */
export interface JudgedCredential {
  readonly credential: StoredCredential
  readonly allowed: Allowance | undefined
}

/** @param now ms since the epoch */
export function judgeCredentials(
  credentials: readonly StoredCredential[],
  allow: readonly Allowance[],
  now: number
): JudgedCredential[] {
  const inForce = new Map(allow.filter((one) => isInForce(one, now)).map((one) => [one.fingerprint, one]))
  return credentials.map((credential) => ({ credential, allowed: inForce.get(credential.fingerprint) }))
}

/** @param severity of those without an exception */
export function findingsOfCredentials(judged: readonly JudgedCredential[], severity: Severity): Finding[] {
  const sizes = new Map<number, number>()
  for (const { group } of judged.map(({ credential }) => credential))
    if (group !== undefined) sizes.set(group, (sizes.get(group) ?? 0) + 1)
  return judged.map(({ credential, allowed }) => ({
    ...factsOf(credential, sizes.get(credential.group ?? 0) ?? 1, allowed),
    severity: allowed ? 'note' : severity
  }))
}

/** Exceptions that no longer hold, or that are about nothing here. @param now ms since the epoch */
export function findingsOfAllowances(
  allow: readonly Allowance[],
  credentials: readonly StoredCredential[],
  now: number
): Finding[] {
  const known = new Set(credentials.map(({ fingerprint }) => fingerprint))
  return allow.flatMap((one): Finding[] => {
    const { fingerprint, until, reason } = one
    const line = `${fingerprint} (until ${until}: ${reason})`
    if (!known.has(fingerprint))
      return [
        {
          id: 'stored-credential/allow-unknown',
          severity: 'note',
          summary: `${input('allow')} accepts ${line}, but no stored credential of this cluster has that fingerprint.`,
          remedy: `remove the line from ${input('allow')}, unless it is about another cluster`
        }
      ]
    if (isInForce(one, now)) return []
    return [
      {
        id: 'stored-credential/allow-ended',
        severity: 'warning',
        summary: `${input('allow')} accepted ${line}, and that day is over.`,
        remedy: 'replace the credential, or decide anew and write a later day',
        fingerprint
      }
    ]
  })
}

function factsOf(one: StoredCredential, sharing: number, allowed: Allowance | undefined): FindingFacts {
  const { kind, ref, url, fingerprint, keys } = one
  const what = kind === 'url' ? `The ${ref.kind}` : WHAT[kind]
  const place = url === '' ? '' : ` for ${url}`
  const sentences = [
    `${what} ${ref.namespace}/${ref.name} stores a credential (${keys.join(', ')})${place}${usersOf(one)}.`,
    verdictOf(one),
    ...(one.shadows.length === 0 ? [] : [shadowOf(one)]),
    ...(sharing > 1
      ? [`${sharing - 1} other stored credential${sharing > 2 ? 's hold' : ' holds'} the same value.`]
      : []),
    ...(allowed ? [`Accepted until ${allowed.until}: ${allowed.reason}.`] : [])
  ]
  const link = kind === 'generator' ? 'https://github.com/argoproj/argo-cd/issues/23705' : undefined
  return {
    id: FINDING_IDS[kind],
    summary: sentences.join(' '),
    remedy: remedyOf(one),
    ...(one.verdict === 'unused' && !one.manager && { command: deleteCommand(one) }),
    fingerprint,
    object: `${ref.kind} ${ref.namespace}/${ref.name}`,
    ...(link !== undefined && { link })
  }
}

function usersOf({ serves: { repositories, applications, applicationSets } }: StoredCredential): string {
  const count = (length: number | undefined, noun: string): string[] =>
    length === undefined || length === 0 ? [] : [`${length} ${noun}${length === 1 ? '' : 's'}`]
  const users = [
    ...count(applications?.length, 'Application'),
    ...count(applicationSets?.length, 'ApplicationSet'),
    ...count(repositories.length > 1 ? repositories.length : 0, 'repositorie')
  ]
  return users.length === 0 ? '' : `, used by ${users.join(', ').replace(/repositories?/, 'repositories')}`
}

function verdictOf({ verdict, reasons }: StoredCredential): string {
  const why = reasons.map(({ text }) => text).join('; ')
  if (verdict === 'can-go') return 'It can be replaced by workload identity.'
  if (verdict === 'must-wait') return `It must wait: ${why}.`
  return `No object of the cluster uses it${why === '' ? '' : ` (${why})`}.`
}

function shadowOf({ ref, shadows }: StoredCredential): string {
  const own = shadows.some(({ namespace, name }) => namespace === ref.namespace && name === ref.name)
  const others = shadows.filter(({ namespace, name }) => namespace !== ref.namespace || name !== ref.name)
  const names = others.slice(0, 3).map(({ namespace, name }) => `${namespace}/${name}`)
  const more = others.length > 3 ? ` and ${others.length - 3} more` : ''
  const beaten = [
    ...(own ? ['its own useAzureWorkloadIdentity'] : []),
    ...(names.length > 0 ? [`the Secret ${names.join(', ')}${more}, which has workload identity`] : [])
  ]
  return `It takes precedence over ${beaten.join(' and over ')}.`
}

function deleteCommand({ ref }: StoredCredential): string {
  return `kubectl -n ${word(ref.namespace)} delete secret ${word(ref.name)}`
}

function remedyOf({ ref, verdict, reasons, manager, fingerprint, kind }: StoredCredential): string {
  const accept = `to accept it for a time, ${input('allow', `${fingerprint} <last day> <reason>`)}`
  const source = manager === undefined ? '' : ` in its source (${manager.who})`
  if (verdict === 'unused') return `delete it${source}, and revoke the credential; ${accept}`
  if (verdict === 'can-go')
    return `replace it with ${input('mode', 'migrate')}, which verifies, switches and rolls back by itself (${input('dry-run', 'true')} shows how); ${accept}`
  if (kind === 'url') return `take the credential out of the URL in the ${ref.kind}, and revoke it; ${accept}`
  if (reasons.some(({ id }) => id === 'owner')) return `change it${source}; ${accept}`
  return `keep it until the reason is gone, with the least permissions and a short life; ${accept}`
}
