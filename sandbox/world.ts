/**
 * The facts that the twin's services share. Each service keeps its own state; only these pass from one to another, as
 * between the real services.
 */

/** A service principal: a managed identity's, or the one the pipeline logs in with. */
export interface Principal {
  /** Application id, as a token request names it. */
  readonly clientId: string
  /** Object id; Azure DevOps calls it originId. */
  readonly principalId: string
  readonly displayName: string
  readonly tenantId: string
  /** ms since the epoch; Azure DevOps and Entra know it a little later. */
  readonly createdAt: number
  readonly trusts: readonly Trust[]
}

/** A federated credential as Entra holds it. `audience` is the single entry of ARM's `audiences`. */
export interface Trust {
  readonly issuer: string
  readonly subject: string
  readonly audience: string
  /** ms since the epoch. */
  readonly writtenAt: number
}

/** The directory of all tenants, filled by ARM (identities) and by the twin itself (the pipeline's app). */
export interface Directory {
  byClientId(clientId: string): Principal | undefined
  byPrincipalId(principalId: string): Principal | undefined
}

/** The caller behind a bearer token of the Entra twin. */
export interface Caller {
  readonly clientId: string
  readonly principalId: string
  readonly tenantId: string
  readonly audience: string
}

/** Checks a bearer token (RS256, the Entra twin's keys, lifetime); undefined for any other token. */
export type Authenticate = (authorization: string | undefined) => Promise<Caller | undefined>

/** The cluster behind an ARM managedCluster. */
export interface ClusterAccess {
  /** https://localhost:port of the Kubernetes API. */
  readonly server: string
  /** PEM. */
  readonly ca: string
  /** Of an administrator; absent: nobody but callers of Entra comes in. */
  readonly token?: string
  /** With its trailing slash; tokens carry it as `iss` byte for byte. */
  readonly issuer: string
  readonly extensions: ExtensionAgent
}

/** The agent in the cluster that installs the extensions which ARM requests. */
export interface ExtensionAgent {
  /** Installs or updates the extension. @returns why it failed; undefined for success. */
  roll(order: ExtensionOrder): Promise<string | undefined>
  remove(namespace: string): void
}

export interface ExtensionOrder {
  readonly name: string
  readonly namespace: string
  readonly version: string
  readonly settings: Readonly<Record<string, string>>
}

/** How long the services lag, in ms; all 0 in most tests, a little in the demo. */
export interface Lag {
  /** From the write of a federated credential until the token endpoint knows it. */
  readonly credential: number
  /** From an identity's creation until Azure DevOps can add it (VS403283 before). */
  readonly directory: number
  /** From joining the organization until git accepts (TF401444 before). */
  readonly membership: number
  /** From a pod's creation until it is Ready. */
  readonly podStart: number
  /** One operation on a cluster extension. */
  readonly extension: number
}

export const AUDIENCES = {
  azureDevOps: '499b84ac-1321-427f-aa17-267ca6975798',
  arm: 'https://management.azure.com',
  registries: 'https://containerregistry.azure.net',
  graph: 'https://graph.microsoft.com',
  aks: '6dae42f8-4368-4678-94ff-3960e28e3630',
  exchange: 'api://AzureADTokenExchange'
} as const
