/** The interface to the host of a run. One file per host implements it; SDKs stay there. */
import type { LoginSources, ServiceConnection } from '../services/entra/sources.ts'
import type { FindingFacts } from '../core/finding.ts'
import type { InputNaming } from '../core/input-name.ts'
import type { ConnectedPlace } from '../config/given-inputs.ts'
import type { InputFault } from '../config/inputs.ts'
import type { HostKind } from '../config/row.ts'
import type { Reporter } from '../report/events.ts'
import type { Report } from '../report/report.ts'

export interface Host {
  /** Decides which inputs exist; absent: those of GitHub and the terminal. */
  readonly hostKind?: HostKind
  /** The subscription of the service connection, on hosts that have one. */
  readonly connectedSubscription?: string | undefined
  /** Tenant and subscription of the second service connection, where there is one. */
  readonly connectedIdentity?: ConnectedPlace | undefined
  readonly environment: NodeJS.ProcessEnv
  /** Raw text by input name, named as in the table. */
  readonly given: ReadonlyMap<string, string>
  /** Faults that the host itself found in the inputs. */
  readonly faults?: readonly InputFault[]
  /** How this host spells inputs. */
  readonly naming: InputNaming
  readonly reporter: Reporter
  /** Where people see this run: how another migration, which has to wait, is told of it. */
  readonly holder?: string
  /** From now on, nothing that this host prints contains `secret`. */
  mask(secret: string): void
  /** The service connection to log in with, on hosts that have one. */
  readonly serviceConnection?: ServiceConnection
  /** The second service connection, and its own OIDC token: to log in to the tenant of the identity. */
  readonly forIdentity?: LoginSources['forIdentity']
  /** Requests a new OIDC token of the host; absent where there is none. */
  readonly identityToken?: (audience: string) => Promise<string>
  /** The user asked for this instead of a run; it sets the exit code. */
  readonly command?: () => Promise<void>
  /** Outputs, summary, annotations, exit code. */
  publish(report: Report): Promise<void>
  /** Reports a failure of a run that has no report. */
  refuse(problem: FindingFacts): void
}
