/**
 * Reads a JSON report that another job wrote. Artifacts pass through many hands, so its shape is checked like an answer
 * of a server: what has another shape is no report. What a summary does not need is dropped.
 */
import * as z from 'zod/mini'
import { TITLES, type FindingId, type ResourceKind } from '../core/finding-titles.ts'
import { RESULTS, VERIFICATION_NAMES, VERIFICATION_RESULTS } from '../engine/outcome.ts'
import { REPORT_VERSION, type Report } from './report.ts'

/** `inner`: the reports of several targets. */
export type Read =
  | { readonly kind: 'report'; readonly report: Report }
  | { readonly kind: 'plan'; readonly plan: ReportedPlan }
  | { readonly kind: 'other-version'; readonly version: string }
  | { readonly kind: 'unreadable'; readonly why: string }

/** What a plan says of the jobs that it makes. */
export interface ReportedPlan {
  readonly startedAt: string
  readonly digest: string
  /** In its order. */
  readonly names: readonly string[]
}

const MOST = 5_000
/** As many as a file of targets may have. */
const MOST_TARGETS = 10_000
const ids = Object.keys(TITLES) as FindingId[]
const kinds = ids.flatMap((id) => (id.endsWith('/drifted') ? [id.slice(0, -8) as ResourceKind] : []))
const id = z.enum(ids)
const text = z.string()
const list = <T extends z.core.SomeType>(of: T) => z.array(of).check(z.maxLength(MOST))
const times = { start: z.number(), end: z.number() }
const result = z.enum(VERIFICATION_RESULTS)
const verification = z.object({ result, reason: text, ...times })
const byVerification = <T extends z.core.SomeType>(of: T) =>
  z.object({ access: z.exactOptional(of), argocd: z.exactOptional(of), charts: z.exactOptional(of) })
const output = z._default(text, '')

const runShape = z.object({
  version: z.literal(REPORT_VERSION),
  mode: z.enum(['apply', 'check', 'remove', 'diagnose', 'audit', 'migrate', 'rollback', 'export', 'dry-run']),
  startedAt: z.iso.datetime(),
  durationMs: z.number(),
  target: z.object({
    name: z.exactOptional(text),
    plan: z.exactOptional(text),
    cluster: text,
    identity: z.exactOptional(text),
    organizations: list(text),
    repositories: list(text)
  }),
  login: text,
  resources: list(
    z.object({
      resource: z.enum(kinds),
      organization: z.exactOptional(text),
      result: z.enum(RESULTS),
      summary: z.exactOptional(text),
      differences: list(
        z.pipe(
          z.object({ field: text, expected: text, actual: z.optional(text), blocked: z.exactOptional(id) }),
          // Present, even if undefined.
          z.transform((one) => ({ ...one, actual: one.actual }))
        )
      ),
      ...times
    })
  ),
  verification,
  verifications: byVerification(verification),
  repositories: list(
    z.object({
      url: text,
      verifications: byVerification(z.object({ result, commit: z.exactOptional(text) }))
    })
  ),
  findings: list(
    z.object({
      id,
      severity: z.enum(['error', 'warning', 'note']),
      resource: z.exactOptional(z.enum(kinds)),
      organization: z.exactOptional(text),
      verification: z.exactOptional(z.enum(VERIFICATION_NAMES)),
      repository: z.exactOptional(text),
      fingerprint: z.exactOptional(text),
      object: z.exactOptional(text),
      summary: text,
      expected: z.exactOptional(text),
      actual: z.exactOptional(text),
      remedy: text,
      certainty: z.exactOptional(z.literal('likely')),
      because: z.exactOptional(id),
      command: z.exactOptional(text),
      code: z.exactOptional(text),
      link: z.exactOptional(text)
    })
  ),
  verdict: z.object({ exitCode: z.literal([0, 1, 2]), summary: text }),
  outputs: z.object({
    'client-id': output,
    'principal-id': output,
    'tenant-id': output,
    'identity-resource-id': output,
    'oidc-issuer-url': output,
    subject: output,
    changed: output,
    drift: output,
    verification: output,
    'verification-reason': output,
    'stored-credentials': output
  })
})

const versionShape = z.object({ version: text, mode: text, outputs: z.record(text, text) })
const planShape = z.object({
  mode: z.literal('plan'),
  startedAt: z.iso.datetime(),
  target: z.object({ plan: text }),
  fleet: z.object({ targets: z.array(z.object({ name: text })).check(z.maxLength(MOST_TARGETS)) })
})
const severalShape = z.object({ runs: list(z.unknown()) })

/** @returns one for each target that the file reports on, or the plan that it is */
export function readReport(json: string): Read[] {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return [{ kind: 'unreadable', why: 'it is not JSON, or not whole' }]
  }
  return readValue(value)
}

function readValue(value: unknown): Read[] {
  const version = versionShape.safeParse(value)
  if (!version.success) return [{ kind: 'unreadable', why: 'it is not a report of Patless' }]
  if (version.data.version !== REPORT_VERSION)
    return [{ kind: 'other-version', version: version.data.version }]
  const plan = planShape.safeParse(value)
  if (plan.success) {
    const { startedAt, target, fleet } = plan.data
    return [
      { kind: 'plan', plan: { startedAt, digest: target.plan, names: fleet.targets.map(({ name }) => name) } }
    ]
  }
  const several = severalShape.safeParse(value)
  if (several.success) return several.data.runs.flatMap(readRun)
  return [readRun(value)]
}

function readRun(value: unknown): Read {
  const parsed = runShape.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return { kind: 'unreadable', why: `its ${issue?.path.join('.') ?? 'content'} has another form` }
  }
  const none = {
    differences: '',
    findings: '',
    matrix: '',
    failed: '',
    drifted: '',
    verified: '',
    sarif: '',
    html: '',
    export: '',
    report: ''
  }
  return { kind: 'report', report: { ...parsed.data, outputs: { ...parsed.data.outputs, ...none } } }
}
