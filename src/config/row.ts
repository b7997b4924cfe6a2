/** What a row of the inputs table can say. */
export interface InputRow {
  readonly name: string
  readonly group: 'target' | 'repository' | 'argocd' | 'run' | 'login'
  readonly kind: 'text' | 'lines' | 'boolean' | 'choice' | 'seconds' | 'file' | 'connection'
  /** The one place that has this input; absent: all have it. */
  readonly only?: Place
  /** Azure Pipelines shows the input only then, e.g. `mode = check`, in the names of this table. */
  readonly visible?: string
  /** Plain text; other inputs are named as in this table. */
  readonly description: string
  readonly required?: true
  readonly default?: string
  /** Left out, its value comes from elsewhere (the cluster, the URL, the login), and the log says from where. */
  readonly derived?: true
  readonly choices?: readonly string[]
  /** What a text must match, and the words for it: `"x" is not <form>. <hint>` */
  readonly pattern?: RegExp
  readonly form?: string
  /** What to write instead, or when it is required and missing. */
  readonly hint?: string
  /** Of a number. */
  readonly range?: readonly [least: number, most: number]
}

/** Where a run starts, as far as the inputs differ. */
export type Place = 'azure-pipelines' | 'elsewhere'
