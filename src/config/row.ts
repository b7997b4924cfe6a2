/** A row of the inputs table. */
export interface InputRow {
  readonly name: string
  readonly group: 'target' | 'repository' | 'argocd' | 'run' | 'login'
  readonly kind: 'text' | 'lines' | 'boolean' | 'choice' | 'seconds' | 'file' | 'connection'
  /** The input exists only there; absent: everywhere. */
  readonly only?: HostKind
  /** Azure Pipelines shows the input only under this condition, e.g. `mode = check`, with the names of this table. */
  readonly visible?: string
  /** Plain text, with the input names of this table. */
  readonly description: string
  readonly required?: true
  readonly default?: string
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
