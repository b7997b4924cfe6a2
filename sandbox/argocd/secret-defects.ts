/** More of what careless humans do to Secrets, Applications and generators. */
import { namespaceOf, type Defect } from '../kubernetes/defects.ts'
import { kindOf, type Kind } from '../kubernetes/objects.ts'
import { application, create, organization, secret, withoutFlag } from './connection-defects.ts'

const APPLICATIONS = kindOf('argoproj.io', 'applications') as Kind
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
