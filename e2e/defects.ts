/** Mistakes of people and other tools in a real cluster. Each one reverts itself where apply must not fix it. */
import type { V1Deployment, V1Secret } from '@kubernetes/client-node'
import { FAKE_PAT } from '../sandbox/kubernetes/defects.ts'
import { DEPLOYMENT, NAMESPACE, REPO_SERVER, restarted, rolledOut } from './argocd.ts'
import type { Kube, Place } from './kube.ts'
import type { World } from './world.ts'

type Undo = () => Promise<void>
/** @returns how to revert it, where apply does not fix it */
export type Defect = (world: World) => Promise<Undo | undefined>

const LABEL = 'azure.workload.identity/use'
const CLIENT_ID = 'azure.workload.identity/client-id'
const TENANT_ID = 'azure.workload.identity/tenant-id'
const TYPE = 'argocd.argoproj.io/secret-type'
const ACCOUNT: Place = {
  apiVersion: 'v1',
  resource: 'serviceaccounts',
  namespace: NAMESPACE,
  name: REPO_SERVER
}
const SECRETS = { apiVersion: 'v1', resource: 'secrets', namespace: NAMESPACE }

/** Defects of the twin of Azure, by their names there. */
export function ofAzure(name: string): Defect {
  return ({ azure }) => {
    azure.defect(name)
    return Promise.resolve(undefined)
  }
}

export const annotated =
  (annotations: Readonly<Record<string, string | null>>): Defect =>
  async ({ kube }) => {
    await kube.merge(ACCOUNT, { metadata: { annotations } })
    await restarted(kube)
    return undefined
  }
export const withoutAnnotation = annotated({ [CLIENT_ID]: null })
export const ofAnotherClient = annotated({ [CLIENT_ID]: '00000000-0000-0000-0000-00000000dead' })
export const ofAnotherTenant = annotated({ [TENANT_ID]: '00000000-0000-0000-0000-00000000beef' })

/** Pods that are older than the annotation: they have no client id and will not get one. */
export const stale: Defect = async ({ kube }) => {
  const { metadata } = await kube.get(ACCOUNT)
  const annotations = { [CLIENT_ID]: metadata.annotations?.[CLIENT_ID] ?? '' }
  await kube.merge(ACCOUNT, { metadata: { annotations: { [CLIENT_ID]: null } } })
  await restarted(kube)
  await kube.merge(ACCOUNT, { metadata: { annotations } })
  return undefined
}

const template =
  (change: unknown, more: object = {}): Defect =>
  async ({ kube }) => {
    await kube.merge(DEPLOYMENT, { ...more, spec: { template: change } })
    await rolledOut(kube)
    return undefined
  }
export const withoutLabel = template({ metadata: { labels: { [LABEL]: null } } })
export const labelInCapitals = template({ metadata: { labels: { [LABEL]: 'True' } } })
export const labelOnDeploymentOnly = template(
  { metadata: { labels: { [LABEL]: null } } },
  { metadata: { labels: { [LABEL]: 'true' } } }
)

/** Set manually on the container, where it takes precedence over the webhook's value. */
export const environment =
  (variables: Readonly<Record<string, string>>): Defect =>
  async ({ kube }) => {
    const before = await container(kube)
    const change = async (env: unknown): Promise<void> => {
      await kube.merge(DEPLOYMENT, {
        spec: { template: { spec: { containers: [{ ...before, env }] } } }
      })
      await rolledOut(kube)
    }
    const set = Object.entries(variables).map(([name, value]) => ({ name, value }))
    await change([...(before.env ?? []), ...set])
    return () => change(before.env)
  }

/** The webhook was missing when the pods were created. */
export const withoutWebhook: Defect = async ({ kube, webhook }) => {
  await webhook.register('absent')
  await restarted(kube)
  await webhook.register('on')
  return undefined
}

export const withoutSecret: Defect = async ({ kube }) => {
  for (const { metadata } of await repositorySecrets(kube)) await kube.remove(secretOf(metadata?.name))
  return undefined
}

/** Changes keys of the repository's Secret; null removes one. */
export const secretWith =
  (given: Readonly<Record<string, string | null>>, { undone = false } = {}): Defect =>
  async ({ kube }) => {
    const [secret] = await repositorySecrets(kube)
    const place = secretOf(secret?.metadata?.name)
    const data = Object.entries(given).map(([key, value]) => [key, value === null ? null : encoded(value)])
    await kube.merge(place, { data: Object.fromEntries(data) as unknown })
    if (!undone) return undefined
    const before = Object.keys(given).map((key) => [key, secret?.data?.[key] ?? null])
    return async () => {
      await kube.merge(place, { data: Object.fromEntries(before) as unknown })
    }
  }
export const secretWithPat = secretWith({ username: 'someone', password: FAKE_PAT }, { undone: true })
export const secretWithUsername = secretWith({ username: 'someone' }, { undone: true })
export const secretUrlWithSlash: Defect = (world) =>
  secretWith({ url: `${world.azure.ids.repositoryUrl}/` })(world)

/** Argo CD finds repositories by this label only. */
export const secretLabelWrong: Defect = async ({ kube }) => {
  const [secret] = await repositorySecrets(kube)
  const place = secretOf(secret?.metadata?.name)
  const labelled = async (value: string): Promise<void> => {
    await kube.merge(place, { metadata: { labels: { [TYPE]: value } } })
  }
  await labelled('repo')
  return () => labelled('repository')
}

export const twoSecrets: Defect = async ({ kube }) => {
  const [secret] = await repositorySecrets(kube)
  const name = `${secret?.metadata?.name ?? ''}-copy`
  const labels = secret?.metadata?.labels ?? {}
  const metadata = { name, namespace: NAMESPACE, labels }
  await kube.create({ apiVersion: 'v1', kind: 'Secret', metadata, data: secret?.data ?? {} })
  return () => kube.remove(secretOf(name))
}

/** Used by every repository without its own Secret. */
export const templateWithPat: Defect = async ({ kube, azure }) => {
  await withoutSecret({ kube, azure } as World)
  const name = 'creds-contoso'
  const metadata = { name, namespace: NAMESPACE, labels: { [TYPE]: 'repo-creds' } }
  const { origin } = new URL(azure.ids.repositoryUrl)
  const data = { url: encoded(`${origin}/`), username: encoded('someone'), password: encoded(FAKE_PAT) }
  await kube.create({ apiVersion: 'v1', kind: 'Secret', metadata, data })
  return () => kube.remove(secretOf(name))
}

function secretOf(name = ''): Place {
  return { ...SECRETS, name }
}

function repositorySecrets(kube: Kube): Promise<V1Secret[]> {
  return kube.list<V1Secret>(SECRETS, `${TYPE}=repository`)
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64')
}

async function container(kube: Kube) {
  const { spec } = await kube.get<V1Deployment>(DEPLOYMENT)
  const [first] = spec?.template.spec?.containers ?? []
  if (!first) throw new Error('the repo-server has no container')
  return first
}
