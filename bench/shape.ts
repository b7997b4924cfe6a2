/**
 * What users run in production (argo-cd#26008): 2 organizations, 35 projects, 170 URLs, 2,400 Applications and 580
 * ApplicationSets.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { IDS } from '../sandbox/azure/state.ts'
import { kindOf, type Kind } from '../sandbox/kubernetes/objects.ts'
import type { Twin } from '../sandbox/twin.ts'

export const HOME = 'argocd'
export const [SECRETS, ACCOUNTS, PODS, DEPLOYMENTS, APPLICATIONS, SETS] = [
  ['', 'secrets'],
  ['', 'serviceaccounts'],
  ['', 'pods'],
  ['apps', 'deployments'],
  ['argoproj.io', 'applications'],
  ['argoproj.io', 'applicationsets']
].map(([group = '', resource = '']) => kindOf(group, resource)) as [Kind, Kind, Kind, Kind, Kind, Kind]

/** Makes the projects and repositories of both organizations. @returns the URLs */
export function makeRepositories(twin: Twin): string[] {
  for (const prefix of ['', 'second-']) twin.defect(`${prefix}many-projects`)
  return urlsOf(twin)
}

/** Makes Applications and ApplicationSets for the URLs, in turns. */
export function makeUsers({ kubernetes: { store } }: Twin, urls: readonly string[]): void {
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
}

/** Argo CD compares all of them. */
export async function compared(twin: Twin): Promise<void> {
  do await sleep(100)
  while (twin.kubernetes.comparing > 0)
}

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

export function applicationFor(name: string, repoURL: string) {
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
