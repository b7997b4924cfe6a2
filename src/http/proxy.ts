/**
 * HTTPS_PROXY and its siblings. Node itself obeys them, in `fetch` and in its agents, once it is told to; git does by
 * nature; the Kubernetes client has an HTTP stack of its own and is told per cluster.
 */
import * as http from 'node:http'

/** @returns a warning when this Node cannot. */
export function useProxies(environment: NodeJS.ProcessEnv): string | undefined {
  const named = NAMES.find((name) => (environment[name] ?? '') !== '')
  if (named === undefined) return undefined
  const { setGlobalProxyFromEnv } = http as Partial<typeof http>
  if (!setGlobalProxyFromEnv)
    return `${named} is set, but this Node (${process.version}) does not obey it; 24.14 or newer does.`
  setGlobalProxyFromEnv(environment)
  return undefined
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
