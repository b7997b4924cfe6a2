/**
 * An organization as people have it before a migration: forty Secrets of every kind over twelve projects, the
 * ApplicationSets that need two of them, and the Applications that read with the others. All tokens are live.
 */
import { kindOf, type Kind } from '../kubernetes/objects.ts'
import type { Twin } from '../twin.ts'

const SECRETS = kindOf('', 'secrets') as Kind
const APPLICATIONS = kindOf('argoproj.io', 'applications') as Kind
const APPLICATION_SETS = kindOf('argoproj.io', 'applicationsets') as Kind
const PROJECTS = kindOf('argoproj.io', 'appprojects') as Kind
const TYPE = 'argocd.argoproj.io/secret-type'
const NAMESPACE = 'argocd'

/** What each Secret of the organization is for. */
export const SECRET_COUNTS = {
  plain: 16,
  scoped: 4,
  templates: 4,
  spelledWithUser: 3,
  userNameOnly: 2,
  duplicates: 4,
  bearer: 1,
  write: 1,
  generators: 2,
  ownedByOthers: 3
} as const

/** Those that must stay: the hydrator's, the generators', and those that other tools make. */
export const MUST_STAY = SECRET_COUNTS.write + SECRET_COUNTS.generators + SECRET_COUNTS.ownedByOthers

export interface Organization {
  /** `namespace/name` of every Secret that holds a credential. */
  readonly secrets: readonly string[]
  /** URLs that Applications read, as they spell them. */
  readonly urls: readonly string[]
}

/**
 * Builds it in an empty twin. Repositories are spread over the projects `team-01` … `team-12`.
 *
 * @param applications how many there are, spread evenly over the URLs
 */
export function makeOrganization(twin: Twin, applications = 300): Organization {
  const { store } = twin.kubernetes
  const { repositoryUrl, organization } = twin.azure.ids
  const origin = new URL(repositoryUrl).origin
  const team = (number: number): string => `team-${String(number).padStart(2, '0')}`
  const repositories = ['app', 'infra', 'web', 'jobs']
  for (let number = 1; number <= 12; number += 1) twin.azure.addProject(team(number), repositories)
  const urlOf = (number: number, name: string): string =>
    `${origin}/${organization}/${team(number)}/_git/${name}`
  const withUser = (url: string): string => url.replace('https://', `https://${organization}@`)
  const tokens = Array.from({ length: 8 }, () => twin.azure.personalToken().secret)
  let used = 0
  const pat = (): Record<string, string> => {
    used += 1
    return { username: `svc-${used % tokens.length}`, password: tokens[used % tokens.length] ?? '' }
  }
  const secrets: string[] = []
  const urls: { url: string; project: string }[] = []
  const add = (
    name: string,
    type: string | undefined,
    stringData: Readonly<Record<string, string>>,
    { labels = {}, ...more }: { labels?: Record<string, string>; annotations?: Record<string, string> } = {}
  ): void => {
    const metadata = { name, labels: { ...(type !== undefined && { [TYPE]: type }), ...labels }, ...more }
    store.create(SECRETS, NAMESPACE, { apiVersion: '', kind: 'Secret', metadata, stringData })
    secrets.push(`${NAMESPACE}/${name}`)
  }
  const repository = (
    name: string,
    url: string,
    data: Readonly<Record<string, string>>,
    more: Parameters<typeof add>[3] = {}
  ): void => {
    add(name, 'repository', { type: 'git', url, ...data }, more)
    urls.push({ url, project: data['project'] ?? 'default' })
  }

  // Four projects with a Secret for each repository.
  for (const number of [1, 2, 3, 4])
    for (const name of repositories) repository(`${team(number)}-${name}`, urlOf(number, name), pat())
  // A project whose Secrets are for one Argo CD project only.
  store.create(PROJECTS, NAMESPACE, {
    apiVersion: '',
    kind: 'AppProject',
    metadata: { name: team(5) },
    spec: { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }] }
  })
  for (const name of repositories)
    repository(`${team(5)}-${name}`, urlOf(5, name), { ...pat(), project: team(5) })
  // Templates of two lengths: one for the organization, and longer ones for projects.
  add('creds-contoso', 'repo-creds', { url: `${origin}/${organization}/`, ...pat() })
  urls.push({ url: urlOf(6, 'app'), project: 'default' }, { url: urlOf(6, 'web'), project: 'default' })
  for (const number of [7, 8, 9]) {
    add(`creds-${team(number)}`, 'repo-creds', {
      url: `${origin}/${organization}/${team(number)}/`,
      ...pat()
    })
    urls.push({ url: urlOf(number, 'app'), project: 'default' })
  }
  for (const name of ['app', 'web', 'jobs'])
    repository(`${team(10)}-${name}`, withUser(urlOf(10, name)), pat())
  repository(`${team(10)}-user`, urlOf(10, 'infra'), {
    username: 'left-over',
    useAzureWorkloadIdentity: 'true'
  })
  repository(`${team(9)}-user`, urlOf(9, 'jobs'), { username: 'left-over' })
  for (const name of ['app', 'web'])
    for (const copy of ['a', 'b']) repository(`${team(11)}-${name}-${copy}`, urlOf(11, name), pat())
  repository(`${team(11)}-jobs`, urlOf(11, 'jobs'), { bearerToken: tokens[0] ?? '' })
  add('write-team-12', 'repository-write', { type: 'git', url: urlOf(12, 'infra'), ...pat() })
  repository(`${team(12)}-app`, urlOf(12, 'app'), pat(), {
    labels: { 'reconcile.external-secrets.io/managed': 'true' }
  })
  repository(`${team(12)}-web`, urlOf(12, 'web'), pat(), {
    annotations: { 'sealedsecrets.bitnami.com/managed': 'true' }
  })
  repository(`${team(12)}-jobs`, urlOf(12, 'jobs'), pat(), {
    labels: { 'app.kubernetes.io/managed-by': 'Helm' },
    annotations: { 'meta.helm.sh/release-name': 'argocd-repositories' }
  })
  add('scm-token', undefined, { token: tokens[1] ?? '' })
  add('pr-token', 'scm-creds', { token: tokens[2] ?? '' })
  const scm = { organization, accessTokenRef: { secretName: 'scm-token', key: 'token' }, allBranches: false }
  const requests = {
    organization,
    project: team(1),
    repo: 'app',
    tokenRef: { secretName: 'pr-token', key: 'token' }
  }
  const sets = [
    [
      'scm',
      { matrix: { generators: [{ scmProvider: { azureDevOps: scm } }, { list: { elements: [{}] } }] } }
    ],
    ['previews', { pullRequest: { azuredevops: requests } }]
  ] as const
  for (const [name, generator] of sets)
    store.create(APPLICATION_SETS, NAMESPACE, {
      apiVersion: '',
      kind: 'ApplicationSet',
      metadata: { name },
      spec: {
        generators: [generator],
        template: { metadata: { name: '{{repository}}' }, spec: specOf('{{url}}', 'default') }
      }
    })

  store.create(APPLICATIONS, NAMESPACE, {
    apiVersion: '',
    kind: 'Application',
    metadata: { name: 'hydrated' },
    spec: {
      project: 'default',
      sourceHydrator: {
        drySource: { repoURL: urlOf(12, 'infra'), path: 'deploy', targetRevision: 'HEAD' },
        syncSource: { targetBranch: 'env/dev', path: 'deploy' }
      },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'default' }
    }
  })
  for (let number = 1; number < applications; number += 1) {
    const { url, project } = urls[number % urls.length] ?? { url: '', project: '' }
    store.create(APPLICATIONS, NAMESPACE, {
      apiVersion: '',
      kind: 'Application',
      metadata: { name: `app-${String(number).padStart(3, '0')}` },
      spec: specOf(url, project)
    })
  }
  return { secrets, urls: urls.map(({ url }) => url) }
}

function specOf(repoURL: string, project: string): unknown {
  return {
    project,
    source: { repoURL, path: 'deploy', targetRevision: 'HEAD' },
    destination: { server: 'https://kubernetes.default.svc', namespace: 'default' }
  }
}
