/** The verdict of a run: exit code and one sentence. */
import { nameOf, type Outcome, type ResourceOutcome, type Result } from '../engine/outcome.ts'
import type { Finding } from '../core/finding.ts'
import type { PlacedFinding } from './findings.ts'
import { migrationVerdict } from './migration-verdict.ts'
import { countsOf } from './plan.ts'
import { sentenceOf, type ReportedCredential } from './stored-credentials.ts'

export interface Verdict {
  /** 0 in order, 1 error, 2 drift. */
  readonly exitCode: 0 | 1 | 2
  readonly summary: string
}

/** @param failOnDrift whether drift fails a check */
export function verdictOf(
  outcome: Outcome,
  findings: readonly PlacedFinding[],
  failOnDrift: boolean
): Verdict {
  const { mode, resources, changed, drift, verification, migration } = outcome
  const blocks = ({ differences }: ResourceOutcome): boolean =>
    mode !== 'check' && differences.some(({ blocked }) => blocked)
  const failed = resources
    .filter((one) => one.result === 'failed' || blocks(one) || one.findings.some(isError))
    .map(nameOf)
  const cancelled = findings.some(({ id }) => id === 'run/cancelled')
  if (failed.length > 0 || outcome.problems.length > 0 || cancelled) {
    const pre =
      outcome.endedAt ??
      (outcome.problems.some(({ repository }) => repository !== undefined)
        ? 'repository check'
        : outcome.problems.some(({ id }) => id.startsWith('migration/'))
          ? mode === 'migrate' || mode === 'rollback'
            ? 'start of the migration'
            : 'unfinished migration'
          : 'permission check')
    const where = failed.length > 0 ? ` at ${failed.join(', ')}` : cancelled ? '' : ` at the ${pre}`
    const done = mode === 'check' && !outcome.endedAt ? '' : doneSoFar(outcome, cancelled)
    return { exitCode: 1, summary: `${cancelled ? 'Cancelled' : 'Failed'}${where}. ${done}`.trim() }
  }
  if (migration) return migrationVerdict(mode, migration)
  if (mode === 'dry-run') {
    const counts = outcome.plan ? countsOf(outcome.plan) : 'Nothing is planned'
    return { exitCode: 0, summary: `${counts}; this dry run changed nothing.` }
  }
  if (mode === 'export') return verdictOfExport(outcome)
  if (mode === 'remove') {
    const namesOf = (result: Result): string =>
      resources
        .filter((one) => one.result === result)
        .map(nameOf)
        .join(', ')
    const kept = namesOf('skipped')
    const summary = changed ? `Removed: ${namesOf('removed')}.` : 'Nothing to remove.'
    return {
      exitCode: 0,
      summary: kept === '' ? summary : `${summary} Kept, for the reasons given: ${kept}.`
    }
  }
  if (drift) {
    const names = resources.filter(({ result }) => result === 'drifted' || result === 'missing').map(nameOf)
    return {
      exitCode: failOnDrift ? 2 : 0,
      summary: `Drift at ${names.join(', ')}. Verification: ${verification.reason}.`
    }
  }
  if (verification.result === 'failed')
    return { exitCode: 1, summary: `Not verified: ${verification.reason}` }
  // Verifying is apply's job; who accepts less says so by the input `verification`.
  if (mode === 'apply' && verification.result === 'inconclusive')
    return {
      exitCode: 1,
      summary: `${changed ? 'Changed' : 'Unchanged'}, but not verified: ${verification.reason}`
    }
  const verified =
    verification.result === 'verified'
      ? 'verified'
      : `verification ${verification.result} (${verification.reason})`
  const summary =
    mode === 'check'
      ? `In order, no drift, ${verified}.`
      : `${changed ? 'Changed' : 'Unchanged'}, ${verified}.`
  return { exitCode: 0, summary }
}

function verdictOfExport({ resources }: Outcome): Verdict {
  const absent = resources.filter(({ result }) => result === 'missing' || result === 'unknown').map(nameOf)
  if (resources.some(({ resource, result }) => resource === 'identity' && result === 'missing'))
    return { exitCode: 1, summary: 'There is nothing to export: the managed identity does not exist.' }
  return {
    exitCode: 0,
    summary: `Exported what exists, as Bicep, Terraform and a script.${absent.length === 0 ? '' : ` Not there: ${absent.join(', ')}.`}`
  }
}

/** An audit fails by its findings: they are errors only where the inputs say so. */
export function verdictOfAudit(
  { problems }: Outcome,
  findings: readonly PlacedFinding[],
  credentials: readonly ReportedCredential[]
): Verdict {
  const summary = sentenceOf(credentials)
  if (problems.length > 0)
    return { exitCode: 1, summary: `The audit is incomplete. Found so far: ${summary}` }
  return { exitCode: findings.some(isError) ? 2 : 0, summary }
}

function isError({ severity }: Finding): boolean {
  return severity === 'error'
}

const WRITTEN: readonly Result[] = ['created', 'updated', 'removed']

/** A failed write may still have had an effect, so the text makes no claim about that resource. */
function doneSoFar({ resources, mode, endedAt, changed }: Outcome, cancelled: boolean): string {
  if (endedAt === 'login') return 'Nothing was read or written.'
  const done = resources.filter(({ result }) => WRITTEN.includes(result))
  const tried = resources.some(({ result, differences }) => result === 'failed' && differences.length > 0)
  const next = cancelled ? 'run again to continue.' : 'fix the cause, then run again.'
  if (done.length === 0 && changed) return `What it did is in the findings; ${next}`
  if (done.length > 0)
    return `Done so far: ${done.map((one) => `${nameOf(one)} ${one.result}`).join(', ')}; ${next}`
  return tried && mode !== 'dry-run' ? `Nothing else was written; ${next}` : 'Nothing was written.'
}
