import type { Values } from './inputs.ts'
import type { RegistryReference } from './registry-reference.ts'
import type { RepositoryUrl } from './repository-url.ts'
import type { ChainMode } from './row.ts'

/** What the user asked for, including everything that can be derived without a request: by mode, what the mode uses. */
export type Desired = DesiredChain | DesiredAudit | DesiredMigration

/** What every mode uses. */
interface DesiredRun {
  readonly argocdNamespace?: string
  readonly login: { readonly clientId?: string; readonly tenantId?: string }
  readonly cloud: Values['cloud']
  /** Whether credentials that earlier migrations took out are named. */
  readonly remind: boolean
  /** How the API server of an AKS cluster is reached. */
  readonly clusterAccess: Values['cluster-access']
  /** Lines for the log: what was derived, and from what. */
  readonly derived: readonly string[]
  /** Where the inputs come from a file of targets. */
  readonly target?: DesiredTarget
}

/** One of many clusters. */
export interface DesiredTarget {
  readonly name: string
  /** Digest of all targets of the file. */
  readonly plan: string
}

/** One chain, from the cluster to the repositories. */
export interface DesiredChain extends DesiredRun {
  readonly mode: ChainMode
  readonly dryRun: boolean
  readonly failOnDrift: boolean
  readonly cluster: DesiredCluster
  readonly identity: DesiredIdentity
  /** Identity and organizations are in this tenant, which needs a login of its own; absent: one login is for all. */
  readonly identityLogin?: OtherLogin
  readonly organizations: readonly DesiredOrganization[]
  readonly repositories: readonly RepositoryUrl[]
  readonly access: Values['access']
  /** Name of the Argo CD project that is connected; `*`: all. */
  readonly argocdProject?: string
  readonly configuration: Values['argocd-configuration']
  /** The kind of Secret that connects Argo CD. */
  readonly connection: 'repository' | 'repo-creds'
  readonly application?: DesiredApplication
  readonly verification: Values['verification']
  /** ms */
  readonly verificationTimeout: number
  /** Whether the block for an issue has names replaced. */
  readonly redact: boolean
  /** Repositories of charts that the identity reads. */
  readonly registries: readonly RegistryReference[]
  /** Whether Secrets connect Argo CD; without, the chain ends at the access of the identity. */
  readonly connects: boolean
  /** For a check. */
  readonly allow: readonly Allowance[]
}

/** Stored credentials of one Argo CD, to be replaced by the identity, or back. */
export interface DesiredMigration extends Omit<DesiredChain, 'mode'> {
  readonly mode: 'migrate' | 'rollback'
  /** Only Secrets that serve one of these; empty: all. */
  readonly urls: readonly string[]
  /** Name of a Secret, or URL of a repository. */
  readonly canary: string | undefined
  readonly batchSize: number
  /** How long a backup stays, in ms. */
  readonly backupRetention: number
  readonly restart: boolean
}

/** All stored credentials of a cluster. */
export interface DesiredAudit extends DesiredRun {
  readonly mode: 'audit'
  readonly cluster: AksCluster | GivenCluster
  readonly failOnStoredCredentials: boolean
  readonly allow: readonly Allowance[]
}

/** A stored credential that is accepted until a day. */
export interface Allowance {
  /** Of the finding: 16 hexadecimal digits. */
  readonly fingerprint: string
  /** The last day on which it holds (UTC), as YYYY-MM-DD. */
  readonly until: string
  readonly reason: string
}

/** An Azure DevOps organization: the identity is a licensed member of each. */
export interface DesiredOrganization {
  readonly name: string
  /** The same where resources must be told apart by it; undefined for the only one of a run. */
  readonly of: string | undefined
  readonly repositories: readonly RepositoryUrl[]
}

/** An AKS cluster or one that Azure Arc connects, read from ARM; or any other cluster, described by its issuer and a kubeconfig. */
export type DesiredCluster = AksCluster | ArcCluster | OidcCluster

export interface AksCluster {
  readonly kind: 'aks'
  readonly name: string
  readonly resourceGroup?: string
  readonly subscriptionId?: string
  /** Enable OIDC issuer and workload identity if they are off. */
  readonly configure: boolean
  /** Content of a kubeconfig; absent: the AKS user credential. */
  readonly kubeconfig?: string
}

export interface ArcCluster {
  readonly kind: 'arc'
  readonly name: string
  readonly resourceGroup: string
  readonly subscriptionId: string
  /** Content of a kubeconfig: Arc gives no direct way to the API server. */
  readonly kubeconfig: string
}

export interface OidcCluster {
  readonly kind: 'oidc'
  readonly name: string
  /** Byte for byte as in the tokens' `iss`. */
  readonly issuerUrl: string
  /** Content of a kubeconfig. */
  readonly kubeconfig: string
  /** For the identity: the cluster itself is not in Azure. */
  readonly place: AzurePlace
}

/** Any cluster, for a mode that needs nothing but its API. */
export interface GivenCluster {
  readonly kind: 'given'
  readonly name: string
  /** Content of a kubeconfig. */
  readonly kubeconfig: string
}

export interface AzurePlace {
  readonly subscriptionId: string
  readonly resourceGroup: string
  readonly location: string
}

/** A login in another tenant than that of the cluster. */
export interface OtherLogin {
  readonly tenantId: string
  /** Absent: that of a service connection, or of az. */
  readonly clientId?: string
}

/** An absent field is derived from the cluster. */
export interface DesiredIdentity {
  readonly name: string
  /** For one that Patless makes, beside its own. */
  readonly tags: Readonly<Record<string, string>>
  readonly subscriptionId?: string
  readonly resourceGroup?: string
  readonly location?: string
}

export interface DesiredApplication {
  readonly name: string
  readonly path: string
  readonly revision: string | undefined
  /** Namespace that it deploys to. */
  readonly destination: string
}
