/** Judges a run that failed or found drift with evidence beyond what the run itself has read. */
import type { Answered } from '../../core/answered.ts'
import { note, type Finding, type FindingFacts, type Severity } from '../../core/finding.ts'
import type { DesiredChain } from '../../config/desired.ts'
import type { Evidence, Part } from '../../diagnosis/evidence.ts'
import { diagnose, judgeAnswer, PARTS, type Diagnosis } from '../../diagnosis/judge.ts'
import { ruleOf } from '../../diagnosis/registry.ts'
import { LINKS } from '../../diagnosis/rule.ts'
import { isWrong, type Outcome, type VerificationOutcome } from '../../engine/outcome.ts'
import { Cancelled } from '../../http/errors.ts'
import type { Services } from '../../services/services.ts'
import type { Known } from '../rights.ts'
import { isStalled } from '../stalled.ts'
import { collectEvidence } from './collect.ts'
import { namesOf, withNames } from './names.ts'

/** How long the reading of evidence may take, in ms: a service that does not answer must not hold up the report. */
const LONGEST = 20_000

/** What could explain a failure of a resource or a verification. */
const PARTS_FOR: Readonly<Record<string, readonly Part[]>> = {
  argocd: ['version', 'extension'],
  'federated-credential': ['trust', 'identity'],
  entitlement: ['membership', 'identity'],
  permission: ['membership', 'repositories'],
  workload: ['workload', 'identity', 'webhook', 'events', 'extension', 'trust', 'commitServer', 'complaints'],
  connection: ['connections', 'complaints'],
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
    'complaints',
    'repositories'
  ]
}

/** @param everything reads all evidence, whatever failed */
export async function diagnosed(
  outcome: Outcome,
  desired: DesiredChain,
  known: Known,
  services: Services,
  everything = false
): Promise<Outcome> {
  const parts = everything ? PARTS : partsFor(outcome)
  const answers = answersOf(outcome)
  const fails = partsFor(outcome).size > 0
  const names = namesOf(desired, known, outcome, services.endpoints)
  if (parts.size === 0) return withNames(outcome, names)
  const collected = await withinTime(collectEvidence(parts, names, desired, known, services))
  if (!collected) return withNames(outcome, names)
  // What is not about an organization is seen once for each of them.
  const found = new Map<string, Diagnosis>()
  for (const one of collected.flatMap((evidence) => diagnosisOf(evidence, answers)))
    found.set(`${one.facts.id} ${one.facts.summary}`, one)
  const diagnosis = [...found.values()].toSorted(
    (one, other) => LINKS.indexOf(one.rule.link) - LINKS.indexOf(other.rule.link)
  )
  return {
    ...withNames(outcome, names),
    diagnosis: diagnosis.map(({ rule, facts }) => ({
      link: rule.link,
      finding: { ...facts, severity: fails ? rule.severity : asWarning(rule.severity) },
      explains: rule.explains ?? []
    })),
    notRead: collected.slice(0, 1).flatMap(notRead)
  }
}

/** Each rule once, with the first answer that it matches. */
function diagnosisOf(evidence: Evidence, answers: readonly Answered[]): Diagnosis[] {
  const found = new Map<string, Diagnosis>()
  for (const answered of answers.length === 0 ? [{}] : answers)
    for (const one of diagnose({ ...evidence, ...answered }))
      if (!found.has(one.facts.id)) found.set(one.facts.id, one)
  // What an Application makes of the content is not about the chain: it fails nobody's run.
  for (const complaint of evidence.complaints ?? []) {
    if (complaint.phase === 'reading' || complaint.phase === 'installation') continue
    const facts = judgeAnswer({ complaint }, evidence.names)
    const rule = ruleOf(facts?.id ?? '')
    if (facts && rule && !found.has(facts.id))
      found.set(facts.id, { facts, rule: { ...rule, severity: asWarning(rule.severity) } })
  }
  return [...found.values()]
}

/** What a rule sees wrong in a chain that works today fails tomorrow, for example with the next pod. */
function asWarning(severity: Severity): Severity {
  return severity === 'error' ? 'warning' : severity
}

function partsFor({ mode, resources, verifications }: Outcome): Set<Part> {
  const failed = resources.filter((one) => isWrong(one, mode) || isStalled(one))
  const { access, argocd } = verifications
  return new Set([
    ...failed.flatMap(({ resource }) => PARTS_FOR[resource] ?? []),
    ...(isMet(access) || isPrevented(access) ? (PARTS_FOR['access'] ?? []) : []),
    ...(isMet(argocd) ? (PARTS_FOR['asked'] ?? []) : []),
    // What the environment of the pods holds decides only when Argo CD reads.
    ...(failed.length > 0 && argocd?.result === 'skipped' ? (PARTS_FOR['workload'] ?? []) : [])
  ])
}

/** Not tried, because of what is wrong before it. What it would have met then is worth knowing as well. */
function isPrevented(verification: VerificationOutcome | undefined): boolean {
  return verification?.result === 'failed' && !isMet(verification)
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
