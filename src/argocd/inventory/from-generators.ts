/** Tokens that ApplicationSet generators name: by Secret, with the ApplicationSets that name it. */
import type { V1Secret } from '@kubernetes/client-node'
import type { ApplicationSet } from '../../services/kubernetes/argocd-objects.ts'
import type { GeneratorToken } from '../../services/kubernetes/generators.ts'
import { isAzureRepos } from '../../core/azure-repos.ts'
import { toSafeLine } from '../../core/safe-text.ts'
import { TYPE_LABEL } from '../secrets.ts'
import type { FoundCredential, Reason, UserRef } from './credential.ts'
import { sealedValue } from './from-secrets.ts'
import { objectOf, unreadSecret } from './of-object.ts'
import type { Users } from './uses.ts'

/** A Secret that generators name. */
export interface NamedToken {
  readonly namespace: string
  readonly secret: string
  readonly keys: readonly string[]
  /** `organization/project` of what they list, each once. */
  readonly places: readonly string[]
  readonly applicationSets: readonly UserRef[]
}

/** By `namespace/name` of the Secret. @param host another host of Azure DevOps */
export function tokensOfAzureDevOps(sets: readonly ApplicationSet[], host: string): Map<string, NamedToken> {
  const found = new Map<string, NamedToken>()
  for (const { namespace, name, tokens } of sets) {
    for (const token of tokens) {
      if (!isAzureDevOps(token, host)) continue
      const at = `${namespace}/${token.secret}`
      const known = found.get(at)
      const place = [token.organization, token.project].filter((part) => part !== '').join('/')
      const sets = known?.applicationSets ?? []
      found.set(at, {
        namespace,
        secret: token.secret,
        keys: [...new Set([...(known?.keys ?? []), token.key])],
        places: [...new Set([...(known?.places ?? []), place])],
        applicationSets: sets.at(-1)?.name === name ? sets : [...sets, { namespace, name }]
      })
    }
  }
  return found
}

/** Argo CD spells the provider `azureDevOps` in one generator and `azuredevops` in the other. */
function isAzureDevOps({ provider, api }: GeneratorToken, host: string): boolean {
  return provider.toLowerCase() === 'azuredevops' && (api === '' || isAzureRepos(api, host))
}

export function generatorReason({ applicationSets }: NamedToken): Reason {
  const names = applicationSets.map(({ namespace, name }) => `${namespace}/${name}`)
  const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
  return {
    id: 'generator',
    text: `generators of ApplicationSet ${names.slice(0, 3).join(', ')}${more} log in with it, and they accept tokens only (argo-cd #23705)`
  }
}

/** A Secret by namespace and name; undefined when it does not exist or was not read. */
export type Held = (namespace: string, name: string) => V1Secret | undefined

/** @param counted `namespace/name` of Secrets that are listed already, because Argo CD reads repositories with them */
export function forGenerators(
  argocd: string,
  tokens: ReadonlyMap<string, NamedToken>,
  counted: ReadonlySet<string>,
  heldAt: Held
): FoundCredential[] {
  return [...tokens]
    .filter(([at]) => !counted.has(at))
    .map(([, token]) => {
      const { namespace, secret, keys, places, applicationSets } = token
      const held = heldAt(namespace, secret)
      const [place = ''] = places
      return {
        ...(held ? objectOf(held) : unreadSecret(namespace, secret)),
        ...asToken(argocd, keys, held),
        url: place === '' ? '' : `https://dev.azure.com/${toSafeLine(place, LONGEST_PLACE)}`,
        serves: { repositories: [], applications: [], applicationSets },
        verdict: 'must-wait',
        reasons: [generatorReason(token)]
      }
    })
}

/** In characters. */
const LONGEST_PLACE = 200

/**
 * Secrets made for generators that no generator names, of any provider.
 *
 * @param secrets of the namespace of the Argo CD
 */
export function unnamedTokens(
  argocd: string,
  { sets }: Pick<Users, 'sets'>,
  secrets: readonly V1Secret[]
): FoundCredential[] {
  if (!sets) return []
  const named = new Set(
    sets.flatMap(({ namespace, tokens }) => tokens.map(({ secret }) => `${namespace}/${secret}`))
  )
  return secrets
    .filter(({ metadata }) => metadata?.labels?.[TYPE_LABEL] === 'scm-creds')
    .filter(({ metadata }) => !named.has(`${argocd}/${metadata?.name ?? ''}`))
    .map((secret) => ({
      ...objectOf(secret),
      ...asToken(argocd, Object.keys(secret.data ?? {}).toSorted(), secret),
      url: '',
      serves: { repositories: [], applications: [], applicationSets: [] },
      verdict: 'unused',
      reasons: []
    }))
}

function asToken(
  argocd: string,
  keys: readonly string[],
  held: V1Secret | undefined
): Pick<FoundCredential, 'kind' | 'argocd' | 'project' | 'keys' | 'user' | 'shadows' | 'values'> {
  const values = held ? keys.flatMap((key) => sealedValue(held, key)) : []
  return { kind: 'generator', argocd, project: '', keys, user: undefined, shadows: [], values }
}
