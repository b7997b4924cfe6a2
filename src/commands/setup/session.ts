/** What one set-up shares: the wire, the person's az login, and what it may say. */
import type { Finding } from '../../core/finding.ts'
import { proxyFor, useProxies } from '../../http/proxy.ts'
import type { Wire } from '../../http/request.ts'
import { subscriptionsOfAz, type AzSubscription } from '../../services/entra/az.ts'
import { connect } from '../../services/services.ts'
import { GitHub } from '../../services/github/github.ts'
import { serviceFault, unusable } from '../../services/endpoints.ts'
import { withoutTrailing } from '../../core/text.ts'
import type { Terminal } from '../command.ts'
import type { Recorder } from './json.ts'
import { setupServices, type SetupServices } from './services.ts'

/** For one request, in ms. */
const TIMEOUT = 30_000
/** For the whole set-up, in ms: an administrator may take time to answer. */
const BUDGET = 60 * 60_000
/** How long a write may take to propagate, in ms: a new identity is known in Azure DevOps after minutes. */
export const PROPAGATION = 10 * 60_000

export interface Session {
  readonly wire: Wire
  readonly say: (text: string) => void
  readonly warn: (finding: Finding) => void
  readonly environment: NodeJS.ProcessEnv
  readonly mask: (secret: string) => void
  /** Keeps what was found or made, for JSON. */
  readonly record: Recorder
}

export function sessionOf(
  { environment, reporter, mask }: Terminal,
  signal: AbortSignal
): Omit<Session, 'record'> {
  useProxies(environment)
  const say = (text: string): void => {
    reporter.on({ kind: 'info', text })
  }
  const warned = new Set<string>()
  const warn = (finding: Finding): void => {
    if (warned.has(finding.summary)) return
    warned.add(finding.summary)
    reporter.on({ kind: 'warning', finding })
  }
  const wire: Wire = {
    policy: {
      deadline: Date.now() + BUDGET,
      report: (text) => {
        reporter.on({ kind: 'progress', text })
      },
      signal
    },
    debug: (text) => {
      reporter.on({ kind: 'debug', text })
    },
    warn,
    timeout: TIMEOUT,
    proxyFor: (url) => proxyFor(url, environment)
  }
  return { wire, say, warn, environment, mask }
}

/** The person's subscriptions, the default one first; empty: az is missing or not logged in. */
export async function azSubscriptions({ environment, wire }: Session): Promise<AzSubscription[]> {
  const all = (await subscriptionsOfAz(environment, wire)) ?? []
  return all.toSorted((one, other) => Number(other.isDefault) - Number(one.isDefault))
}

/** @param ofCluster of the tenant of the cluster, where this tenant is another one and has only identities */
export async function servicesOf(
  { wire, environment, mask, say }: Session,
  tenantId: string,
  { uses, ofCluster }: { readonly uses: 'everything' | 'azure'; readonly ofCluster?: SetupServices }
): Promise<SetupServices> {
  const settings = {
    cloud: 'public' as const,
    login: { tenantId },
    kubeconfig: undefined,
    readsGit: false,
    uses
  }
  const services = await connect(settings, wire, { environment, mask })
  say(`login${ofCluster ? ` in tenant ${tenantId}` : ''}: ${services.login.description}`)
  return setupServices(services, ofCluster)
}

/** The tenant that the organizations are connected to, asked without a token; undefined: none says it. */
export async function tenantOfOrganizations(
  { devops }: SetupServices,
  organizations: readonly { readonly name: string }[]
): Promise<string | undefined> {
  const asked = organizations.map(({ name }) =>
    devops(name)
      .members.tenant()
      .catch(() => undefined)
  )
  return (await Promise.all(asked)).find((one) => one !== undefined)
}

const GITHUB = 'https://api.github.com'

/** GitHub's API, asked with the person's own token if the environment has one. @throws {Problem} for an unusable URL */
export function gitHubOf({ environment, wire, mask, say }: Session): GitHub {
  const given = withoutTrailing(environment['GITHUB_API_URL']?.trim() ?? '', '/')
  const fault = serviceFault(given === '' ? undefined : given)
  if (fault !== undefined) throw unusable([`GITHUB_API_URL ${fault}`])
  if (given !== '' && given !== GITHUB) say(`GITHUB_API_URL: ${given} instead of ${GITHUB}`)
  const token = [environment['GH_TOKEN'], environment['GITHUB_TOKEN']].find((one) => (one ?? '') !== '')
  if (token !== undefined) mask(token)
  return new GitHub(given === '' ? GITHUB : given, token, wire)
}
