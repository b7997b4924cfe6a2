/**
 * What users run in production (argo-cd#26008): 2 organizations, 35 projects, 170 URLs by credential templates, 2,400
 * Applications and 580 ApplicationSets. And one of many large objects.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { IDS } from '../sandbox/azure/state.ts'
import { kindOf, type Kind } from '../sandbox/kubernetes/objects.ts'
import { NO_LAG, startTwin, type Twin } from '../sandbox/twin.ts'
import { atMost, shortest } from './budgets.ts'
import { apply, check } from './jobs.ts'

const LATENCY = 50
const RUNS = 3
const HOME = 'argocd'
const [SECRETS, ACCOUNTS, PODS, DEPLOYMENTS, APPLICATIONS, SETS] = [
  ['', 'secrets'],
  ['', 'serviceaccounts'],
  ['', 'pods'],
  ['apps', 'deployments'],
  ['argoproj.io', 'applications'],
  ['argoproj.io', 'applicationsets']
].map(([group = '', resource = '']) => kindOf(group, resource)) as [Kind, Kind, Kind, Kind, Kind, Kind]

/** 18 projects of five repositories in one organization, 12 of five and five of four in the other. */
function urlsOf({ environment }: Twin): string[] {
  const base = environment['AZURE_DEVOPS_URL'] ?? ''
  return [IDS.organization, IDS.secondOrganization].flatMap((organization, second) =>
    Array.from({ length: 18 - second }, (_, team) =>
      Array.from(
        { length: second === 1 && team >= 12 ? 4 : 5 },
        (_one, nth) => `${base}/${organization}/team-${team + 1}/_git/service-${nth + 1}`
      )
    ).flat()
  )
}

export async function large(): Promise<void> {
  const [small, twin] = await Promise.all([startTwin(NO_LAG), startTwin(NO_LAG)])
  try {
    for (const prefix of ['', 'second-']) twin.defect(`${prefix}many-projects`)
    const urls = urlsOf(twin)
    const inputs = { 'repository-url': urls.join('\n'), connection: 'template' }
    await Promise.all([apply(small), apply(twin, { ...inputs, verification: 'access' })])
    const { store } = twin.kubernetes
    for (let nth = 0; nth < 2_400; nth += 1)
      store.create(APPLICATIONS, HOME, applicationFor(`app-${nth}`, urls[nth % urls.length] ?? ''))
    for (let nth = 0; nth < 580; nth += 1)
      store.create(SETS, HOME, {
        apiVersion: '',
        kind: 'ApplicationSet',
        metadata: { name: `set-${nth}` },
        spec: {
          generators: [{ list: { elements: [{ cluster: 'here' }] } }],
          template: { spec: applicationFor('', urls[nth % urls.length] ?? '').spec }
        }
      })
    // Argo CD compares all of them, and what it read by was written an hour ago.
    do await sleep(100)
    while (twin.kubernetes.comparing > 0)
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

function applicationFor(name: string, repoURL: string) {
  return {
    apiVersion: '',
    kind: 'Application',
    metadata: { name },
    spec: {
      project: 'default',
      source: { repoURL, path: '.', targetRevision: 'HEAD' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'default' }
    }
  }
}
