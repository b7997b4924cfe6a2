/**
 * What the rules judge. Every part is absent until somebody has read it: most runs need none, and a failure only those
 * that could explain it. Plain data without credentials; the parts are read in `chain/evidence/`.
 */
import type { Answered, Complaint } from '../core/answered.ts'

/** The user's own names, as far as they are known. Remedies are filled with them. */
export interface Names {
  readonly subscriptionId?: string | undefined
  readonly identitySubscriptionId?: string | undefined
  readonly resourceGroup?: string | undefined
  readonly cluster?: string | undefined
  /** Of the cluster. */
  readonly location?: string | undefined
  /** In the tokens of the cluster. */
  readonly issuer?: string | undefined
  /** The audience that Entra accepts in this cloud. */
  readonly audience?: string | undefined
  readonly identity?: string | undefined
  readonly identityResourceGroup?: string | undefined
  readonly clientId?: string | undefined
  readonly principalId?: string | undefined
  readonly tenantId?: string | undefined
  /** Of Argo CD. */
  readonly namespace?: string | undefined
  /** Of the repo-server. */
  readonly deployment?: string | undefined
  readonly container?: string | undefined
  readonly account?: string | undefined
  /** Of Argo CD, as its image shows it. */
  readonly version?: string | undefined
  readonly organization?: string | undefined
  readonly repositories?: readonly {
    readonly url: string
    readonly project: string
    readonly repository: string
  }[]
}

/** The claims of the service account's token that Entra compares, and what it compares them with. */
export interface Trust {
  /** undefined: the token could not be requested. */
  readonly token: Claims | undefined
  readonly credentials: readonly Credential[]
  /** Credentials of other identities that the login sees, for the same subject or issuer. */
  readonly elsewhere: readonly (Credential & { readonly identity: string; readonly clientId: string })[]
  /** The audience that Entra accepts in this cloud. */
  readonly audience: string
}

export interface Claims {
  readonly issuer: string
  readonly subject: string
  readonly audience: string
}

export interface Credential {
  readonly name: string
  readonly issuer: string
  readonly subject: string
  readonly audience: string
}

/** The repo-server as the cluster has it. */
export interface Workload {
  readonly namespace: string
  readonly deployment: string
  readonly container: string
  /** The account that the pods use. */
  readonly account: string
  /** undefined: the account does not exist. */
  readonly annotations: Readonly<Record<string, string>> | undefined
  /** Other service accounts of the namespace that name a client id. */
  readonly annotatedElsewhere: readonly { readonly account: string; readonly clientId: string }[]
  readonly deploymentLabels: Readonly<Record<string, string>>
  readonly accountLabels?: Readonly<Record<string, string>>
  readonly templateLabels: Readonly<Record<string, string>>
  readonly templateAnnotations: Readonly<Record<string, string>>
  /** Variables that the template sets itself; the value is shown only where it is no secret. */
  readonly variables: readonly { readonly name: string; readonly value: string | undefined }[]
  /** Secrets and ConfigMaps whose keys all become variables; undefined keys: not readable. */
  readonly variableSources: readonly {
    readonly kind: 'Secret' | 'ConfigMap'
    readonly name: string
    readonly keys: readonly string[] | undefined
  }[]
  readonly pods: readonly Pod[]
  readonly replicas: number
  readonly paused: boolean
  readonly image: string
  /** Who else writes the objects. */
  readonly managers: readonly string[]
  /** Who last wrote the labels of the pod template, and the annotations of the account, as far as it is recorded. */
  readonly writers: { readonly label: string | undefined; readonly annotation: string | undefined }
}

export interface Pod {
  readonly name: string
  /** The repo-server's container: AZURE_* and proxy variables, by name; undefined: set from a reference. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Of the projected token; undefined: the pod has none. */
  readonly audience: string | undefined
  readonly ready: boolean
  /** Why its container waits, e.g. CrashLoopBackOff. */
  readonly waiting: string | undefined
}

/** The webhook that gives pods their identity. */
export interface Webhook {
  readonly registered: boolean
  /** The Service behind it, and how many of its endpoints are ready; undefined: not readable. */
  readonly service: string | undefined
  readonly ready: number | undefined
}

export interface ClusterEvent {
  readonly reason: string
  readonly message: string
  readonly object: string
}

/** NetworkPolicies that select the repo-server's pods and limit what they may reach. */
export interface Network {
  readonly egressPolicies: readonly { readonly name: string; readonly nothing: boolean }[]
}

/** Repository Secrets, templates and Applications, resolved by Argo CD's own rules. */
export interface Connections {
  readonly namespace: string
  readonly secrets: readonly SecretFacts[]
  readonly urls: readonly {
    readonly url: string
    readonly login: 'workload identity' | 'other credentials' | 'nothing' | 'unreadable'
    /** The login once apply has written what it can; absent: not known. */
    readonly applied?: 'workload identity' | 'other credentials' | 'nothing' | 'unreadable'
    readonly by: SecretFacts | undefined
    readonly rivals: readonly SecretFacts[]
  }[]
  /** Secrets that look like connections for the URLs, but that Argo CD does not read. */
  readonly ignored: readonly {
    readonly namespace: string
    readonly name: string
    readonly label: string | undefined
  }[]
  readonly applications: readonly {
    readonly namespace: string
    readonly name: string
    readonly project: string
    readonly url: string
    /** Whether this Argo CD compares it at all. */
    readonly watched: boolean
    /** Whether a Secret or template with workload identity covers its spelling. */
    readonly covered?: boolean
  }[]
  /** ApplicationSets with a generator that asks Azure DevOps with a token of its own. */
  readonly generators: readonly { readonly namespace: string; readonly name: string; readonly kind: string }[]
}

export interface SecretFacts {
  readonly kind: 'repository' | 'repo-creds'
  readonly name: string
  readonly url: string
  readonly project: string
  readonly type: string
  readonly workloadIdentity: string | undefined
  /** Names of keys with a credential that Argo CD prefers. */
  readonly credentials: readonly string[]
  readonly unreadable: readonly string[]
  readonly keys: readonly string[]
  /** Scheme, host and port; undefined: the Secret names none, empty: it is no URL. */
  readonly proxy: string | undefined
}

/** The identity in the Azure DevOps organization. */
export interface Membership {
  /** undefined: it is no member. */
  readonly member:
    { readonly accessLevel: string; readonly reads: boolean; readonly status: string } | undefined
  /** The tenant that the organization is connected to; undefined: none, or not readable. */
  readonly tenantId: string | undefined
}

/** What the organization says of one repository. */
export interface RepositoryFacts {
  readonly url: string
  readonly project: string
  readonly repository: string
  readonly projectExists: boolean
  /** undefined: it does not exist under this name. */
  readonly found:
    | {
        readonly name: string
        readonly disabled: boolean
        readonly empty: boolean | undefined
        readonly defaultBranch: string | undefined
        /** undefined: not known. */
        readonly defaultBranchExists: boolean | undefined
      }
    | undefined
  /** The identity's own entry, on the repository or the project. */
  readonly denied: 'repository' | 'project' | undefined
  /** A group of the identity that is denied Read. */
  readonly deniedTo: string | undefined
  /** Where that is written, as `az devops security permission` names it; undefined: not known. */
  readonly denial?: Denial | undefined
  readonly allowed: boolean | undefined
  /** Whether the identity sees the project; undefined: not known. */
  readonly projectVisible?: boolean | undefined
  /** Names of other repositories of the project, where this one does not exist. */
  readonly others?: readonly string[]
}

/** An entry of an access control list of Azure DevOps that denies. */
export interface Denial {
  readonly namespace: string
  readonly token: string
  readonly bit: number
  /** Descriptor of the group. */
  readonly subject: string
}

/** The identity in Azure. */
export interface IdentityFacts {
  readonly exists: boolean
  readonly clientId: string
  readonly principalId: string
  readonly tenantId: string
  /** By the id that the pods or the annotation name: the identity it belongs to. */
  readonly named: Readonly<Record<string, string>>
}

export interface ExtensionFacts {
  readonly name: string
  readonly version: string
  readonly state: string
  readonly settings: Readonly<Record<string, string>>
}

/** What writes hydrated manifests; a pod of its own. */
export interface CommitServer {
  readonly deployment: string
  readonly account: string
  /** Secrets for pushing that ask for workload identity. */
  readonly secrets: readonly string[]
  /** Its pods have the label. */
  readonly labelled: boolean
  /** The client id that its service account names. */
  readonly clientId: string | undefined
  /** Subjects that the identity trusts from this cluster; undefined: not readable. */
  readonly trusted: readonly string[] | undefined
}

/** What could not be read for evidence, and why. */
export interface Unread {
  readonly what: string
  readonly why: string
}

export interface Evidence extends Answered {
  readonly names: Names
  readonly trust?: Trust
  readonly identity?: IdentityFacts
  readonly workload?: Workload
  readonly webhook?: Webhook
  readonly events?: readonly ClusterEvent[]
  readonly network?: Network
  readonly connections?: Connections
  readonly membership?: Membership
  readonly repositories?: readonly RepositoryFacts[]
  readonly extension?: ExtensionFacts
  readonly version?: { readonly argocd: string | undefined; readonly image: string }
  readonly commitServer?: CommitServer
  /** By service: how far the runner's clock is ahead, in ms. */
  readonly clocks?: Readonly<Record<string, number>>
  /** What Argo CD reports on Applications of the repositories, whenever it last compared them. */
  readonly complaints?: readonly Complaint[]
  readonly unread?: readonly Unread[]
}

/** The parts that a rule may need. */
export type Part = Exclude<keyof Evidence, 'names' | 'unread'>
