/** What a run does; each has a file in `commands/`. */
export const MODES = [
  'apply',
  'check',
  'remove',
  'diagnose',
  'audit',
  'migrate',
  'rollback',
  'export',
  'plan',
  'summarize'
] as const
export type Mode = (typeof MODES)[number]

/** The modes about a whole chain, from the cluster to the repository. */
export const CHAIN_MODES = [
  'apply',
  'check',
  'remove',
  'diagnose',
  'export'
] as const satisfies readonly Mode[]
export type ChainMode = (typeof CHAIN_MODES)[number]

/** The modes that find the identity, and build what is missing where they write. */
export const TARGET_MODES = [...CHAIN_MODES, 'migrate', 'rollback'] as const satisfies readonly Mode[]

/** The modes about a cluster. */
export const CLUSTER_MODES = [...TARGET_MODES, 'audit'] as const satisfies readonly Mode[]
export type ClusterMode = (typeof CLUSTER_MODES)[number]

/** A row of the inputs table. */
export interface InputRow {
  readonly name: string
  readonly group: 'target' | 'repository' | 'argocd' | 'run' | 'login'
  readonly kind: 'text' | 'lines' | 'boolean' | 'choice' | 'seconds' | 'number' | 'file' | 'connection'
  /** The input exists only there; absent: everywhere. */
  readonly only?: HostKind
  /** Azure Pipelines shows the input only under this condition, e.g. `mode = check`, with the names of this table. */
  readonly visible?: string
  /** Plain text, with the input names of this table. */
  readonly description: string
  /** The modes that use it; absent: every mode. Any other mode refuses a value that is not the default. */
  readonly modes?: readonly Mode[]
  /** In every mode, or in these. */
  readonly required?: true | readonly Mode[]
  /** It may be left out where this other input is given. */
  readonly unless?: string
  readonly default?: string
  /** It belongs to a run, not to a target: no file of targets can set it. */
  readonly perRun?: true
  /** When left out, the value is derived (from the cluster, the URL, the login), and the log says from what. */
  readonly derived?: true
  readonly choices?: readonly string[]
  /** The pattern of valid text, and its description in the message `"x" is not <form>. <hint>` */
  readonly pattern?: RegExp
  readonly form?: string
  /** The remedy for an invalid or missing value. */
  readonly hint?: string
  /** Limits of a number. */
  readonly range?: readonly [least: number, most: number]
}

/** The kinds of hosts, as far as their inputs differ. */
export type HostKind = 'azure-pipelines' | 'elsewhere'
