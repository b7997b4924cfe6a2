/** What people do to the Secrets of Helm repositories, and to the repo-server that reads charts. */
import type { V1Deployment } from '@kubernetes/client-node'
import { FAKE_PAT, namespaceOf, type Defect, type World } from '../kubernetes/defects.ts'
import { kindOf, type Kind, type KubeObject } from '../kubernetes/objects.ts'
import { application, create, repositories } from './connection-defects.ts'

const SECRETS = kindOf('', 'secrets') as Kind
const DEPLOYMENTS = kindOf('apps', 'deployments') as Kind
const URL = 'contosocharts.azurecr.io/charts'

type Data = Readonly<Record<string, string>>

function dataOf({ data }: KubeObject): Data {
  const encoded = Object.entries((data ?? {}) as Data)
  return Object.fromEntries(encoded.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))
}

function ofCharts(world: World): KubeObject[] {
  return repositories(world).filter((one) => dataOf(one)['url']?.includes('.azurecr.io') === true)
}

function chartSecret(change: (data: Data) => Data): Defect {
  return (world) => {
    for (const one of ofCharts(world))
      world.store.update(SECRETS, one, { ...one, data: {}, stringData: change(dataOf(one)) })
  }
}

function without(key: string): Defect {
  return chartSecret((data) => Object.fromEntries(Object.entries(data).filter(([name]) => name !== key)))
}

export const CHART_DEFECTS: Readonly<Record<string, Defect>> = {
  'chart-secret-deleted': (world) => {
    for (const { metadata } of ofCharts(world)) world.store.remove(SECRETS, namespaceOf(world), metadata.name)
  },
  'chart-secret-type-git': chartSecret((data) => ({ ...data, type: 'git' })),
  'chart-secret-without-oci': without('enableOCI'),
  'chart-secret-without-flag': without('useAzureWorkloadIdentity'),
  'chart-secret-flag-no': chartSecret((data) => ({ ...data, useAzureWorkloadIdentity: 'false' })),
  'chart-secret-by-hand': (world) => {
    const login = { username: 'someone', password: FAKE_PAT, useAzureWorkloadIdentity: 'true' }
    create(world, 'charts-by-hand', 'repository', { type: 'helm', url: URL, enableOCI: 'true', ...login })
  },
  'chart-of-type-oci': (world) => {
    create(world, 'of-type-oci', 'repository', {
      ...{ type: 'oci', url: `oci://${URL}/app`, useAzureWorkloadIdentity: 'true' }
    })
    application(world, 'of-type-oci', `oci://${URL}/app`)
  },
  'repo-server-acr-tokens': (world) => {
    const deployment = world.store.get(DEPLOYMENTS, namespaceOf(world), 'argocd-repo-server')
    const { spec } = deployment as unknown as V1Deployment
    for (const container of spec?.template.spec?.containers ?? [])
      container.env = [
        ...(container.env ?? []),
        { name: 'AZURE_ARM_TOKEN_RESOURCE', value: 'https://containerregistry.azure.net' }
      ]
    world.store.update(DEPLOYMENTS, deployment, { ...deployment, spec })
  }
}
