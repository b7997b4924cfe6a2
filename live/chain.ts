/** The chain as it is in the services, read and changed by hand. */
import { expectStatus, type Hand } from './hand.ts'

export interface Identity {
  readonly principalId: string
  readonly clientId: string
  readonly tags: Readonly<Record<string, string>>
}

export interface Credential {
  readonly name: string
  readonly properties: { issuer: string; subject: string; audiences: string[] }
}

export interface Member {
  readonly entitlementId: string
  readonly descriptor: string
}

interface KubeObject {
  readonly metadata: {
    readonly name: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
}

export interface Secret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
}

const MSI_VERSION = 'api-version=2024-11-30'
export const ACCOUNT = 'argocd-repo-server'

function identityPath({ settings }: Hand): string {
  const group = `/subscriptions/${settings.subscriptionId}/resourceGroups/${settings.resourceGroup}`
  return `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${settings.identity}`
}

/** undefined when there is none. */
export async function identityOf(hand: Hand): Promise<Identity | undefined> {
  const told = expectStatus(await hand.arm('GET', `${identityPath(hand)}?${MSI_VERSION}`), 200, 404)
  if (told.status === 404) return undefined
  const { properties, tags = {} } = told.json as {
    properties: { principalId: string; clientId: string }
    tags?: Record<string, string>
  }
  return { ...properties, tags }
}

export async function deleteIdentity(hand: Hand): Promise<void> {
  expectStatus(await hand.arm('DELETE', `${identityPath(hand)}?${MSI_VERSION}`), 200, 204)
}

export async function credentialOf(hand: Hand): Promise<Credential> {
  const path = `${identityPath(hand)}/federatedIdentityCredentials?${MSI_VERSION}`
  const { json } = expectStatus(await hand.arm('GET', path), 200)
  const [first] = (json as { value: Credential[] }).value
  if (!first) throw new Error('the identity has no federated credential')
  return first
}

/** @param change what is to be different; undefined: delete it */
export async function changeCredential(
  hand: Hand,
  change: Partial<Credential['properties']> | undefined
): Promise<void> {
  const { name, properties } = await credentialOf(hand)
  const path = `${identityPath(hand)}/federatedIdentityCredentials/${name}?${MSI_VERSION}`
  const { issuer, subject, audiences } = { ...properties, ...change }
  const told = change
    ? await hand.arm('PUT', path, { properties: { issuer, subject, audiences } })
    : await hand.arm('DELETE', path)
  expectStatus(told, 200, 201, 204)
}

/** @param principalId object id. @returns undefined when it is not in the organization */
export async function memberOf(hand: Hand, principalId: string): Promise<Member | undefined> {
  for (let token: string | undefined = ''; token !== undefined;) {
    const more: string = token === '' ? '' : `&continuationToken=${encodeURIComponent(token)}`
    const told = expectStatus(
      await hand.graph('GET', `serviceprincipals?api-version=7.1-preview.1${more}`),
      200
    )
    const { value } = told.json as { value: { originId?: string; descriptor: string }[] }
    const found = value.find(({ originId }) => originId?.toLowerCase() === principalId.toLowerCase())
    if (found) {
      const { descriptor } = found
      const key = await hand.graph('GET', `storagekeys/${descriptor}?api-version=7.1-preview.1`)
      const { value: entitlementId } = expectStatus(key, 200).json as { value: string }
      return { entitlementId, descriptor }
    }
    const next = told.headers['x-ms-continuationtoken']
    token = typeof next === 'string' && next !== '' ? next : undefined
  }
  return undefined
}

/** The member of the identity that is there now. @throws {Error} when there is none */
export async function presentMember(hand: Hand): Promise<Member> {
  const identity = await identityOf(hand)
  const member = identity && (await memberOf(hand, identity.principalId))
  if (!member) throw new Error('the identity is no member')
  return member
}

/** In order also when it is not there. */
export async function removeMember(hand: Hand, { entitlementId }: Member): Promise<void> {
  expectStatus(await hand.entitlements('DELETE', `/${entitlementId}`), 200, 204, 404)
}

/** @param operation a JSON patch of one; its outcome is in a 200 */
export async function changeMember(hand: Hand, operation: object): Promise<void> {
  const { entitlementId } = await presentMember(hand)
  const told = expectStatus(await hand.entitlements('PATCH', `/${entitlementId}`, [operation]), 200)
  if ((told.json as { isSuccess?: boolean }).isSuccess !== true) throw new Error(told.text.slice(0, 500))
}

export async function projectId(hand: Hand): Promise<string> {
  const path = `_apis/projects/${encodeURIComponent(hand.settings.project)}?api-version=7.1`
  return (expectStatus(await hand.devops('GET', path), 200).json as { id: string }).id
}

/** The Secrets by which Argo CD reads this repository. */
export async function secretsOf(hand: Hand): Promise<Secret[]> {
  const path = `${namespacePath(hand)}/secrets?labelSelector=argocd.argoproj.io%2Fsecret-type%3Drepository`
  const { items } = expectStatus(await hand.kubernetes('GET', path), 200).json as { items: Secret[] }
  const { repositoryUrl } = hand.settings
  return items.filter(({ data }) => decoded(data?.['url']) === repositoryUrl)
}

export async function changeSecret(hand: Hand, name: string, patch: object): Promise<void> {
  expectStatus(await hand.kubernetes('PATCH', `${namespacePath(hand)}/secrets/${name}`, patch), 200)
}

export async function createSecret(hand: Hand, secret: object): Promise<void> {
  expectStatus(await hand.kubernetes('POST', `${namespacePath(hand)}/secrets`, secret), 201)
}

/** In order also when it is not there. */
export async function deleteSecret(hand: Hand, name: string): Promise<void> {
  expectStatus(await hand.kubernetes('DELETE', `${namespacePath(hand)}/secrets/${name}`), 200, 404)
}

/** undefined when there is none. */
export async function accountOf(hand: Hand): Promise<KubeObject | undefined> {
  const told = await hand.kubernetes('GET', `${namespacePath(hand)}/serviceaccounts/${ACCOUNT}`)
  return expectStatus(told, 200, 404).status === 404 ? undefined : (told.json as KubeObject)
}

/** @param annotations null takes one away */
export async function annotate(
  hand: Hand,
  annotations: Readonly<Record<string, string | null>>
): Promise<void> {
  const path = `${namespacePath(hand)}/serviceaccounts/${ACCOUNT}`
  expectStatus(await hand.kubernetes('PATCH', path, { metadata: { annotations } }), 200)
}

/** @param value of the label by which the webhook knows the pods; null takes it away */
export async function labelPods(hand: Hand, value: string | null): Promise<void> {
  const labels = { 'azure.workload.identity/use': value }
  const path = `/apis/apps/v1/namespaces/${hand.settings.namespace}/deployments/${ACCOUNT}`
  const patch = { spec: { template: { metadata: { labels } } } }
  expectStatus(await hand.kubernetes('PATCH', path, patch), 200)
}

export function encoded(text: string): string {
  return Buffer.from(text).toString('base64')
}

function decoded(data: string | undefined): string | undefined {
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8')
}

function namespacePath({ settings }: Hand): string {
  return `/api/v1/namespaces/${settings.namespace}`
}
