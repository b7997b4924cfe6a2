/** A world as users have it before a migration: Secrets with personal access tokens, and Applications that read with them. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { WorldUnderTest } from '../../sandbox/in-process.ts'
import { kindOf, type Kind, type KubeObject } from '../../sandbox/kubernetes/objects.ts'

export const SECRETS = kindOf('', 'secrets') as Kind
export const APPLICATIONS = kindOf('argoproj.io', 'applications') as Kind
const TYPE = 'argocd.argoproj.io/secret-type'
export const REPOSITORY = { [TYPE]: 'repository' }

export interface Status {
  readonly sync?: { readonly status: string; readonly revision?: string }
  readonly health?: { readonly status: string }
  readonly conditions?: readonly { readonly message: string }[]
}

/** URL of a repository of the twin's organization. */
export function urlOf({ twin }: Pick<WorldUnderTest, 'twin'>, repository: string, project = 'shop'): string {
  const { origin } = new URL(twin.azure.urls.devops)
  return `${origin}/contoso/${encodeURIComponent(project)}/_git/${encodeURIComponent(repository)}`
}

/** @returns the token in it */
export function storePat(
  { twin }: Pick<WorldUnderTest, 'twin'>,
  name: string,
  url: string,
  more: {
    readonly type?: 'repository' | 'repo-creds'
    readonly data?: object
    readonly metadata?: object
    readonly organization?: string
  } = {}
): ReturnType<WorldUnderTest['twin']['azure']['personalToken']> {
  const token = twin.azure.personalToken(more.organization)
  const { type = 'repository', data = {}, metadata = {} } = more
  twin.kubernetes.store.create(SECRETS, 'argocd', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, labels: { [TYPE]: type }, ...metadata },
    stringData: { url, username: 'anna', password: token.secret, ...data }
  })
  return token
}

/** Somebody puts a token back by hand. */
export function storePatAgain({ twin }: Pick<WorldUnderTest, 'twin'>, name: string): void {
  const { store } = twin.kubernetes
  const secret = store.get(SECRETS, 'argocd', name)
  store.update(SECRETS, secret, { ...secret, stringData: { password: twin.azure.personalToken().secret } })
}

export function useIt(
  { twin }: Pick<WorldUnderTest, 'twin'>,
  name: string,
  repoURL: string,
  project = 'default'
): void {
  twin.kubernetes.store.create(APPLICATIONS, 'argocd', {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name },
    spec: {
      project,
      source: { repoURL, path: '.', targetRevision: 'HEAD' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'default' }
    }
  })
}

export function statusOf({ twin }: Pick<WorldUnderTest, 'twin'>, name: string): Status {
  return twin.kubernetes.store.get(APPLICATIONS, 'argocd', name).status ?? {}
}

/** Waits until Argo CD has compared every Application. */
export async function compared({ twin }: Pick<WorldUnderTest, 'twin'>): Promise<void> {
  for (const until = performance.now() + 20_000; performance.now() < until;) {
    if (twin.kubernetes.store.list(APPLICATIONS, 'argocd').every(({ status }) => status !== undefined)) return
    await sleep(10)
  }
  throw new Error('Argo CD does not compare')
}

export function secretsOf({ twin }: Pick<WorldUnderTest, 'twin'>): KubeObject[] {
  return twin.kubernetes.store.list(SECRETS, 'argocd')
}

/** The values of a Secret, as text. */
export function contentOf(world: Pick<WorldUnderTest, 'twin'>, name: string): Record<string, string> {
  const { data = {} } = world.twin.kubernetes.store.get(SECRETS, 'argocd', name) as KubeObject & {
    data?: Record<string, string>
  }
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()])
  )
}

export function backupsOf(world: Pick<WorldUnderTest, 'twin'>): KubeObject[] {
  return secretsOf(world).filter(({ metadata }) => metadata.labels?.['patless/backup'] === 'true')
}

/** As if every backup had been taken and confirmed eight days ago. */
export function eightDaysPass(world: Pick<WorldUnderTest, 'twin'>): void {
  const days = 8 * 86_400_000
  const { store } = world.twin.kubernetes
  for (const backup of backupsOf(world)) {
    const confirmed = new Date(Date.now() - days).toISOString()
    const annotations = { ...backup.metadata.annotations, 'patless/confirmed': confirmed }
    const noted = store.update(SECRETS, backup, { ...backup, metadata: { ...backup.metadata, annotations } })
    store.age(SECRETS, noted, days)
  }
}

/** As a run leaves it that is killed after the switch, before it saw Argo CD read. */
export function killedBeforeConfirming(world: Pick<WorldUnderTest, 'twin'>): void {
  for (const backup of backupsOf(world)) {
    const annotations = { ...backup.metadata.annotations }
    delete annotations['patless/confirmed']
    world.twin.kubernetes.store.update(SECRETS, backup, {
      ...backup,
      metadata: { ...backup.metadata, annotations }
    })
  }
}

export const LEASES = kindOf('coordination.k8s.io', 'leases') as Kind

/** Another run holds it for an hour. */
export function takeLease({ twin }: Pick<WorldUnderTest, 'twin'>, holderIdentity: string): void {
  twin.kubernetes.store.create(LEASES, 'argocd', {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'patless-migration' },
    spec: {
      holderIdentity,
      leaseDurationSeconds: 3600,
      renewTime: `${new Date().toISOString().slice(0, 23)}000Z`
    }
  })
}

/** Asks for a hard refresh, and waits for the answer. */
export async function refreshed(world: Pick<WorldUnderTest, 'twin'>, name: string): Promise<Status> {
  const { store } = world.twin.kubernetes
  const REFRESH = 'argocd.argoproj.io/refresh'
  const before = store.get(APPLICATIONS, 'argocd', name)
  const annotations = { ...before.metadata.annotations, [REFRESH]: 'hard' }
  store.update(APPLICATIONS, before, { ...before, metadata: { ...before.metadata, annotations } })
  for (const until = performance.now() + 20_000; performance.now() < until;) {
    const { annotations: now = {} } = store.get(APPLICATIONS, 'argocd', name).metadata
    if (now[REFRESH] === undefined) return statusOf(world, name)
    await sleep(10)
  }
  throw new Error('Argo CD does not answer')
}
