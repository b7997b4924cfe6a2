/**
 * Secrets without Argo CD's label that other programs use for the same repositories: Argo CD Image Updater, which commits
 * tags (annotation on Applications or its own resources: `git:secret:<namespace>/<name>`), Kargo (its label), and those that look like a
 * repository Secret whose label was lost.
 */
import type { V1Secret } from '@kubernetes/client-node'
import { isAzureRepos } from '../../core/azure-repos.ts'
import { matchesWildcard } from '../../core/text.ts'
import type { WriteBack } from '../../services/kubernetes/image-updaters.ts'
import type { Application } from '../../services/kubernetes/argocd-objects.ts'
import { TYPE_LABEL } from '../secrets.ts'
import type { FoundCredential, Reason, UserRef } from './credential.ts'
import type { Held } from './from-generators.ts'
import { sealedValue, textOf } from './from-secrets.ts'
import { objectOf, unreadSecret } from './of-object.ts'
import { shownUrl, shownUser } from './shown.ts'
import type { Users } from './uses.ts'

const WRITE_BACK = 'argocd-image-updater.argoproj.io/write-back-method'
const KARGO = 'kargo.akuity.io/cred-type'
/** Keys of Kargo, Image Updater and Argo CD. */
const CREDENTIALS = ['password', 'token', 'bearerToken', 'sshPrivateKey', 'githubAppPrivateKey'] as const

/** The Secret that Image Updater commits with; `own`: that of Argo CD itself; undefined: it does not commit. */
export function writeBackOf(
  { namespace: home, name: own, marks }: Application,
  writeBacks: readonly WriteBack[] = []
): { namespace: string; name: string } | 'own' | undefined {
  // Its resources, since 1.0, take precedence over annotations.
  const resource = writeBacks.find(
    (one) => one.namespace === home && one.method !== '' && matchesWildcard(one.applications, own)
  )
  const method = (resource?.method ?? marks.annotations[WRITE_BACK] ?? '').trim()
  const [, namespace = '', name = ''] = /^git:secret:([\w.-]{1,253})\/([\w.-]{1,253})$/.exec(method) ?? []
  if (name !== '') return { namespace, name }
  return method === 'git' || method.startsWith('git:repocreds') ? 'own' : undefined
}

/** What programs beside Argo CD say about the credentials that they use. */
export interface Consumers {
  /** Of Argo CD Image Updater; absent: not read. */
  readonly writeBacks?: readonly WriteBack[]
}

/**
 * @param secrets of the namespace of the Argo CD
 * @param counted `namespace/name` of Secrets that are listed already
 */
export function ofOthers(
  argocd: string,
  { applications = [], host, writeBacks = [] }: Users & Consumers & { readonly host: string },
  secrets: readonly V1Secret[],
  counted: ReadonlySet<string>,
  heldAt: Held
): FoundCredential[] {
  const named = new Map<string, { namespace: string; name: string; urls: Set<string>; users: UserRef[] }>()
  for (const application of applications) {
    const target = writeBackOf(application, writeBacks)
    const own = writeBacks.filter(
      (one) => one.namespace === application.namespace && matchesWildcard(one.applications, application.name)
    )
    const urls = [
      ...application.sources.map(({ url }) => url),
      ...own.map(({ repository }) => repository)
    ].filter((url) => isAzureRepos(url, host))
    if (target === undefined || target === 'own' || urls.length === 0) continue
    const at = `${target.namespace}/${target.name}`
    const known = named.get(at) ?? { ...target, urls: new Set<string>(), users: [] }
    named.set(at, known)
    for (const url of urls) known.urls.add(url)
    const { namespace, name } = application
    known.users.push({ namespace, name })
  }
  const ofUpdater = [...named]
    .filter(([at]) => !counted.has(at))
    .map(([, { namespace, name, urls, users }]) => {
      const held = heldAt(namespace, name)
      return {
        ...ofSecret(argocd, held, { namespace, name }),
        url: shownUrl([...urls][0] ?? ''),
        serves: { repositories: [...urls].map(shownUrl), applications: users, applicationSets: [] },
        verdict: 'must-wait' as const,
        reasons: [reader('Argo CD Image Updater commits with it')]
      }
    })
  const others = secrets.filter(({ metadata }) => {
    const at = `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`
    return metadata?.labels?.[TYPE_LABEL] === undefined && !counted.has(at) && !named.has(at)
  })
  return [...ofUpdater, ...others.flatMap((one) => lookalike(argocd, one, host))]
}

function lookalike(argocd: string, secret: V1Secret, host: string): FoundCredential[] {
  const url = ['repoURL', 'url'].map((key) => textOf(secret, key)).find((one) => isAzureRepos(one, host))
  if (url === undefined || keysOf(secret).length === 0) return []
  const ofKargo = secret.metadata?.labels?.[KARGO] !== undefined
  return [
    {
      ...ofSecret(argocd, secret, { namespace: '', name: '' }),
      url: shownUrl(url),
      serves: { repositories: [shownUrl(url)], applications: [], applicationSets: [] },
      verdict: ofKargo ? 'must-wait' : 'unused',
      reasons: ofKargo ? [reader('Kargo reads it')] : []
    }
  ]
}

function reader(text: string): Reason {
  return { id: 'other-reader', text: `${text}, which needs its own way to an identity` }
}

function keysOf(secret: V1Secret): string[] {
  return CREDENTIALS.filter((key) => textOf(secret, key) !== '')
}

function ofSecret(
  argocd: string,
  secret: V1Secret | undefined,
  { namespace, name }: UserRef
): Omit<FoundCredential, 'url' | 'serves' | 'verdict' | 'reasons'> {
  const keys = secret ? keysOf(secret) : []
  return {
    ...(secret ? objectOf(secret) : unreadSecret(namespace, name)),
    kind: 'other',
    argocd,
    project: '',
    keys,
    user: secret && shownUser(textOf(secret, 'username')),
    shadows: [],
    values: secret ? keys.flatMap((key) => sealedValue(secret, key)) : []
  }
}
