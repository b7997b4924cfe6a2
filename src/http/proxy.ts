/**
 * HTTPS_PROXY and its siblings. Node itself obeys them, in `fetch` and in its agents, once it is told to; git does by
 * nature; the Kubernetes client has an HTTP stack of its own and is told per cluster.
 */
import * as http from 'node:http'
import { warning, type Finding } from '../core/finding.ts'

/** @returns what to report when this Node cannot. */
export function useProxies(environment: NodeJS.ProcessEnv): Finding | undefined {
  const named = NAMES.find((name) => (environment[name] ?? '') !== '')
  if (named === undefined) return undefined
  const { setGlobalProxyFromEnv } = http as Partial<typeof http>
  if (!setGlobalProxyFromEnv)
    return warning({
      id: 'host/proxy-ignored',
      summary: `${named} is set, but this Node does not use it.`,
      expected: 'Node 24.14 or newer',
      actual: process.version,
      remedy: 'run on a runner or an agent with a newer Node, or on one that needs no proxy'
    })
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
