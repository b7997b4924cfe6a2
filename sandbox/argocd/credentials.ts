/** Which credentials Argo CD takes for a repository (util/db: repository_secrets.go, GetGitCreds). */
import type { KubeObject } from '../kubernetes/objects.ts'
import { normalized, sameUrl } from './git-url.ts'

export type Credentials =
  | { readonly kind: 'none' | 'workload identity' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }

type Fields = Readonly<Record<string, string>>

const TYPE = 'argocd.argoproj.io/secret-type'
/** Any of these in a repository Secret keeps the templates out. */
const CREDENTIALS = [
  'username',
  'password',
  'bearerToken',
  'sshPrivateKey',
  'tlsClientCertData',
  'githubAppPrivateKey'
]
const BOOLEANS = ['insecureIgnoreHostKey', 'insecure', 'enableLfs', 'enableOCI', 'forceHttpBasicAuth']
const FLAG = 'useAzureWorkloadIdentity'

/** The Secrets of Argo CD's namespace, in the order of its lister. */
export class Repositories {
  readonly #repositories: readonly Fields[]
  readonly #templates: readonly Fields[]

  constructor(secrets: readonly KubeObject[]) {
    const ofType = (type: string): Fields[] =>
      secrets.filter(({ metadata }) => metadata.labels?.[TYPE] === type).map(fieldsOf)
    this.#repositories = ofType('repository')
    this.#templates = ofType('repo-creds')
  }

  /** A repository Secret scoped to a project permits its URL there. */
  urlsOf(project: string): string[] {
    return this.#repositories.flatMap((one) => (one['project'] === project ? [one['url'] ?? ''] : []))
  }

  /** @throws {Error} with Argo CD's text when a Secret cannot be read. */
  credentialsFor(url: string, project: string): Credentials {
    const own = this.#repository(url, project)
    if (own) assertReadable(own, `unable to get repository "${url}" from secrets backend`)
    if (own && hasCredentials(own)) return credentialsOf(own)
    const template = this.#template(url)
    if (!template) return { kind: 'none' }
    assertReadable(template, `unable to enrich repository "${url}" info with credentials`)
    return credentialsOf(template)
  }

  /** That of the project; else the last one of no project. */
  #repository(url: string, project: string): Fields | undefined {
    const same = this.#repositories.filter((one) => sameUrl(one['url'] ?? '', url))
    return (
      same.find((one) => (one['project'] ?? '') === project) ??
      same.findLast((one) => (one['project'] ?? '') === '')
    )
  }

  /** The longest prefix, with no regard to path segments; the first of equals. */
  #template(url: string): Fields | undefined {
    const wanted = normalized(url)
    let best: Fields | undefined
    let length = 0
    for (const template of this.#templates) {
      const prefix = normalized(template['url'] ?? '')
      if (!wanted.startsWith(prefix) || prefix.length <= length) continue
      best = template
      length = prefix.length
    }
    return best
  }
}

function fieldsOf({ data }: KubeObject): Fields {
  return Object.fromEntries(
    Object.entries((data ?? {}) as Record<string, string>).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64').toString()
    ])
  )
}

function hasCredentials(fields: Fields): boolean {
  return CREDENTIALS.some((key) => (fields[key] ?? '') !== '') || flagged(fields)
}

/** A password beats workload identity; a user name alone is nothing. */
function credentialsOf(fields: Fields): Credentials {
  const { username = '', password = '' } = fields
  if (password !== '') return { kind: 'basic', username, password }
  return flagged(fields) ? { kind: 'workload identity' } : { kind: 'none' }
}

function flagged(fields: Fields): boolean {
  return parseBool(fields[FLAG] ?? 'false') === true
}

function assertReadable(fields: Fields, where: string): void {
  for (const key of [...BOOLEANS, FLAG]) {
    const value = fields[key]
    if (value !== undefined && parseBool(value) === undefined)
      throw new Error(`${where}: strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`)
  }
}

/** As Go's strconv.ParseBool. */
function parseBool(text: string): boolean | undefined {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false
  return undefined
}
