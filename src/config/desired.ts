import type { Values } from './inputs.ts'
import type { RepositoryUrl } from './repository-url.ts'

/** What the user asked for, with everything derived that needs no request. */
export interface Desired {
  readonly mode: Values['mode']
  readonly dryRun: boolean
  readonly failOnDrift: boolean
  readonly cluster: DesiredCluster
  readonly identity: DesiredIdentity
  readonly organization: string
  readonly repositories: readonly RepositoryUrl[]
  readonly access: Values['access']
  readonly argocdNamespace?: string
  /** Name of the Argo CD project that is connected; `*`: all. */
  readonly argocdProject?: string
  readonly configuration: Values['argocd-configuration']
  /** The kind of Secret that connects Argo CD. */
  readonly connection: 'repository' | 'repo-creds'
  readonly application?: DesiredApplication
  readonly verification: Values['verification']
  /** ms */
  readonly verificationTimeout: number
  readonly login: { readonly clientId?: string; readonly tenantId?: string }
  readonly cloud: Values['cloud']
  /** What was derived from what, for the log. */
  readonly derived: readonly string[]
}

/** An AKS cluster, read from ARM; or any other, which its issuer and a kubeconfig say all about. */
export type DesiredCluster = AksCluster | OidcCluster

export interface AksCluster {
  readonly kind: 'aks'
  readonly name: string
  readonly resourceGroup?: string
  readonly subscriptionId?: string
  /** Enable what is missing on the cluster. */
  readonly configure: boolean
  /** Content of a kubeconfig; absent: the AKS user credential. */
  readonly kubeconfig?: string
}

export interface OidcCluster {
  readonly kind: 'oidc'
  readonly name: string
  /** Byte for byte as in the tokens' `iss`. */
  readonly issuerUrl: string
  /** Content of a kubeconfig. */
  readonly kubeconfig: string
  /** Where the identity goes: the cluster itself has no place in Azure. */
  readonly place: AzurePlace
}

export interface AzurePlace {
  readonly subscriptionId: string
  readonly resourceGroup: string
  readonly location: string
}

/** What is absent is that of the cluster. */
export interface DesiredIdentity {
  readonly name: string
  /** For one that Patless makes, beside its own. */
  readonly tags: Readonly<Record<string, string>>
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
