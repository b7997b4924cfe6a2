/** What careless humans do to Secrets, Applications and projects. */
import { FAKE_PAT, namespaceOf, type Defect, type World } from '../kubernetes/defects.ts'
import { kindOf, type Kind, type KubeObject } from '../kubernetes/objects.ts'

const SECRETS = kindOf('', 'secrets') as Kind
const CONFIGMAPS = kindOf('', 'configmaps') as Kind
const APPLICATIONS = kindOf('argoproj.io', 'applications') as Kind
const APPLICATION_SETS = kindOf('argoproj.io', 'applicationsets') as Kind
const PROJECTS = kindOf('argoproj.io', 'appprojects') as Kind
const TYPE = 'argocd.argoproj.io/secret-type'
const PAT = { username: 'someone', password: FAKE_PAT }
const IDENTITY = { useAzureWorkloadIdentity: 'true' }

export const CONNECTION_DEFECTS: Readonly<Record<string, Defect>> = {
  'secret-deleted': (world) => {
    for (const { metadata } of repositories(world))
      world.store.remove(SECRETS, namespaceOf(world), metadata.name)
  },
  'secret-password': secret((data) => ({ ...data, ...PAT })),
  'secret-username': secret((data) => ({ ...data, username: 'someone' })),
  'secret-flag-missing': secret(withoutFlag),
  'secret-flag-yes': secret((data) => ({ ...data, useAzureWorkloadIdentity: 'yes' })),
  'secret-type-helm': secret((data) => ({ ...data, type: 'helm' })),
  'secret-url-slash': secret((data) => ({ ...data, url: `${data['url'] ?? ''}/` })),
  'secret-project': secret((data) => ({ ...data, project: 'team-a' })),
  'secret-label-wrong': (world) => {
    for (const one of repositories(world))
      world.store.update(SECRETS, one, { ...one, metadata: { ...one.metadata, labels: { [TYPE]: 'repo' } } })
  },
  'secret-duplicate': (world) => {
    for (const one of repositories(world))
      world.store.create(SECRETS, namespaceOf(world), {
        ...one,
        metadata: { name: `${one.metadata.name}-copy`, labels: one.metadata.labels ?? {} }
      })
  },
  'secret-duplicate-pat': (world) => {
    create(world, 'by-hand', 'repository', { type: 'git', url: world.repositoryUrl, ...PAT })
  },
  'secret-project-scoped-other': (world) => {
    const fields = { type: 'git', url: world.repositoryUrl, project: 'team-a', ...PAT }
    create(world, 'of-team-a', 'repository', fields)
  },
  'secret-in-other-namespace': (world) => {
    for (const { metadata, ...rest } of repositories(world)) {
      world.store.remove(SECRETS, namespaceOf(world), metadata.name)
      const { name, labels = {} } = metadata
      world.store.create(SECRETS, 'default', { ...rest, metadata: { name, labels } })
    }
  },
  /** A user name alone keeps the template out, and is no credential. */
  'secret-username-template': (world) => {
    secret((data) => ({ ...withoutFlag(data), username: 'someone' }))(world)
    create(world, 'template', 'repo-creds', { url: organization(world), ...IDENTITY })
  },
  'template-pat-org': (world) => {
    create(world, 'template-pat', 'repo-creds', { url: organization(world), ...PAT })
  },
  'template-wide': (world) => {
    create(world, 'template-wide', 'repo-creds', { url: 'https://', ...IDENTITY })
  },
  'template-project-pat': (world) => {
    const [, , , org, project] = world.repositoryUrl.split('/')
    const url = `${new URL(world.repositoryUrl).origin}/${org ?? ''}/${project ?? ''}`
    create(world, 'template-project', 'repo-creds', { url, ...PAT })
  },
  'application-on-repository': (world) => {
    application(world, 'app', world.repositoryUrl)
  },
  'application-other-spelling': (world) => {
    application(world, 'app-with-user', withUser(world))
    application(world, 'app-with-slash', `${world.repositoryUrl}/`)
  },
  'applicationset-other-spelling': (world) => {
    const repoURL = withUser(world)
    world.store.create(APPLICATION_SETS, namespaceOf(world), {
      apiVersion: '',
      kind: 'ApplicationSet',
      metadata: { name: 'apps' },
      spec: {
        generators: [{ git: { repoURL, revision: 'HEAD', directories: [{ path: 'deploy' }] } }],
        template: { metadata: { name: '{{path.basename}}' }, spec: applicationSpec(repoURL) }
      }
    })
  },
  'project-denies-source': project({ sourceRepos: ['https://github.com/contoso/*'] }),
  'project-denies-destination': project({
    destinations: [{ server: 'https://kubernetes.default.svc', namespace: 'team-*' }]
  }),
  'in-cluster-disabled': (world) => {
    const before = world.store.get(CONFIGMAPS, namespaceOf(world), 'argocd-cm')
    const data = { ...(before['data'] as object | undefined), 'cluster.inClusterEnabled': 'false' }
    world.store.update(CONFIGMAPS, before, { ...before, data })
  }
}

export function secret(change: (data: Record<string, string>) => Record<string, string>): Defect {
  return (world) => {
    for (const one of repositories(world)) {
      const data = (one['data'] ?? {}) as Record<string, string>
      const plain = Object.fromEntries(
        Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()])
      )
      world.store.update(SECRETS, one, { ...one, data: {}, stringData: change(plain) })
    }
  }
}

export function withoutFlag(data: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(data).filter(([key]) => key !== 'useAzureWorkloadIdentity'))
}

export function repositories(world: World): KubeObject[] {
  return world.store
    .list(SECRETS, namespaceOf(world))
    .filter(({ metadata }) => metadata.labels?.[TYPE] === 'repository')
}

export function create(
  world: World,
  name: string,
  type: 'repository' | 'repo-creds',
  stringData: Readonly<Record<string, string>>
): void {
  const metadata = { name, labels: { [TYPE]: type } }
  world.store.create(SECRETS, namespaceOf(world), { apiVersion: '', kind: 'Secret', metadata, stringData })
}

function project(spec: Readonly<Record<string, unknown>>): Defect {
  return (world) => {
    const before = world.store.get(PROJECTS, namespaceOf(world), 'default')
    world.store.update(PROJECTS, before, { ...before, spec: { ...(before.spec as object), ...spec } })
  }
}

export function application(world: World, name: string, repoURL: string): void {
  const spec = applicationSpec(repoURL)
  const metadata = { name }
  world.store.create(APPLICATIONS, namespaceOf(world), {
    apiVersion: '',
    kind: 'Application',
    metadata,
    spec
  })
}

function applicationSpec(repoURL: string): unknown {
  return {
    project: 'default',
    source: { repoURL, path: 'deploy', targetRevision: 'HEAD' },
    destination: { server: 'https://kubernetes.default.svc', namespace: 'default' }
  }
}

/** `https://dev.azure.com/contoso` */
export function organization({ repositoryUrl }: World): string {
  return `${new URL(repositoryUrl).origin}/${repositoryUrl.split('/')[3] ?? ''}`
}

/** `https://contoso@dev.azure.com/…`, as Azure DevOps itself shows clone URLs. */
function withUser({ repositoryUrl }: World): string {
  return repositoryUrl.replace('https://', `https://${repositoryUrl.split('/')[3] ?? ''}@`)
}
