/** What access control lists of Azure DevOps are about. */

/** An object with an access control list, and the bits that Patless uses. */
export interface Secured {
  readonly namespace: string
  readonly token: string
  /** The bit for read permission. */
  readonly read: number
  /** The bit for permission to write its list. */
  readonly manage: number
}

/** A group that is denied a permission, and where. */
export interface Denial {
  /** As the portal shows it: `[project]\\Readers`. */
  readonly group: string
  /** Of the graph; undefined: not known. */
  readonly descriptor: string | undefined
  readonly namespace: string
  readonly token: string
  readonly bit: number
}
