/**
 * HTTPS_PROXY and its siblings. Node uses them in `fetch` and in its agents once that is switched on; git always does;
 * the Kubernetes client has its own HTTP stack and gets the proxy per cluster.
 */
import * as http from 'node:http'
import { warning, type Finding } from '../core/finding.ts'

/** @returns a warning when this version of Node does not support proxies. */
export function useProxies(environment: NodeJS.ProcessEnv): Finding | undefined {
  const named = NAMES.find((name) => (environment[name] ?? '') !== '')
  if (named === undefined) return undefined
  const { setGlobalProxyFromEnv } = http as Partial<typeof http>
  if (!setGlobalProxyFromEnv)
    return warning({
      id: 'host/proxy-ignored',
      summary: `${named} is set, but this version of Node does not use it.`,
      expected: 'Node 24.14 or newer',
      actual: process.version,
      remedy: 'use a runner or an agent with a newer Node, or one that needs no proxy'
    })
  setGlobalProxyFromEnv(environment)
  return undefined
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
