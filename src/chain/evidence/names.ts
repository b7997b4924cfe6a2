/** Fills the remedies of a run with the user's own names, which many failures come too early to know. */
import type { FindingFacts } from '../../core/finding.ts'
import type { DesiredChain } from '../../config/desired.ts'
import type { Names } from '../../diagnosis/evidence.ts'
import { judgeAnswer } from '../../diagnosis/judge.ts'
import type { Outcome } from '../../engine/outcome.ts'
import type { Services } from '../../services/services.ts'
import type { Known } from '../rights.ts'

/** The same outcome; what the rules say of an answer alone is said again, with the names that are known now. */
export function withNames(outcome: Outcome, names: Names): Outcome {
  const again = <T extends FindingFacts>(facts: T): T => {
    const judged = facts.answered && judgeAnswer(facts.answered, names)
    if (judged?.id !== facts.id) return facts
    const { remedy, command, link } = judged
    return {
      ...facts,
      remedy,
      ...(command !== undefined && { command }),
      ...(link !== undefined && { link })
    }
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
  return { ...outcome, problems: outcome.problems.map(again), resources, verifications }
}

/** The user's own names: what the inputs ask for, and what the run has read. */
export function namesOf(
  desired: DesiredChain,
  { cluster, instance }: Known,
  { outputs }: Outcome,
  { exchangeAudience: audience }: Services['endpoints']
): Names {
  const { identity, organizations, repositories } = desired
  const place = cluster?.place
  return {
    subscriptionId: place?.subscriptionId,
    identitySubscriptionId: identity.subscriptionId ?? place?.subscriptionId,
    resourceGroup: place?.resourceGroup,
    cluster: cluster?.name ?? desired.cluster.name,
    location: place?.location,
    issuer: cluster?.issuerUrl,
    audience,
    identity: identity.name,
    identityResourceGroup: identity.resourceGroup ?? place?.resourceGroup,
    clientId: outputs.clientId,
    principalId: outputs.principalId,
    tenantId: outputs.tenantId,
    namespace: instance?.namespace ?? desired.argocdNamespace,
    deployment: instance?.deployment,
    container: instance?.container,
    account: instance?.account,
    version: instance?.version,
    organization: organizations.length === 1 ? organizations[0]?.name : undefined,
    repositories: repositories.map(({ url, project, repository }) => ({ url, project, repository }))
  }
}
