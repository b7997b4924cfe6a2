/** More of what careless humans do to Secrets, Applications and generators. */
import { namespaceOf, type Defect } from '../kubernetes/defects.ts'
import { kindOf, type Kind } from '../kubernetes/objects.ts'
import { application, create, organization, secret, withoutFlag } from './connection-defects.ts'

const APPLICATIONS = kindOf('argoproj.io', 'applications') as Kind
const ACCOUNTS = kindOf('', 'serviceaccounts') as Kind
const DEPLOYMENTS = kindOf('apps', 'deployments') as Kind
const SECRETS = kindOf('', 'secrets') as Kind
const APPLICATION_SETS = kindOf('argoproj.io', 'applicationsets') as Kind

export const SECRET_DEFECTS: Readonly<Record<string, Defect>> = {
  'secret-flag-misspelled': secret((data) => ({ ...withoutFlag(data), useazureworkloadidentity: 'true' })),
  'secret-flag-false': secret((data) => ({ ...data, useAzureWorkloadIdentity: 'false' })),
  'service-principal-key-case': (world) => {
    secret(withoutFlag)(world)
    create(world, 'template', 'repo-creds', {
      url: organization(world),
      azureServicePrincipalClientId: '00000000-0000-0000-0000-00000000cafe',
      azureServicePrincipalTenantId: '00000000-0000-0000-0000-00000000cafe',
      azureServicePrincipalClientSecret: 'not-a-real-secret-0123456789'
    })
  },
  'secret-url-ssh': secret((data) => ({ ...data, url: 'git@ssh.dev.azure.com:v3/contoso/shop/app' })),
  /** Pods reach Entra only through the proxy, of which only git knows. */
  'proxy-only-in-secret': (world) => {
    secret((data) => ({
      ...data,
      proxy: 'http://someone:not-a-real-secret-0123456789@proxy.contoso.example:3128'
    }))(world)
    world.conditions.entraEgress = 'blocked'
  },
  /** The hydrator pushes with workload identity, and its pod has none. */
  'commit-server-without-identity': (world) => {
    const name = 'argocd-commit-server'
    const namespace = namespaceOf(world)
    const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/component': 'commit-server' }
    world.store.create(ACCOUNTS, namespace, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } })
    world.store.create(DEPLOYMENTS, namespace, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: { 'app.kubernetes.io/name': name } },
        template: {
          metadata: { labels },
          spec: { serviceAccountName: name, containers: [{ name, image: 'quay.io/argoproj/argocd:v3.2.0' }] }
        }
      }
    })
    world.store.create(SECRETS, namespace, {
      apiVersion: '',
      kind: 'Secret',
      metadata: { name: 'push-app', labels: { 'argocd.argoproj.io/secret-type': 'repository-write' } },
      stringData: { type: 'git', url: world.repositoryUrl, useAzureWorkloadIdentity: 'true' }
    })
  },
  'application-ssh': (world) => {
    application(world, 'app-ssh', 'git@ssh.dev.azure.com:v3/contoso/shop/app')
  },
  'application-unwatched': (world) => {
    world.store.create(APPLICATIONS, 'default', {
      apiVersion: '',
      kind: 'Application',
      metadata: { name: 'app' },
      spec: {
        project: 'default',
        source: { repoURL: world.repositoryUrl, path: 'deploy', targetRevision: 'HEAD' },
        destination: { server: 'https://kubernetes.default.svc', namespace: 'default' }
      }
    })
  },
  'scm-generator': (world) => {
    world.store.create(APPLICATION_SETS, namespaceOf(world), {
      apiVersion: '',
      kind: 'ApplicationSet',
      metadata: { name: 'scm' },
      spec: {
        generators: [{ scmProvider: { azureDevOps: { organization: 'contoso', teamProject: 'shop' } } }],
        template: { metadata: { name: '{{repository}}' }, spec: {} }
      }
    })
  }
}
