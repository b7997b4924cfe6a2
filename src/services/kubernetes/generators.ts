/**
 * The tokens that ApplicationSet generators name (argo-cd applicationset/services: `scmProvider.azureDevOps.accessTokenRef`,
 * `pullRequest.azuredevops.tokenRef`, and the same of other providers). The Secret is read in the namespace of the
 * ApplicationSet.
 */
import { recordOf } from '../../http/request.ts'

export interface GeneratorToken {
  readonly generator: 'scmProvider' | 'pullRequest'
  /** `azureDevOps`, `github`, … as written */
  readonly provider: string
  readonly organization: string
  /** The project or repository that it lists; empty: all. */
  readonly project: string
  /** URL of the provider's API; empty: the public one. */
  readonly api: string
  readonly secret: string
  readonly key: string
}

const GENERATORS = ['scmProvider', 'pullRequest'] as const

/**
 * Searches matrix and merge generators, too: they hold others at any depth. Iterative, because the depth is unbounded.
 *
 * @param spec of an ApplicationSet
 */
export function tokensIn(spec: unknown): GeneratorToken[] {
  const found: GeneratorToken[] = []
  const left: unknown[] = [recordOf(spec)['generators']]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next !== 'object' || next === null) continue
    for (const generator of GENERATORS)
      for (const [provider, settings] of Object.entries(recordOf(recordOf(next)[generator])))
        found.push(...tokenOf(generator, provider, recordOf(settings)))
    for (const inner of Object.values<unknown>(next as Record<string, unknown>)) left.push(inner)
  }
  return found
}

function tokenOf(
  generator: GeneratorToken['generator'],
  provider: string,
  settings: Record<string, unknown>
): GeneratorToken[] {
  const reference = recordOf(settings['accessTokenRef'] ?? settings['tokenRef'])
  const text = (value: unknown): string => (typeof value === 'string' ? value : '')
  const secret = text(reference['secretName'])
  if (secret === '') return []
  const project = [settings['teamProject'] ?? settings['project'], settings['repo']].map(text)
  return [
    {
      generator,
      provider,
      organization: text(settings['organization']),
      project: project.filter((part) => part !== '').join('/'),
      api: text(settings['api']),
      secret,
      key: text(reference['key'])
    }
  ]
}
