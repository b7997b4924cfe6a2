/**
 * The endpoints of the services, per cloud; the environment can override each (proxies, sovereign clouds, the sandbox).
 * Azure DevOps Services exists in the public cloud only.
 */
import { Problem } from '../core/finding.ts'
import { withoutTrailing } from '../core/text.ts'

export interface Endpoints {
  readonly authority: string
  /** Whether Entra's instance discovery knows the authority. */
  readonly knownAuthority: boolean
  readonly arm: string
  /** Scope of an ARM token: the cloud's own audience, even when ARM's URL is overridden. */
  readonly armScope: string
  /** Microsoft Graph. */
  readonly graph: string
  readonly devops: string
  /** Before the path of a registry's login server; undefined: each is a host of its own. */
  readonly registries: string | undefined
  /** undefined: discovered from `devops` (resource areas). */
  readonly devopsHosts: { readonly graph: string; readonly entitlements: string } | undefined
  /** Audience of federated credentials in this cloud. */
  readonly exchangeAudience: string
  /** One line per override, for the log. */
  readonly overrides: readonly string[]
}

const CLOUDS = {
  public: {
    authority: 'https://login.microsoftonline.com',
    arm: 'https://management.azure.com',
    exchangeAudience: 'api://AzureADTokenExchange'
  },
  usgovernment: {
    authority: 'https://login.microsoftonline.us',
    arm: 'https://management.usgovcloudapi.net',
    exchangeAudience: 'api://AzureADTokenExchangeUSGov'
  },
  china: {
    authority: 'https://login.chinacloudapi.cn',
    arm: 'https://management.chinacloudapi.cn',
    exchangeAudience: 'api://AzureADTokenExchangeChina'
  }
} as const

const DEVOPS = 'https://dev.azure.com'
/** Of the public cloud, where every identity is that Azure DevOps accepts. */
const GRAPH = 'https://graph.microsoft.com'
/** Scope of Microsoft Graph, also where its URL is overridden. */
export const GRAPH_SCOPE = `${GRAPH}/.default`
/** Scope of Azure DevOps: its application id, in every organization. */
export const AZURE_DEVOPS_SCOPE = '499b84ac-1321-427f-aa17-267ca6975798/.default'
/** Scope of the AKS Entra server application, the same in all clouds (Azure/kubelogin, concepts/aks). */
export const AKS_SCOPE = '6dae42f8-4368-4678-94ff-3960e28e3630/.default'

export type Cloud = keyof typeof CLOUDS

/**
 * @param hostsOwn names of the variables that hold the host's token endpoints, as far as this login uses them
 * @throws {Problem} that lists every override to which no token may be sent.
 */
export function endpointsOf(
  cloud: Cloud,
  environment: NodeJS.ProcessEnv,
  hostsOwn: readonly string[] = []
): Endpoints {
  const own = CLOUDS[cloud]
  const given = (name: string): string | undefined => {
    const value = withoutTrailing(environment[name]?.trim() ?? '', '/')
    return value === '' ? undefined : value
  }
  const places = [
    'AZURE_AUTHORITY_HOST',
    'AZURE_RESOURCE_MANAGER_URL',
    'AZURE_DEVOPS_URL',
    'MICROSOFT_GRAPH_URL',
    'AZURE_CONTAINER_REGISTRY_URL'
  ] as const
  const faults = [
    ...places.map((name) => faultOf(name, serviceFault(given(name)) ?? cloudFault(given(name)))),
    ...hostsOwn.map((name) => faultOf(name, hostFault(given(name))))
  ].filter((fault) => fault !== undefined)
  if (faults.length > 0) throw unusable(faults)
  const overridden = (name: (typeof places)[number], standard: string): string => {
    const value = given(name) ?? standard
    if (value !== standard) overrides.push(`${name}: ${value} instead of ${standard}`)
    return value
  }
  const overrides: string[] = []
  const registries = given('AZURE_CONTAINER_REGISTRY_URL')
  if (registries !== undefined)
    overrides.push(
      `AZURE_CONTAINER_REGISTRY_URL: ${registries}/<login server> instead of https://<login server>`
    )
  const authority = overridden('AZURE_AUTHORITY_HOST', own.authority)
  const devops = overridden('AZURE_DEVOPS_URL', DEVOPS)
  return {
    overrides,
    authority,
    knownAuthority: Object.values(CLOUDS).some((known) => known.authority === authority),
    arm: overridden('AZURE_RESOURCE_MANAGER_URL', own.arm),
    armScope: `${own.arm}/.default`,
    graph: overridden('MICROSOFT_GRAPH_URL', GRAPH),
    devops,
    registries,
    devopsHosts:
      devops === DEVOPS
        ? { graph: 'https://vssps.dev.azure.com', entitlements: 'https://vsaex.dev.azure.com' }
        : undefined,
    exchangeAudience: own.exchangeAudience
  }
}

/** Entra's second host in China (AzureChinaCloud in az and in the SDKs). */
const CHINA_ALIAS = 'https://login.partner.microsoftonline.cn'

/** Azure DevOps accepts only tokens of the public cloud. */
function cloudFault(text: string | undefined): string | undefined {
  const host = (url: string): string | undefined => URL.parse(url)?.hostname
  const others = [CLOUDS.usgovernment, CLOUDS.china]
  const elsewhere = [CHINA_ALIAS, ...others.flatMap(({ authority, arm }) => [authority, arm])]
  return text !== undefined && elsewhere.some((url) => host(url) === host(text))
    ? 'belongs to a cloud whose tokens Azure DevOps does not accept: the identity must be in the public cloud'
    : undefined
}

/** Why a token must not go to a service at this URL; undefined when it may. */
export function serviceFault(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const url = URL.parse(text)
  if (!url || url.hostname === '') return 'is not a URL'
  if (url.protocol !== 'https:') return `is ${url.protocol.slice(0, -1)}: tokens would travel in the clear`
  return extraPart(url) ?? (/[?#]/.test(text) ? 'has a query or a fragment' : undefined)
}

/**
 * The same for the host's own token endpoints: plain http is acceptable on loopback and link-local addresses, where
 * nobody else can listen (Azure Instance Metadata Service, App Service, Azure Arc).
 */
export function hostFault(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const url = URL.parse(text)
  if (!url || url.hostname === '') return 'is not a URL'
  if (url.username !== '' || url.password !== '') return 'contains a user or a password'
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isOwnAddress(url.hostname))) return undefined
  return `is ${url.protocol.slice(0, -1)}, and not on a loopback or link-local address: tokens would travel in the clear`
}

/** URL has already normalized every spelling of an IPv4 address (0x7f.1, 2130706433). */
function isOwnAddress(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    /^(?:127|169\.254)(?:\.\d{1,3}){2,3}$/.test(hostname) ||
    hostname === '[::1]' ||
    /^\[fe[89ab][0-9a-f]:/.test(hostname)
  )
}

function extraPart({ username, password, search, hash }: URL): string | undefined {
  if (username !== '' || password !== '') return 'contains a user or a password'
  return search === '' && hash === '' ? undefined : 'has a query or a fragment'
}

function faultOf(name: string, fault: string | undefined): string | undefined {
  return fault === undefined ? undefined : `${name} ${fault}`
}

/** The message omits the values, because a user part or a query may be a secret. */
export function unusable(faults: readonly string[]): Problem {
  const [first = ''] = faults
  const rest = 'no token was requested or sent.'
  return new Problem({
    id: 'host/endpoints-invalid',
    summary:
      faults.length === 1
        ? `${first}; ${rest}`
        : `${faults.length} endpoints in the environment are not usable; ${rest}\n${faults.map((one) => `  ${one}`).join('\n')}`,
    expected: 'https URLs of the public cloud, or of your own proxies, without user, query and fragment',
    remedy: 'correct or unset the variables named above'
  })
}
