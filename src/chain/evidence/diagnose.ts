/** Judges a run that failed or found drift with evidence beyond what the run itself has read. */
import type { Answered } from '../../core/answered.ts'
import { note, type Finding, type FindingFacts } from '../../core/finding.ts'
import type { DesiredChain } from '../../config/desired.ts'
import type { Evidence, Names, Part } from '../../diagnosis/evidence.ts'
import { diagnose, judgeAnswer, type Diagnosis } from '../../diagnosis/judge.ts'
import { LINKS } from '../../diagnosis/rule.ts'
import type { Outcome, VerificationOutcome } from '../../engine/outcome.ts'
import { Cancelled } from '../../http/errors.ts'
import type { Services } from '../../services/services.ts'
import type { Known } from '../rights.ts'
import { collectEvidence } from './collect.ts'

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
  if (parts.size === 0) return outcome
  const names = namesOf(desired, known, outcome)
  const evidence = await withinTime(collectEvidence(parts, names, desired, known, services))
  if (!evidence) return outcome
  const found = new Map<string, Diagnosis>()
  for (const answered of answers.length === 0 ? [{}] : answers)
    for (const one of diagnose({ ...evidence, ...answered }))
      if (!found.has(one.facts.id)) found.set(one.facts.id, one)
  const diagnosis = [...found.values()].toSorted(
    (one, other) => LINKS.indexOf(one.rule.link) - LINKS.indexOf(other.rule.link)
  )
  return {
    ...named(outcome, names),
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

/** The same outcome; what the rules say of an answer alone is said again, with the names that are known now. */
function named(outcome: Outcome, names: Names): Outcome {
  const again = <T extends FindingFacts>(facts: T): T => {
    const judged = facts.answered && judgeAnswer(facts.answered, names)
    return judged?.id === facts.id ? { ...facts, remedy: judged.remedy } : facts
  }
  const verifications = Object.fromEntries(
    Object.entries(outcome.verifications).map(([name, one]) => [
      name,
      {
        ...one,
        ...(one.problem && { problem: again(one.problem) }),
        ...(one.repositories && {
          repositories: Object.fromEntries(
            Object.entries(one.repositories).map(([url, of]) => [
              url,
              { ...of, ...(of.problem && { problem: again(of.problem) }) }
            ])
          )
        })
      }
    ])
  )
  const resources = outcome.resources.map((one) => ({
    ...one,
    ...(one.problem && { problem: again(one.problem) }),
    findings: one.findings.map(again)
  }))
  return { ...outcome, resources, verifications }
}

function namesOf(desired: DesiredChain, { cluster, instance }: Known, { outputs }: Outcome): Names {
  const { identity, organizations, repositories } = desired
  const place = cluster?.place
  return {
    subscriptionId: place?.subscriptionId,
    identitySubscriptionId: identity.subscriptionId ?? place?.subscriptionId,
    resourceGroup: place?.resourceGroup,
    cluster: cluster?.name ?? desired.cluster.name,
    identity: identity.name,
    identityResourceGroup: identity.resourceGroup ?? place?.resourceGroup,
    clientId: outputs.clientId,
    principalId: outputs.principalId,
    tenantId: outputs.tenantId,
    namespace: instance?.namespace ?? desired.argocdNamespace,
    deployment: instance?.deployment,
    container: instance?.container,
    account: instance?.account,
    organization: organizations.length === 1 ? organizations[0]?.name : undefined,
    repositories: repositories.map(({ url, project, repository }) => ({ url, project, repository }))
  }
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
