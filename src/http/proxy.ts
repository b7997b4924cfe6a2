/**
 * HTTPS_PROXY and its siblings. Node itself obeys them, in `fetch` and in its agents, once it is told to; git does by
 * nature; the Kubernetes client has an HTTP stack of its own and is told per cluster.
 */
import * as http from 'node:http'
import { Problem } from '../core/finding.ts'

/**
 * All clients go through the proxy, or none goes anywhere.
 *
 * @param set what makes Node's own clients use it; null where this Node has nothing of the kind
 * @throws {Problem} when Node's own clients would go past the proxy while git and the Kubernetes client do not.
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
  // Read when Node starts: what was added since is not in it.
  const started = process.env['NODE_USE_ENV_PROXY'] === '1' && (process.env[named] ?? '') !== ''
  if (started && obeysFromStart(version)) return
  throw new Problem({
    id: 'host/proxy-ignored',
    summary: `There is a proxy (${named}), which this Node does not use by itself; nothing was sent past it.`,
    expected: 'Node 24.14 or newer, or NODE_USE_ENV_PROXY=1 with Node 24.5 or newer',
    actual: `Node ${version}`,
    remedy: `set NODE_USE_ENV_PROXY: 1 and ${named} in the environment of the job, or use a runner or agent with a newer Node; where no proxy is needed, set NO_PROXY: '*'`,
    link: 'https://nodejs.org/api/cli.html#node_use_env_proxy1'
  })
}

/** For `fetch` and for the agents of http alike (Node's CLI documentation). */
function obeysFromStart(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21)
}

function isExcepted(environment: NodeJS.ProcessEnv): boolean {
  return (environment['no_proxy'] ?? environment['NO_PROXY'] ?? '').trim() === '*'
}

const NAMES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY']

/** The proxy for a URL, as curl and kubectl choose it; undefined for none. */
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
