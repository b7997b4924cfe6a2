/** A check of the large shape beside that of one repository, and one of many large objects. */
import { NO_LAG, startTwin } from '../sandbox/twin.ts'
import { atMost, shortest } from './budgets.ts'
import { apply, check } from './jobs.ts'
import {
  ACCOUNTS,
  APPLICATIONS,
  applicationFor,
  compared,
  DEPLOYMENTS,
  HOME,
  makeRepositories,
  makeUsers,
  PODS,
  SECRETS
} from './shape.ts'

const LATENCY = 50
const RUNS = 3
export async function large(): Promise<void> {
  const [small, twin] = await Promise.all([startTwin(NO_LAG), startTwin(NO_LAG)])
  try {
    const urls = makeRepositories(twin)
    const inputs = { 'repository-url': urls.join('\n'), connection: 'template' }
    await Promise.all([apply(small), apply(twin, { ...inputs, verification: 'access' })])
    const { store } = twin.kubernetes
    makeUsers(twin, urls)
    await compared(twin)
    // What Argo CD reads by was written an hour ago.
    for (const kind of [SECRETS, ACCOUNTS, DEPLOYMENTS, PODS])
      for (const one of store.list(kind, HOME)) store.age(kind, one)
    const peaks: number[] = []
    const checked = async (): Promise<void> => {
      const { memory, outputs } = await check(twin, inputs)
      if (outputs['verification'] !== 'verified')
        throw new Error(`${outputs['verification'] ?? ''}: ${outputs['verification-reason'] ?? ''}`)
      peaks.push(memory)
    }
    for (const { journal } of [small, twin]) journal.latency = LATENCY
    const { one, all } = await shortest({ one: () => check(small), all: checked }, RUNS)
    atMost(3, 'check of 170 URLs and 2,400 Applications at 50 ms : of one URL', all / one, '×')
    atMost(200, 'peak memory of it', Math.max(...peaks), ' MiB')
  } finally {
    await Promise.all([small.close(), twin.close()])
  }
}

export async function memory(): Promise<void> {
  const twin = await startTwin(NO_LAG)
  try {
    await apply(twin)
    const { store } = twin.kubernetes
    const url = twin.azure.ids.repositoryUrl
    // What Argo CD writes about a large Application.
    const resources = Array.from({ length: 130 }, (_, nth) => ({
      group: 'apps',
      kind: 'Deployment',
      name: `deployment-${nth}`,
      namespace: 'default',
      status: 'Synced',
      health: { status: 'Healthy', message: 'all replicas are available and up to date' }
    }))
    twin.defect('argocd-controller-down')
    for (let nth = 0; nth < 5_000; nth += 1)
      store.create(APPLICATIONS, HOME, {
        ...applicationFor(`app-${nth}`, `${url}-${nth % 500}`),
        status: { resources }
      })
    for (let nth = 0; nth < 1_000; nth += 1)
      store.create(SECRETS, HOME, {
        apiVersion: '',
        kind: 'Secret',
        metadata: {
          name: `repo-other-${nth}`,
          labels: { 'argocd.argoproj.io/secret-type': 'repository' }
        },
        stringData: { type: 'git', url: `${url}-${nth}`, useAzureWorkloadIdentity: 'true' }
      })
    const { memory: peak } = await check(twin)
    atMost(200, 'peak memory of a check with 5,000 Applications of 20 KB and 1,000 Secrets', peak, ' MiB')
  } finally {
    await twin.close()
  }
}
