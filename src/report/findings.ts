/** All findings of a run in one list, the most severe first, each with the resource or verification it belongs to. */
import { reportable, type Finding, type FindingFacts, type Severity } from '../core/finding.ts'
import type { ResourceKind } from '../core/finding-titles.ts'
import type { MoveState } from '../engine/moves.ts'
import {
  isWrong,
  type Difference,
  type Outcome,
  type ResourceOutcome,
  type VerificationName
} from '../engine/outcome.ts'
import { input } from '../core/input-name.ts'

export interface PlacedFinding extends Finding {
  readonly resource?: ResourceKind
  /** Where the run has several organizations: the one that the resource belongs to. */
  readonly organization?: string
  readonly verification?: VerificationName
  /** Where the report is of several: the name of the target. */
  readonly target?: string
}

/**
 * @param fails whether drift fails the run
 * @param more findings that belong to no resource, for example about the login
 */
export function findingsOf(outcome: Outcome, fails: boolean, more: readonly Finding[]): PlacedFinding[] {
  const { mode, resources, verifications, problems, migration, findings = [] } = outcome
  const { notRead = [] } = outcome
  // An export says how things are, and demands nothing.
  const drift: Severity = fails && mode !== 'export' ? 'error' : 'warning'
  const verified = Object.entries(verifications) as [VerificationName, (typeof verifications)['access']][]
  const placed: PlacedFinding[] = [
    ...problems.map((problem) => ({ ...problem, severity: 'error' as const })),
    ...(migration?.moves ?? []).flatMap(({ state, problem }) =>
      problem ? [{ ...problem, severity: OF_MOVES[state] }] : []
    ),
    ...resources.flatMap((one) => problemsOf(one, mode, drift)),
    ...verified.flatMap(([verification, of]) =>
      [...(of ? [of] : []), ...Object.values(of?.repositories ?? {})].flatMap(({ result, problem }) => {
        const severity: Severity = result === 'inconclusive' ? 'warning' : 'error'
        return problem ? [{ ...problem, severity, verification }] : []
      })
    ),
    ...more,
    ...findings,
    ...resources.flatMap((one) => one.findings.map((finding) => ({ ...finding, ...placeOf(one) }))),
    ...verified.flatMap(([verification, of]) =>
      (of?.findings ?? []).map((finding) => ({ ...finding, verification }))
    ),
    ...notRead
  ]
  // A repository that is not there is met by the permission and by the verification.
  const same = (a: PlacedFinding, b: PlacedFinding): boolean =>
    a.repository !== undefined && a.repository === b.repository && a.id === b.id
  const once = placed.filter(
    (one, index) => one.repository === undefined || placed.findIndex((other) => same(one, other)) >= index
  )
  const failing = ['failed', 'inconclusive']
  const wrong =
    resources.some((one) => isWrong(one, mode)) ||
    verified.some(([, one]) => failing.includes(one?.result ?? ''))
  // Where all is in order today, a cause is one of what will fail tomorrow.
  const severity = !wrong ? 'warning' : mode === 'check' ? drift : 'error'
  return underCauses(once.map(reportable), outcome, severity).toSorted(bySeverity)
}

/**
 * Causes first, in the order of the chain; then what is known of no cause; then consequences. Where the write of a
 * resource failed, the refusal is the cause of what is still wrong there, unless a rule explains it.
 */
function underCauses(
  findings: readonly PlacedFinding[],
  { mode, resources, diagnosis = [] }: Outcome,
  severity: Severity
): PlacedFinding[] {
  const found = diagnosis.map(({ link, finding }, at): PlacedFinding => {
    const known = findings.find(({ id }) => id === finding.id)
    // Of two that explain each other, the earlier one is the cause.
    const cause = diagnosis.find(
      (one, index) =>
        one.explains.includes(finding.id) && (index < at || !diagnosis[at]?.explains.includes(one.finding.id))
    )
    const resource = PLACES.find((kind) => kind === link)
    return {
      ...(resource && { resource }),
      severity: finding.severity === 'error' ? severity : finding.severity,
      ...omitSeverity(finding),
      ...known,
      ...(cause && { because: cause.finding.id })
    }
  })
  const others = findings
    .filter(({ id }) => !found.some((cause) => cause.id === id))
    .map((one): PlacedFinding => {
      const cause = diagnosis.find(({ explains }) => explains.includes(one.id))
      return cause ? { ...one, because: cause.finding.id } : one
    })
  const isRefusal = ({ resource, id, because }: PlacedFinding): boolean =>
    mode !== 'check' &&
    because === undefined &&
    // Patless's own words for what a rule can explain.
    id !== 'resource/still-differs' &&
    resources.some((one) => one.resource === resource && one.result === 'failed' && one.problem?.id === id)
  const refusals = others.filter(isRefusal)
  const first = found.filter(({ because }) => because === undefined)
  const met = first.map((cause) => ({
    cause,
    refusal: refusals.find(({ resource }) => resource === cause.resource)
  }))
  const causes = new Set(met.map(({ cause, refusal }) => refusal ?? cause))
  const rest = others.filter((one) => !causes.has(one))
  const uncaused = rest.filter(({ because }) => because === undefined)
  const placeIn = ({ resource }: PlacedFinding): number =>
    resource === undefined ? Infinity : PLACES.indexOf(resource)
  const [earliest] = causes
  const stops = ({ resource, id }: PlacedFinding): boolean =>
    resources.some(
      ({ resource: of, problem, differences }) =>
        of === resource && (problem?.id === id || differences.some(({ blocked }) => blocked?.id === id))
    )
  // What stops the run at an earlier place than every cause comes before them.
  const before = earliest ? uncaused.filter((one) => stops(one) && placeIn(one) < placeIn(earliest)) : []
  return [
    ...before,
    ...causes,
    ...uncaused.filter((one) => !before.includes(one)),
    ...found.filter(({ because }) => because !== undefined),
    ...rest.filter(({ because }) => because !== undefined),
    ...met.flatMap(({ cause, refusal }) => (refusal ? [{ ...cause, because: refusal.id }] : []))
  ]
}

function omitSeverity(finding: Finding): FindingFacts {
  const copy: Partial<Finding> & FindingFacts = { ...finding }
  Reflect.deleteProperty(copy, 'severity')
  return copy
}

/** Places of the chain that are resources, the earliest first. */
const PLACES: readonly ResourceKind[] = [
  'cluster',
  'identity',
  'argocd',
  'workload',
  'federated-credential',
  'entitlement',
  'permission',
  'registry',
  'connection',
  'charts',
  'application'
]

const OF_MOVES: Readonly<Record<MoveState, Severity>> = {
  migrated: 'note',
  'rolled-back': 'error',
  failed: 'error',
  waits: 'warning',
  stays: 'note',
  open: 'warning'
}

const WEIGHTS: readonly Severity[] = ['error', 'warning', 'note']

function problemsOf(outcome: ResourceOutcome, mode: Outcome['mode'], drift: Severity): PlacedFinding[] {
  const { resource, result, differences, problem } = outcome
  const place = placeOf(outcome)
  const placed: PlacedFinding[] = []
  if (result === 'failed' && problem) placed.push({ ...place, ...problem, severity: 'error' })
  for (const { expected, actual, blocked } of differences) {
    if (blocked)
      placed.push({
        ...place,
        expected,
        actual: actual ?? 'nothing',
        ...blocked,
        severity: mode === 'check' || mode === 'export' ? drift : 'error'
      })
  }
  const open = differences.filter(({ blocked }) => !blocked)
  const drifted = mode === 'check' && (result === 'drifted' || result === 'missing')
  if (drifted && open.length > 0) placed.push({ ...place, ...driftOf(resource, open), severity: drift })
  return placed
}

function placeOf({ resource, of }: ResourceOutcome): Pick<PlacedFinding, 'resource' | 'organization'> {
  return { resource, ...(of !== undefined && { organization: of }) }
}

/** One finding however many fields of a resource differ: a host shows at most ten annotations per step. */
function driftOf(resource: ResourceKind, differences: readonly Difference[]): FindingFacts {
  const [first, ...others] = differences
  const values = (of: (difference: Difference) => string): string =>
    differences.map((one) => of(one)).join('; ')
  const summary =
    others.length === 0
      ? `${first?.field ?? ''} ${first?.actual === undefined ? 'is missing' : 'differs'}.`
      : `${differences.length} fields differ: ${values(({ field }) => field)}.`
  return {
    id: `${resource}/drifted`,
    summary,
    expected: values(({ expected }) => expected),
    actual: differences.every(({ actual }) => actual === undefined)
      ? 'nothing'
      : values(({ actual }) => actual ?? 'nothing'),
    remedy: `run with ${input('mode', 'apply')}`
  }
}

export function bySeverity(a: Finding, b: Finding): number {
  return WEIGHTS.indexOf(a.severity) - WEIGHTS.indexOf(b.severity)
}

/** For the output `findings`: each id once, without notes. */
export function idsOf(findings: readonly Finding[]): string {
  return [...new Set(findings.filter(needsAction).map(({ id }) => id))].join(',')
}

export function needsAction({ severity }: Finding): boolean {
  return severity !== 'note'
}

/** Where it was met, for a heading. Not safe yet: the name of an organization may be in it. */
export function ownerOf({
  resource,
  organization,
  verification,
  target
}: Pick<PlacedFinding, 'resource' | 'organization' | 'verification' | 'target'>): string {
  const where =
    resource !== undefined
      ? organization === undefined
        ? resource
        : `${resource} of ${organization}`
      : verification === undefined
        ? 'run'
        : `${verification} verification`
  return target === undefined ? where : `${target}: ${where}`
}
