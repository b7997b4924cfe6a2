/**
 * HTTPS_PROXY and its siblings. Node uses them in `fetch` and in its agents once that is switched on; git always does;
 * the Kubernetes client has its own HTTP stack and gets the proxy per cluster.
 */
import * as http from 'node:http'
import { Problem } from '../core/finding.ts'

/**
 * Either all clients use the proxy, or nothing is sent.
 *
 * @param set turns the proxy on for Node's own clients; null if this version of Node cannot
 * @throws {Problem} when Node's own clients would bypass the proxy that git and the Kubernetes client use.
 */
export function useProxies(
  environment: NodeJS.ProcessEnv,
  set: ((environment: NodeJS.ProcessEnv) => unknown) | null = (http as Partial<typeof http>)
    .setGlobalProxyFromEnv ?? null,
  version = process.versions.node
): void {
  const named = NAMES.find((name) => (environment[name] ?? '') !== '')
  if (named === undefined || isExcepted(environment)) return
  if (set) {
    set(environment)
    return
  }
  // Node reads these variables at startup, so later additions have no effect.
  const started = process.env['NODE_USE_ENV_PROXY'] === '1' && (process.env[named] ?? '') !== ''
  if (started && obeysFromStart(version)) return
  throw new Problem({
    id: 'host/proxy-ignored',
    summary: `There is a proxy (${named}), which this version of Node does not use by itself; nothing was sent past it.`,
    expected: 'Node 24.14 or newer, or NODE_USE_ENV_PROXY=1 with Node 24.5 or newer',
    actual: `Node ${version}`,
    remedy: `set NODE_USE_ENV_PROXY: 1 and ${named} in the environment of the job, or use a runner or agent with a newer Node; where no proxy is needed, set NO_PROXY: '*'`,
    link: 'https://nodejs.org/api/cli.html#node_use_env_proxy1'
  })
}

/** Covers both `fetch` and the http agents (Node's CLI documentation). */
function obeysFromStart(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21)
}

function isExcepted(environment: NodeJS.ProcessEnv): boolean {
  return (environment['no_proxy'] ?? environment['NO_PROXY'] ?? '').trim() === '*'
}

const NAMES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY']

/** The proxy for a URL, chosen as curl and kubectl do; undefined for none. */
export function proxyFor(url: string, environment: NodeJS.ProcessEnv): string | undefined {
  const { protocol, hostname, port } = new URL(url)
  const scheme = protocol.slice(0, -1)
  const proxy = environment[`${scheme}_proxy`] ?? environment[`${scheme}_PROXY`.toUpperCase()] ?? ''
  const excepted = (environment['no_proxy'] ?? environment['NO_PROXY'] ?? '').toLowerCase().split(/[\s,]+/)
  const host = hostname.toLowerCase()
  const direct = excepted.some((one) => {
    const [, name = '', only] = /^\*?\.?([^:]*)(?::(\d+))?$/.exec(one) ?? []
    if (only !== undefined && only !== (port === '' ? '443' : port)) return false
    return one === '*' || (name !== '' && (host === name || host.endsWith(`.${name}`)))
  })
  return proxy === '' || direct ? undefined : proxy
}
