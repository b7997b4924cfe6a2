/** `mode: audit`: finds every stored credential with which the Argo CDs of a cluster reach Azure Repos. Writes nothing. */
import type { DesiredAudit } from '../config/desired.ts'
import type { Services } from '../services/services.ts'
import { cluster as aksCluster } from '../chain/cluster.ts'
import { readInventory, type Inventory } from '../chain/stored-credentials.ts'
import {
  findingsOfAllowances,
  findingsOfCredentials,
  judgeCredentials,
  FINDING_IDS,
  type JudgedCredential
} from '../chain/stored-credential-findings.ts'
import { note, warning } from '../core/finding.ts'
import type { FindingFacts } from '../core/finding.ts'
import type { RunContext } from '../engine/graph.ts'
import type { Outcome } from '../engine/outcome.ts'
import type { Reporter } from '../report/events.ts'
import type { Ended } from '../report/report.ts'
import type { ReportedCredential } from '../report/stored-credentials.ts'

export async function audit(
  desired: DesiredAudit,
  context: RunContext<Services>,
  { phase, on }: Pick<Reporter, 'phase' | 'on'>
): Promise<Ended> {
  const { services, explain } = context
  try {
    const inventory = await phase('audit', async () => {
      const found = await readInventory(await placeOf(desired, services), services)
      on({ kind: 'info', text: countsOf(found) })
      return found
    })
    const now = Date.now()
    const { allow, failOnStoredCredentials } = desired
    const judged = judgeCredentials(inventory.credentials, allow, now)
    return {
      outcome: outcomeOf(inventory.problems),
      findings: [
        ...findingsOfCredentials(judged, failOnStoredCredentials ? 'error' : 'warning'),
        ...findingsOfAllowances(allow, inventory.credentials, now),
        ...inventory.left,
        ...inventory.warnings.map((facts) => (facts.id === 'argocd/not-whole' ? note : warning)(facts))
      ],
      storedCredentials: judged.map(reported)
    }
  } catch (error) {
    return { outcome: outcomeOf([await explain(error)]) }
  }
}

async function placeOf(
  { cluster, argocdNamespace: namespace, remind: reminds }: DesiredAudit,
  services: Services
): Promise<Parameters<typeof readInventory>[0]> {
  const { name } = cluster
  if (cluster.kind === 'given') return { clusterId: undefined, cluster: name, namespace, reminds }
  const found = await aksCluster.read(cluster, services, { fresh: false })
  const clusterId = typeof found === 'object' && 'id' in found ? found.id : undefined
  return { clusterId, cluster: name, namespace, reminds }
}

function countsOf({ installations, credentials }: Inventory): string {
  const places = installations.map(({ namespace }) => namespace).join(', ')
  return `Argo CD in ${places}: ${credentials.length} stored credentials that reach Azure Repos`
}

/** There is no chain in an audit: nothing has to be in order, nothing is verified. */
function outcomeOf(problems: readonly FindingFacts[]): Outcome {
  const verification = {
    result: 'skipped',
    reason: 'an audit verifies nothing',
    commits: {},
    start: 0,
    end: 0
  } as const
  return {
    mode: 'audit',
    resources: [],
    verification,
    verifications: {},
    outputs: {},
    changed: false,
    drift: false,
    problems,
    ...(problems.length > 0 && { endedAt: 'audit' as const })
  }
}

function reported({ credential, allowed }: JudgedCredential): ReportedCredential {
  const { fingerprint, kind, argocd, ref, url, project, keys, user, serves, shadows, manager } = credential
  const { createdAt, changedAt, group, verdict, reasons, immutable } = credential
  const at = (time: number | undefined): string | undefined =>
    time === undefined ? undefined : new Date(time).toISOString()
  const names = (refs: readonly { namespace: string; name: string }[]): string[] =>
    refs.map(({ namespace, name }) => `${namespace}/${name}`)
  const { repositories, applications, applicationSets } = serves
  return {
    finding: FINDING_IDS[kind],
    fingerprint,
    kind,
    argocd,
    object: { kind: ref.kind, namespace: ref.namespace, name: ref.name },
    url,
    project,
    keys,
    ...defined({
      user,
      createdAt: at(createdAt),
      changedAt: at(changedAt),
      group,
      allowed: allowed && { until: allowed.until, reason: allowed.reason }
    }),
    serves: {
      repositories,
      ...defined({
        applications: applications && names(applications),
        applicationSets: applicationSets && names(applicationSets)
      })
    },
    shadows: names(shadows),
    ...(manager && { owner: { kind: manager.kind, name: manager.name } }),
    immutable,
    verdict,
    reasons
  }
}

function defined<T extends object>(all: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
