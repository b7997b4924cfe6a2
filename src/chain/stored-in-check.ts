/**
 * Stored credentials in a check: those that concern its repositories. What holds or beats the target's own connection is
 * drift already (`connection-differences.ts`); everything else is a warning.
 */
import type { V1Secret } from '@kubernetes/client-node'
import type { StoredCredential } from '../argocd/inventory/credential.ts'
import { storedCredentials } from '../argocd/inventory/inventory.ts'
import type { Users } from '../argocd/inventory/uses.ts'
import { idleTemplates } from '../argocd/usage.ts'
import { matching, placesOf, scopeOf, type Places } from '../argocd/places.ts'
import { resolved, type Entry } from '../argocd/secrets.ts'
import { hasPrefix, sameRepository } from '../argocd/urls.ts'
import type { Allowance } from '../config/desired.ts'
import type { Finding } from '../core/finding.ts'
import {
  findingsOfAllowances,
  findingsOfCredentials,
  judgeCredentials
} from './stored-credential-findings.ts'

/** What a check wants to know about stored credentials. */
export interface CheckedCredentials {
  /** Name of the cluster, for fingerprints. */
  readonly cluster: string
  readonly organizations: readonly string[]
  readonly allow: readonly Allowance[]
}

interface Read extends Users {
  readonly secrets: readonly V1Secret[]
  readonly entries: readonly Entry[]
  /** Host of Azure DevOps. */
  readonly host: string
}

/** @param now ms since the epoch */
export function storedInCheck(
  spec: Places & { readonly namespace: string; readonly version: string | undefined },
  { cluster, organizations, allow }: CheckedCredentials,
  { entries, ...objects }: Read,
  now: number
): Finding[] {
  const { namespace, version } = spec
  const drifted = new Set(decidingFor(spec, entries))
  const found = storedCredentials([{ namespace, version }], { cluster, ...objects }).filter(
    (one) => concerns(one, spec.urls, organizations) && !drifted.has(one.ref.name)
  )
  const known = new Set(found.map(({ fingerprint }) => fingerprint))
  // Those about other repositories are for an audit.
  const own = allow.filter(({ fingerprint }) => known.has(fingerprint))
  return [
    ...findingsOfCredentials(judgeCredentials(found, allow, now), 'warning'),
    ...findingsOfAllowances(own, found, now)
  ]
}

/** Names of the Secrets that are, or decide about, the target's own connection, and of those that have their own warning. */
function decidingFor(spec: Places, entries: readonly Entry[]): string[] {
  const deciding = spec.urls.flatMap((url) => {
    const { by, rivals } = resolved(url, scopeOf(spec), entries)
    return by ? [by, ...rivals] : rivals
  })
  const placed = placesOf(spec).flatMap((place) => matching(place, entries))
  return [...placed, ...deciding, ...idleTemplates(spec, entries)].map(({ secret }) => secret)
}

function concerns(
  { kind, url, serves }: StoredCredential,
  urls: readonly string[],
  organizations: readonly string[]
): boolean {
  if (kind === 'generator') {
    const [, organization = ''] = /^https:\/\/[^/]+\/([^/]+)/.exec(url) ?? []
    return organizations.some((one) => one.toLowerCase() === organization.toLowerCase())
  }
  const isTemplate = kind === 'template' || kind === 'write-template'
  return urls.some(
    (own) =>
      sameRepository(own, url) ||
      serves.repositories.some((one) => sameRepository(own, one)) ||
      (isTemplate && url !== '' && hasPrefix(own, url))
  )
}
