/** Judges a run that failed or found drift with evidence beyond what the run itself has read. */
import type { Answered } from '../../core/answered.ts'
import { note, type Finding, type FindingFacts } from '../../core/finding.ts'
import type { DesiredChain } from '../../config/desired.ts'
import type { Evidence, Part } from '../../diagnosis/evidence.ts'
import { diagnose, type Diagnosis } from '../../diagnosis/judge.ts'
import { LINKS } from '../../diagnosis/rule.ts'
import type { Outcome, VerificationOutcome } from '../../engine/outcome.ts'
import { Cancelled } from '../../http/errors.ts'
import type { Services } from '../../services/services.ts'
import type { Known } from '../rights.ts'
import { collectEvidence } from './collect.ts'
import { namesOf, withNames } from './names.ts'

/** How long the reading of evidence may take, in ms: a service that does not answer must not hold up the report. */
const LONGEST = 20_000

/** What could explain a failure of a resource or a verification. */
const PARTS: Readonly<Record<string, readonly Part[]>> = {
  argocd: ['version', 'extension'],
  'federated-credential': ['trust', 'identity'],
  entitlement: ['membership', 'identity'],
  permission: ['membership', 'repositories'],
  workload: ['workload', 'identity', 'webhook', 'events', 'extension', 'trust'],
  connection: ['connections'],
  access: ['trust', 'identity', 'workload', 'membership', 'repositories'],
  asked: [
    'workload',
    'identity',
    'webhook',
    'events',
    'extension',
    'trust',
    'network',
    'connections',
    'repositories'
  ]
}

export async function diagnosed(
  outcome: Outcome,
  desired: DesiredChain,
  known: Known,
  services: Services
): Promise<Outcome> {
  const parts = partsFor(outcome)
  const answers = answersOf(outcome)
  const names = namesOf(desired, known, outcome, services.endpoints)
  if (parts.size === 0) return withNames(outcome, names)
  const evidence = await withinTime(collectEvidence(parts, names, desired, known, services))
  if (!evidence) return withNames(outcome, names)
  const found = new Map<string, Diagnosis>()
  for (const answered of answers.length === 0 ? [{}] : answers)
    for (const one of diagnose({ ...evidence, ...answered }))
      if (!found.has(one.facts.id)) found.set(one.facts.id, one)
  const diagnosis = [...found.values()].toSorted(
    (one, other) => LINKS.indexOf(one.rule.link) - LINKS.indexOf(other.rule.link)
  )
  return {
    ...withNames(outcome, names),
    diagnosis: diagnosis.map(({ rule, facts }) => ({
      link: rule.link,
      finding: { ...facts, severity: rule.severity },
      explains: rule.explains ?? []
    })),
    notRead: notRead(evidence)
  }
}

function partsFor({ mode, resources, verifications }: Outcome): Set<Part> {
  const failed = resources.filter(
    ({ result, differences }) =>
      result === 'failed' ||
      (mode === 'check' && ['drifted', 'missing'].includes(result)) ||
      differences.some(({ blocked }) => blocked)
  )
  const { access, argocd } = verifications
  return new Set([
    ...failed.flatMap(({ resource }) => PARTS[resource] ?? []),
    ...(isMet(access) ? (PARTS['access'] ?? []) : []),
    ...(isMet(argocd) ? (PARTS['asked'] ?? []) : [])
  ])
}

/** Tried, and met with something. */
function isMet(verification: VerificationOutcome | undefined): boolean {
  return problemsIn(verification).length > 0
}

function problemsIn(verification: VerificationOutcome | undefined): FindingFacts[] {
  if (!verification || !['failed', 'inconclusive'].includes(verification.result)) return []
  const each = Object.values(verification.repositories ?? {})
  return [verification, ...each].flatMap(({ problem }) => problem ?? [])
}

function answersOf({ resources, verifications }: Outcome): Answered[] {
  const problems = [
    ...resources.flatMap(({ problem, findings }) => [...(problem ? [problem] : []), ...findings]),
    ...Object.values(verifications).flatMap((one) => [...problemsIn(one), ...(one.findings ?? [])])
  ]
  return problems.flatMap(({ answered }) => answered ?? [])
}

function notRead({ unread = [] }: Evidence): Finding[] {
  if (unread.length === 0) return []
  return [
    note({
      id: 'diagnosis/not-read',
      summary: `For the diagnosis, this could not be read: ${unread.map(({ what, why }) => `${what} (${why})`).join('; ')}.`,
      remedy:
        'nothing has to be done for a run; for a better diagnosis, grant it (docs/security.md, What a diagnosis reads)'
    })
  ]
}

async function withinTime<T>(work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined)
    }, LONGEST)
    timer.unref()
  })
  try {
    return await Promise.race([work, late])
  } catch (error) {
    if (error instanceof Cancelled) return undefined
    throw error
  } finally {
    clearTimeout(timer)
  }
}
