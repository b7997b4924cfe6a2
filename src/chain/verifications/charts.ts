/**
 * Reads from each registry as the repo-server does: a token of its service account, for that one of the identity, for that
 * those of the registry, and with them the manifest of each chart that the inputs name.
 */
import type { RegistryReference } from '../../config/registry-reference.ts'
import { input } from '../../core/input-name.ts'
import { Inconclusive, Problem, type FindingFacts } from '../../core/finding.ts'
import { explain } from '../../diagnosis/explain.ts'
import type { RepositoryOutcome } from '../../engine/outcome.ts'
import type { Evidence } from '../../engine/verification.ts'
import { Cancelled, HttpProblem, Unreachable } from '../../http/errors.ts'
import { classOf, delayWhilePropagating, pause, untilHeard, type RetryPolicy } from '../../http/retry.ts'
import { ContainerRegistry } from '../../services/registry/registry.ts'
import type { Services } from '../../services/services.ts'
import type { ReadRegistry } from '../registry.ts'
import { exchanged, type Exchange } from './tokens.ts'

export interface ChartsSpec extends Exchange {
  readonly references: readonly RegistryReference[]
  readonly registries: readonly ReadRegistry[]
  /** For what the repo-server asks Entra (`chartResource`). */
  readonly resource: string
}

/** @throws {Problem} when the only registry cannot be read */
export async function verifyCharts(
  spec: ChartsSpec,
  services: Services,
  policy: RetryPolicy
): Promise<Evidence> {
  const seen = await Promise.all(
    spec.registries.map((registry) => verifyRegistry(registry, spec, services, policy))
  )
  const repositories = Object.fromEntries(seen.flatMap((one) => Object.entries(one)))
  return {
    reason: 'a token was exchanged with the registry, as the repo-server does',
    commits: {},
    repositories
  }
}

/** @returns the outcome of each Helm repository of the registry */
async function verifyRegistry(
  registry: ReadRegistry,
  spec: ChartsSpec,
  services: Services,
  policy: RetryPolicy
): Promise<Record<string, RepositoryOutcome>> {
  const own = spec.references.filter(({ host }) => host === registry.loginServer)
  const outcomes: Record<string, RepositoryOutcome> = {}
  const client = new ContainerRegistry(
    registry.loginServer,
    services.endpoints,
    services.base.wire,
    services.mask
  )
  const patient = propagating(policy)
  const fail = async (url: string, error: unknown): Promise<void> => {
    if (error instanceof Cancelled) throw error
    const known = problemOf(error, registry)
    const facts = known instanceof Problem ? known.facts : await explain(error)
    const result = known instanceof Inconclusive ? 'inconclusive' : 'failed'
    if (outcomes[url]?.result !== 'failed') outcomes[url] = { result, problem: about(url, facts) }
  }
  try {
    const refresh = await patient(async () => {
      await client.assertChallenge()
      const token = await exchanged(spec, services, `${spec.resource}/.default`)
      return client.exchange(token, spec.tenantId)
    })
    for (const { url, chart } of own) {
      try {
        await patient(async () => {
          const scope = chart ? `repository:${chart.path}:pull` : 'registry:catalog:*'
          if (!chart && registry.byRepository) throw new Inconclusive(notListed(registry))
          const token = await client.accessToken(refresh, scope)
          if (chart) await client.manifest(chart.path, chart.version, token)
          else await client.assertListed(token)
        })
        outcomes[url] ??= { result: 'verified' }
      } catch (error) {
        await fail(url, error)
      }
    }
  } catch (error) {
    for (const { url } of own) await fail(url, error)
  }
  return outcomes
}

/** Repeats what a role that was just assigned may still refuse, until the deadline. */
function propagating(policy: RetryPolicy): <T>(attempt: () => Promise<T>) => Promise<T> {
  const began = Date.now()
  return async (attempt) => {
    for (let reported: unknown; ;) {
      try {
        return await attempt()
      } catch (error) {
        if (classOf(error) !== 'propagation') throw error
        await pause(
          untilHeard(policy, began, error),
          delayWhilePropagating(Date.now() - began, error),
          error,
          { reported }
        )
        reported = error
      }
    }
  }
}

/** What the registry's properties tell about a failure; the failure itself where they tell nothing. */
function problemOf(error: unknown, registry: ReadRegistry): unknown {
  if (error instanceof Unreachable && !error.untrusted) return new Inconclusive(outOfReach(registry, error))
  if (!(error instanceof HttpProblem) || error.service !== 'Container Registry') return error
  const { status, code, detail } = error
  if (status === 403 && error.says(/client with IP/i))
    return new Inconclusive(networkRefused(registry, detail))
  if (status === 404) return new Problem(chartMissing(registry, detail))
  if (status === 401 || status === 403) return new Problem(pullRefused(registry, code, detail))
  return error
}

function about(url: string, facts: FindingFacts): FindingFacts {
  const summary = facts.summary.includes(url) ? facts.summary : `${url}: ${facts.summary}`
  return { ...facts, summary, repository: url }
}

function notListed({ loginServer }: ReadRegistry): FindingFacts {
  return {
    id: 'registry/not-listed',
    summary: `${loginServer} lets no reader list its repositories, so there is nothing to read as long as no chart is named.`,
    remedy: `name one in ${input('registries')}: ${loginServer}/charts/app:1.2.3`
  }
}

function nameIn(loginServer: string): string {
  return loginServer.split(/[.-]/)[0] ?? ''
}

function networkRefused({ loginServer }: ReadRegistry, detail: string): FindingFacts {
  return {
    id: 'registry/network-refused',
    summary: `The firewall of ${loginServer} does not let this machine in, which says nothing about the cluster: ${detail}`,
    remedy: `run on a machine whose address the registry accepts, add its address, or see in Argo CD whether its Applications read`,
    command: `az acr network-rule list --name ${nameIn(loginServer)}`,
    link: 'https://learn.microsoft.com/azure/container-registry/container-registry-access-selected-networks'
  }
}

function outOfReach({ loginServer, network }: ReadRegistry, { facts }: Unreachable): FindingFacts {
  const why = network === 'private endpoints' ? ', which answers through private endpoints only' : ''
  return {
    id: 'registry/out-of-reach',
    summary: `This machine cannot reach ${loginServer}${why}: ${facts.summary}`,
    remedy:
      network === 'private endpoints'
        ? 'run on a machine in that network, whose name server knows the private endpoint, or see in Argo CD whether its Applications read'
        : 'let the machine reach the registry (name, firewall, proxy), then run again',
    link: 'https://learn.microsoft.com/azure/container-registry/container-registry-private-link'
  }
}

function chartMissing({ loginServer, quarantines }: ReadRegistry, detail: string): FindingFacts {
  return {
    id: 'registry/chart-missing',
    summary: `${loginServer} does not show the identity the chart that the inputs name: ${detail === '' ? 'not found' : detail}`,
    remedy: `correct its path and version${quarantines ? '; the registry keeps new artifacts in quarantine until somebody releases them' : ''}; one that was pushed a moment ago may not have reached this replica of the registry yet`,
    command: `az acr repository list --name ${nameIn(loginServer)} --output table`
  }
}

function pullRefused(
  { loginServer, acceptsArmTokens, byRepository }: ReadRegistry,
  code: string | undefined,
  detail: string
): FindingFacts {
  return {
    id: 'registry/pull-refused',
    summary: `${loginServer} does not let the identity pull: ${detail}`,
    remedy: [
      'a role that was assigned a moment ago may take some minutes: run again',
      ...(byRepository ? ['look at the condition of the role, which may leave this repository out'] : []),
      ...(acceptsArmTokens ? [] : ['see that it accepts tokens for Azure Resource Manager'])
    ].join('; or '),
    ...(code !== undefined && { code }),
    link: 'https://learn.microsoft.com/azure/container-registry/container-registry-troubleshoot-login'
  }
}
