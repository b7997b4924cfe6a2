/** Audits of large clusters: requests, memory, and that both grow no faster than the cluster. */
import { kindOf, type Kind } from '../sandbox/kubernetes/objects.ts'
import type { Entry } from '../sandbox/journal.ts'
import type { Twin } from '../sandbox/twin.ts'

const SECRETS = kindOf('', 'secrets') as Kind
const APPLICATIONS = kindOf('argoproj.io', 'applications') as Kind
const APPLICATION_SETS = kindOf('argoproj.io', 'applicationsets') as Kind

export interface Shape {
  readonly secrets: number
  readonly applications: number
  readonly applicationSets: number
}

/** Objects of one page of a list. */
const PAGE = 500

/** Fills the cluster. Every tenth Secret is a template; every other one is for a repository of its own. */
export function fill(twin: Twin, { secrets, applications, applicationSets }: Shape): void {
  const { store } = twin.kubernetes
  twin.defect('argocd-controller-down')
  const organization = `${new URL(twin.azure.ids.repositoryUrl).origin}/${twin.azure.ids.organization}`
  const urlOf = (at: number): string => `${organization}/team-${at % secrets}/_git/app`
  const metadata = (name: string, labels: Record<string, string> = {}) => ({ name, labels })
  const create = (kind: Kind, object: object): void => {
    store.create(kind, 'argocd', { apiVersion: '', kind: kind.kind, metadata: { name: '' }, ...object })
  }
  for (let at = 0; at < secrets; at += 1) {
    const type = at % 10 === 0 ? 'repo-creds' : 'repository'
    create(SECRETS, {
      metadata: metadata(`secret-${at}`, { 'argocd.argoproj.io/secret-type': type }),
      stringData: { url: urlOf(at), username: 'svc', password: `token-number-${at % 97}-of-the-organization` }
    })
  }
  const spec = (repoURL: string): object => ({
    project: 'default',
    source: { repoURL, path: 'deploy', targetRevision: 'HEAD' },
    destination: { server: 'https://kubernetes.default.svc', namespace: 'default' }
  })
  for (let at = 0; at < applications; at += 1)
    create(APPLICATIONS, { metadata: metadata(`app-${at}`), spec: spec(urlOf(at)) })
  for (let at = 0; at < applicationSets; at += 1)
    create(APPLICATION_SETS, {
      metadata: metadata(`set-${at}`),
      spec: {
        generators: [{ git: { repoURL: urlOf(at), revision: 'HEAD', directories: [{ path: 'deploy' }] } }],
        template: { metadata: { name: '{{path.basename}}' }, spec: spec(urlOf(at)) }
      }
    })
}

/** Requests that a list of so many objects needs; at least one. */
export function pagesOf({ secrets, applications, applicationSets }: Shape): number {
  // Deployments, and Secrets without a label, have a page each.
  const lists = [secrets, applications, applicationSets, 1, 1]
  return lists.reduce((sum, count) => sum + Math.max(1, Math.ceil(count / PAGE)), 0)
}

/** Requests of an audit, logins aside. */
export function requestsOf(entries: readonly Entry[]): number {
  return entries.filter(
    ({ service, path }) => !['entra', 'oidc'].includes(service) && !path.endsWith('/token')
  ).length
}
