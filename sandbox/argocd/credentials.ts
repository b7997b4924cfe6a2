/** Which Secrets Argo CD takes for a repository, and what of them it logs in with (util/db, GetGitCreds). */
import type { KubeObject } from '../kubernetes/objects.ts'
import { normalized, sameUrl } from './git-url.ts'
import { assertReadable, parseBool, secretsOf, type Fields } from './secret-fields.ts'
import { atLeast, hasServicePrincipal, hasWorkloadIdentity } from './versions.ts'

export type Credentials =
  | { readonly kind: 'none' | 'workload identity' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  /** What the twin has no server for: they are told apart by their name, and never get in. */
  | { readonly kind: 'ssh key' | 'GitHub App' | 'GCP key' }
  | {
      readonly kind: 'service principal'
      readonly clientId: string
      readonly tenantId: string
      readonly secret: string
    }

/** What the repo-server gets for one source (v1alpha1.Repository). */
export interface Login {
  readonly credentials: Credentials
  /** What git is given: the URL of the Secret as it is written there; of the Application where there is no Secret. */
  readonly url: string
  readonly proxy: string
  readonly noProxy: string
  readonly insecure: boolean
}

/** Any of these in a repository Secret keeps the templates out (HasCredentials). */
const CREDENTIALS = [
  'username',
  'password',
  'bearerToken',
  'sshPrivateKey',
  'tlsClientCertData',
  'githubAppPrivateKey'
]
const FLAG = 'useAzureWorkloadIdentity'
/** Filled from a template where the Secret has them empty (CopyCredentialsFrom). */
const INHERITED = [
  'username',
  'password',
  'bearerToken',
  'sshPrivateKey',
  'tlsClientCertData',
  'tlsClientCertKey',
  'githubAppPrivateKey',
  'githubAppID',
  'githubAppInstallationID',
  'githubAppEnterpriseBaseUrl',
  'gcpServiceAccountKey',
  'azureServicePrincipalClientId',
  'azureServicePrincipalClientSecret',
  'azureServicePrincipalTenantId',
  'proxy',
  'noProxy',
  'type'
]

/** The Secrets of Argo CD's namespace, in the order of its lister. */
export class Repositories {
  readonly #repositories: readonly Fields[]
  readonly #templates: readonly Fields[]
  readonly #version: string

  constructor(secrets: readonly KubeObject[], version = 'v3.2.0') {
    this.#repositories = secretsOf(secrets, 'repository')
    this.#templates = secretsOf(secrets, 'repo-creds')
    this.#version = version
  }

  /** A repository Secret scoped to a project permits its URL there. */
  urlsOf(project: string): string[] {
    return this.#repositories.flatMap((one) => (one['project'] === project ? [one['url'] ?? ''] : []))
  }

  /**
   * Before any source is looked at, every template of type helm (and oci, since 3.1) is read (GetRepoObjs): one that
   * does not parse breaks every Application.
   *
   * @throws {Error}
   */
  assertListable(): void {
    for (const { type, name } of [
      { type: 'helm', name: 'Helm' },
      ...(atLeast(this.#version, '3.1.0') ? [{ type: 'oci', name: 'OCI' }] : [])
    ])
      for (const template of this.#templates)
        if (template['type']?.toLowerCase() === type)
          assertReadable(template, 'repo-creds', this.#version, `failed to get ${name} credentials`)
  }

  /** @throws {Error} with Argo CD's text when a Secret cannot be read. */
  credentialsFor(url: string, project: string): Credentials {
    return this.loginFor(url, project).credentials
  }

  /** @throws {Error} with Argo CD's text when a Secret cannot be read. */
  loginFor(url: string, project: string): Login {
    const own = this.#repository(url, project)
    if (own)
      assertReadable(
        own,
        'repository',
        this.#version,
        `unable to get repository "${url}": unable to get repository "${url}" from secrets backend`
      )
    const template = own && this.#hasCredentials(own) ? undefined : this.#template(url)
    if (template)
      assertReadable(
        template,
        'repo-creds',
        this.#version,
        `unable to enrich repository "${url}" info with credentials`
      )
    const fields = template ? inherited(own ?? {}, template) : (own ?? {})
    return {
      credentials: this.#credentialsOf(fields),
      url: own ? (own['url'] ?? '') : url,
      proxy: fields['proxy'] ?? '',
      noProxy: fields['noProxy'] ?? '',
      insecure: flagged(fields, 'insecure')
    }
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

  #hasCredentials(fields: Fields): boolean {
    const keys = hasServicePrincipal(this.#version)
      ? [...CREDENTIALS, 'azureServicePrincipalClientSecret']
      : CREDENTIALS
    return (
      keys.some((key) => filled(fields, key)) || (hasWorkloadIdentity(this.#version) && flagged(fields, FLAG))
    )
  }

  /** In the order of GetGitCreds: a user name alone is nothing, and a service principal comes last. */
  #credentialsOf(fields: Fields): Credentials {
    const { username = '', password = '', bearerToken = '' } = fields
    if (password !== '') return { kind: 'basic', username, password }
    if (bearerToken !== '') return { kind: 'bearer', token: bearerToken }
    if (filled(fields, 'sshPrivateKey')) return { kind: 'ssh key' }
    if (filled(fields, 'githubAppPrivateKey') && Number(fields['githubAppID'] ?? '0') !== 0)
      return { kind: 'GitHub App' }
    if (filled(fields, 'gcpServiceAccountKey')) return { kind: 'GCP key' }
    if (hasWorkloadIdentity(this.#version) && flagged(fields, FLAG)) return { kind: 'workload identity' }
    const {
      azureServicePrincipalClientId: clientId = '',
      azureServicePrincipalTenantId: tenantId = '',
      azureServicePrincipalClientSecret: secret = ''
    } = fields
    if (hasServicePrincipal(this.#version) && clientId !== '' && tenantId !== '' && secret !== '')
      return { kind: 'service principal', clientId, tenantId, secret }
    return { kind: 'none' }
  }
}

/** Blanks are filled; the flag is the template's, whatever the Secret says. */
function inherited(own: Fields, template: Fields): Fields {
  const blank = INHERITED.filter(
    (key) => !filled(own, key) || (key.startsWith('githubApp') && own[key] === '0')
  )
  // Templates of 3.5 spell two keys in another way (argo-cd #29414).
  const spelled: Fields = {
    ...template,
    azureServicePrincipalClientId: template['azureServicePrincipalClientID'] ?? '',
    azureServicePrincipalTenantId: template['azureServicePrincipalTenantID'] ?? ''
  }
  return {
    ...own,
    ...Object.fromEntries(blank.map((key) => [key, spelled[key] ?? ''])),
    [FLAG]: template[FLAG] ?? 'false'
  }
}

function filled(fields: Fields, key: string): boolean {
  return (fields[key] ?? '') !== ''
}

function flagged(fields: Fields, key: string): boolean {
  return parseBool(fields[key] ?? 'false') === true
}
