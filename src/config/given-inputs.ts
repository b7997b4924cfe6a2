import type { DesiredAudit, DesiredChain, DesiredMigration } from './desired.ts'
import type { Fault, Values } from './inputs.ts'
import type { HostKind } from './row.ts'
import type { InputName } from './table.ts'

/** Where a service connection leads. */
export interface ConnectedPlace {
  readonly tenantId?: string | undefined
  readonly subscriptionId?: string | undefined
}

/** What the parser of one mode builds on. */
export interface GivenInputs {
  readonly values: Values
  /** From the input `cluster`; undefined when it is faulty. */
  readonly named:
    { readonly name: string; readonly resourceGroup?: string; readonly connected?: true } | undefined
  readonly subscriptionId: string | undefined
  /** Of the service connection for the identity's tenant, as far as it says. */
  readonly identityConnection: ConnectedPlace
  /** Content of the kubeconfig. */
  readonly kubeconfig: string | undefined
  readonly isAbsent: (name: InputName) => boolean
  readonly fault: Fault
  /** Lines for the log, added to by the parsers. */
  readonly derived: string[]
  readonly environment: NodeJS.ProcessEnv
  readonly hostKind: HostKind | undefined
}

/** What all modes have in common, and `parse.ts` reads. */
type Common =
  'argocdNamespace' | 'login' | 'cloud' | 'remind' | 'clusterAccess' | 'derived' | 'allow' | 'target'
export type OfMode<D extends DesiredChain | DesiredAudit | DesiredMigration> = Omit<D, Common>
