/** What this tool needs of the place it runs in. No SDK here; one file per place implements it. */
import type { ServiceConnection } from '../services/entra/sources.ts'
import type { FindingFacts } from '../core/finding.ts'
import type { InputNaming } from '../core/input-name.ts'
import type { InputFault } from '../config/inputs.ts'
import type { Place } from '../config/row.ts'
import type { Reporter } from '../report/events.ts'
import type { Report } from '../report/report.ts'

export interface Host {
  /** Whose inputs there are; absent: those of everywhere else. */
  readonly place?: Place
  /** The subscription that the service connection is for, where the place has such. */
  readonly connectedSubscription?: string | undefined
  readonly environment: NodeJS.ProcessEnv
  /** Input name (as in the table) → raw text, as given. */
  readonly given: ReadonlyMap<string, string>
  /** What was wrong with the way the inputs were given. */
  readonly faults?: readonly InputFault[]
  /** How this place names inputs. */
  readonly naming: InputNaming
  readonly reporter: Reporter
  /** From now on `secret` never shows in what this host prints. */
  mask(secret: string): void
  /** The service connection to log in with, where the place has such. */
  readonly serviceConnection?: ServiceConnection
  /** The place's own OIDC token; absent where there is none. Asked for anew at each need. */
  readonly identityToken?: (audience: string) => Promise<string>
  /** Outputs, summary, annotations, exit code. */
  publish(report: Report): Promise<void>
  /** A failure before there was a report. */
  refuse(problem: FindingFacts): void
}
