/**
 * Where the services are, per cloud; each can be overridden by the environment (proxies, sovereign clouds, the
 * sandbox). Azure DevOps Services exists in the public cloud only.
 */
export interface Endpoints {
  readonly authority: string
  /** Whether the authority is one that Entra's instance discovery knows. */
  readonly knownAuthority: boolean
  readonly arm: string
  /** Scope of an ARM token: the cloud's own audience, also when ARM is reached elsewhere. */
  readonly armScope: string
  readonly devops: string
  /** Undefined: to be discovered from `devops` (resource areas). */
  readonly devopsHosts: { readonly graph: string; readonly entitlements: string } | undefined
  /** Audience of federated credentials in this cloud. */
  readonly exchangeAudience: string
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

/** Scope of Azure DevOps: its application id, in every organization. */
export const AZURE_DEVOPS_SCOPE = '499b84ac-1321-427f-aa17-267ca6975798/.default'
/** Scope of the AKS Entra server application, the same in all clouds (Azure/kubelogin, concepts/aks). */
export const AKS_SCOPE = '6dae42f8-4368-4678-94ff-3960e28e3630/.default'

export type Cloud = keyof typeof CLOUDS

export function endpointsOf(cloud: Cloud, environment: NodeJS.ProcessEnv): Endpoints {
  const own = CLOUDS[cloud]
  const authority = overridden(environment, 'AZURE_AUTHORITY_HOST') ?? own.authority
  const devops = overridden(environment, 'AZURE_DEVOPS_URL')
  return {
    authority,
    knownAuthority: Object.values(CLOUDS).some((known) => known.authority === authority),
    arm: overridden(environment, 'AZURE_RESOURCE_MANAGER_URL') ?? own.arm,
    armScope: `${own.arm}/.default`,
    devops: devops ?? 'https://dev.azure.com',
    devopsHosts:
      devops === undefined || devops === 'https://dev.azure.com'
        ? { graph: 'https://vssps.dev.azure.com', entitlements: 'https://vsaex.dev.azure.com' }
        : undefined,
    exchangeAudience: own.exchangeAudience
  }
}

function overridden(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = environment[name]?.trim().replace(/\/+$/, '')
  return value === undefined || value === '' ? undefined : value
}
