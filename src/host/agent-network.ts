/**
 * Translates the network settings of an Azure Pipelines agent (`./config.sh --proxyurl --sslcacert`) into the variables
 * that programs know. The agent passes them only to its tasks (azure-pipelines-task-lib, getHttpProxyConfiguration).
 */
import { jsonOf } from '../http/request.ts'

export interface AgentNetwork {
  readonly proxyUrl: string | undefined
  readonly proxyUsername: string | undefined
  readonly proxyPassword: string | undefined
  /** Regular expressions for URLs, from the file .proxybypass. */
  readonly bypass: readonly string[]
  /** Path of a PEM file with the certificate authorities that the agent trusts. */
  readonly authorities: string | undefined
}

export interface Network {
  readonly variables: Readonly<Record<string, string>>
  /** Values to mask. */
  readonly secrets: readonly string[]
}

const PROXIES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY']

/** Every host that a run contacts except the cluster's, which only its kubeconfig names. */
const HOSTS = [
  'login.microsoftonline.com',
  'management.azure.com',
  'dev.azure.com',
  'vssps.dev.azure.com',
  'vsaex.dev.azure.com'
]
/** Variables that name further hosts. */
const PLACES = [
  'AZURE_AUTHORITY_HOST',
  'AZURE_RESOURCE_MANAGER_URL',
  'AZURE_DEVOPS_URL',
  'SYSTEM_OIDCREQUESTURI'
]

/** Reads the variables that the agent sets for its tasks. */
export function agentNetworkOf(
  environment: NodeJS.ProcessEnv,
  proxyPassword: string | undefined
): AgentNetwork {
  const given = (name: string): string | undefined =>
    (environment[name] ?? '') === '' ? undefined : environment[name]
  return {
    proxyUrl: given('AGENT_PROXYURL'),
    proxyUsername: given('AGENT_PROXYUSERNAME'),
    proxyPassword,
    bypass: listOf(given('AGENT_PROXYBYPASSLIST')),
    authorities: given('AGENT_CAINFO')
  }
}

function listOf(text = '[]'): string[] {
  const found = jsonOf(text)
  return Array.isArray(found) ? found.filter((one) => typeof one === 'string') : []
}

/** The job's own network settings take precedence, because somebody wrote them for this job. */
export function networkOf(agent: AgentNetwork, environment: NodeJS.ProcessEnv): Network {
  const { authorities } = agent
  const isSet = (name: string): boolean => (environment[name] ?? '') !== ''
  const trust: Record<string, string> =
    authorities === undefined || isSet('GIT_SSL_CAINFO') ? {} : { GIT_SSL_CAINFO: authorities }
  const url = agent.proxyUrl === undefined ? null : URL.parse(agent.proxyUrl)
  if (!url || PROXIES.some(isSet)) return { variables: trust, secrets: [] }
  url.username = encodeURIComponent(agent.proxyUsername ?? '')
  url.password = encodeURIComponent(agent.proxyPassword ?? '')
  const proxy = url.href.replace(/\/$/, '')
  const secrets = [agent.proxyPassword ?? '', url.password].filter((secret) => secret !== '')
  const direct = environment['no_proxy'] ?? environment['NO_PROXY'] ?? ''
  const excepted = [direct, ...exceptions(agent.bypass, environment)].filter((one) => one !== '').join(',')
  return {
    variables: { ...trust, HTTPS_PROXY: proxy, HTTP_PROXY: proxy, NO_PROXY: excepted, no_proxy: excepted },
    secrets: [...new Set(secrets)]
  }
}

/** The hosts that an expression of the agent matches, and the domain that it can only mean. */
function exceptions(bypass: readonly string[], environment: NodeJS.ProcessEnv): string[] {
  const named = PLACES.map((name) => URL.parse(environment[name] ?? '')?.hostname ?? '')
  const hosts = [...new Set([...HOSTS, ...named.filter((host) => host !== '')])]
  return bypass.flatMap((text) => [
    ...hosts.filter((host) => matches(text, `https://${host}/`)),
    ...domainOf(text)
  ])
}

function matches(expression: string, url: string): boolean {
  try {
    return new RegExp(expression, 'i').test(url)
  } catch {
    return false
  }
}

/** `.*\.corp\.example$` → `.corp.example`; empty when the expression is more than a name. */
function domainOf(expression: string): string[] {
  const name = expression
    .replace(/^\^/, '')
    .replace(/^https?\??:\/\//, '')
    .replace(/\$$|\/\.?\*?$/, '')
    .replace(/^(?:\.\*|\[\^\/\]\*|\*)/, '')
    .replaceAll('\\.', '.')
  return /^\.?[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(name) ? [name] : []
}
