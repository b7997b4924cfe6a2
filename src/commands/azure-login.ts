/** A login in Azure alone, for what the commands ask beside the chain of a target. */
import type { Cloud } from '../services/endpoints.ts'
import type { Finding } from '../core/finding.ts'
import { proxyFor, useProxies } from '../http/proxy.ts'
import type { WantedLogin } from '../services/entra/sources.ts'
import type { IdentityLogin } from '../services/identity-login.ts'
import { connect, type Services } from '../services/services.ts'
import type { RunHost } from './run.ts'

/** For all of its requests, in ms. */
const LONGEST = 5 * 60_000

/** @throws {Problem} when there is no login */
export function connectAzure(
  {
    cloud,
    login,
    identityLogin
  }: { readonly cloud: Cloud; readonly login: WantedLogin; readonly identityLogin?: IdentityLogin },
  host: RunHost,
  signal: AbortSignal,
  findings: Finding[]
): Promise<Services> {
  const {
    environment,
    reporter,
    timeout = 30_000,
    identityToken,
    serviceConnection,
    forIdentity,
    mask
  } = host
  useProxies(environment)
  const wire = {
    policy: {
      deadline: Date.now() + LONGEST,
      report: (text: string) => {
        reporter.on({ kind: 'progress', text })
      },
      signal
    },
    debug: (text: string) => {
      reporter.on({ kind: 'debug', text })
    },
    warn: (finding: Finding) => {
      findings.push(finding)
    },
    timeout,
    proxyFor: (url: string) => proxyFor(url, environment)
  }
  const sources = { environment, mask, identityToken, serviceConnection, forIdentity }
  return connect(
    { cloud, login, identityLogin, kubeconfig: '', uses: 'azure', readsGit: false },
    wire,
    sources
  )
}
