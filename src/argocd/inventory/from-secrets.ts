/** Secrets for repositories that hold a credential, with what Argo CD uses each for. */
import type { V1Secret } from '@kubernetes/client-node'
import { Sealed } from '../../core/sealed.ts'
import { credentialsIn } from '../../core/text.ts'
import { looksLikeToken } from '../../services/kubernetes/secrets.ts'
import { CREDENTIAL_KEYS } from '../secret-keys.ts'
import { readEntry, TYPE_LABEL, type Entry, type SecretKind } from '../secrets.ts'
import type { CredentialKind, UserRef } from './credential.ts'
import { Lookup } from './lookup.ts'
import { shownUser } from './shown.ts'
import type { Use } from './uses.ts'

/** A Secret that Argo CD reads, whether or not it holds a credential. */
export interface ReadSecret {
  readonly kind: CredentialKind
  readonly entry: Entry
  /** Names of the keys that hold a credential; none: nothing is stored in it. */
  readonly keys: readonly string[]
  readonly user: string | undefined
  readonly values: readonly Sealed[]
}

const KINDS: Readonly<Record<string, readonly [CredentialKind, SecretKind]>> = {
  repository: ['repository', 'repository'],
  'repo-creds': ['template', 'repo-creds'],
  'repository-write': ['write-repository', 'repository'],
  'repo-write-creds': ['write-template', 'repo-creds']
}

/** @returns undefined for a Secret that is not for repositories */
export function readSecret(secret: V1Secret, version: string | undefined): ReadSecret | undefined {
  const [kind, as] = KINDS[secret.metadata?.labels?.[TYPE_LABEL] ?? ''] ?? []
  if (kind === undefined || as === undefined) return undefined
  const entry = readEntry(as, secret, version)
  const inUrl = credentialsIn(entry.url)
  const stored = valuesOf(secret, KEYS)
  const username = textOf(secret, 'username')
  const secrets = [
    ...stored.map(({ value }) => value),
    ...inUrl,
    ...(looksLikeToken(username) ? [username] : [])
  ]
  return {
    kind,
    entry,
    keys: [
      ...stored.map(({ key }) => key),
      ...(username === '' ? [] : ['username']),
      ...(inUrl.length > 0 ? ['url'] : [])
    ],
    user: shownUser(username),
    values: [...new Set(secrets)].map((value) => new Sealed(value))
  }
}

const KEYS = [...CREDENTIAL_KEYS.filter((key) => key !== 'username'), 'tlsClientCertKey']

export function textOf({ data = {} }: V1Secret, key: string): string {
  // `echo token | base64` stores a line feed, which makes no other token of it.
  return Buffer.from(data[key] ?? '', 'base64')
    .toString('utf8')
    .trim()
}

function valuesOf(secret: V1Secret, keys: readonly string[]): { key: string; value: string }[] {
  return keys.map((key) => ({ key, value: textOf(secret, key) })).filter(({ value }) => value !== '')
}

/** The values of a Secret that an object names by its key. */
export function sealedValue(secret: V1Secret, key: string): Sealed[] {
  return valuesOf(secret, [key]).map(({ value }) => new Sealed(value))
}

/** What a Secret is used for. */
export interface Service {
  readonly repositories: Set<string>
  readonly applications: UserRef[]
  readonly applicationSets: UserRef[]
  readonly shadows: Set<Entry>
}

/** By Secret: what it serves by Argo CD's own resolution. A Secret that is one of several equal ones serves, too. */
export function servicesOf(
  secrets: readonly ReadSecret[],
  uses: readonly Use[]
): ReadonlyMap<Entry, Service> {
  const lookup = new Lookup(secrets.map(({ entry }) => entry))
  const storing = new Set(secrets.filter(({ keys }) => keys.length > 0).map(({ entry }) => entry))
  const services = new Map<Entry, Service>()
  const serve = ({ url, project, applications, applicationSets }: Use): void => {
    const { by, rivals } = lookup.resolved(url, project)
    for (const entry of by ? [by, ...rivals] : rivals) {
      if (!storing.has(entry)) continue
      const service = services.get(entry) ?? emptyService()
      services.set(entry, service)
      service.repositories.add(url)
      // One by one: a template may serve more Applications than a call can have arguments.
      for (const one of applications) service.applications.push(one)
      for (const one of applicationSets) service.applicationSets.push(one)
      const instead = lookup.without(entry, url, project)
      if (instead) service.shadows.add(instead)
    }
  }
  uses.forEach(serve)
  // A connected repository that no Application names yet: what it takes from a template, and what it beats.
  const named = new Set(uses.map(({ url }) => url))
  for (const { entry } of secrets) {
    const { kind, url, project } = entry
    if (kind === 'repository' && url !== '' && !named.has(url))
      serve({ url, project, applications: [], applicationSets: [] })
  }
  return services
}

function emptyService(): Service {
  return { repositories: new Set(), applications: [], applicationSets: [], shadows: new Set() }
}
