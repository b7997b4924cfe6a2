/**
 * Argo CD connects to the repository without credentials: one repository Secret per URL, with
 * `useAzureWorkloadIdentity` and nothing that beats it. Argo CD's rules (util/db, util/git of argo-cd): a Secret is
 * found by its label and its URL, compared almost as text; a password, token or key in it wins over workload identity.
 */
import type { V1Secret } from '@kubernetes/client-node'
import type { Kubernetes } from '../clients/kubernetes.ts'
import { HttpProblem } from '../clients/wire-problems.ts'
import { Problem } from '../diagnosis/problem.ts'
import type { Hop } from '../reconcile/hop.ts'
import type { Change } from '../reconcile/outcomes.ts'

const TYPE_LABEL = 'argocd.argoproj.io/secret-type'
const MANAGED_BY = 'app.kubernetes.io/managed-by'
/** Keys that beat workload identity, or say that somebody else logs in here. */
const CREDENTIALS = [
  'password',
  'bearerToken',
  'sshPrivateKey',
  'githubAppPrivateKey',
  'gcpServiceAccountKey',
  'azureServicePrincipalClientSecret',
  'username'
]

interface Want {
  readonly clusterId: string | undefined
  readonly namespace: string
  readonly urls: readonly string[]
}

/** What matters of a repository Secret. Values of credentials never leave `repositoryOf`. */
interface Repository {
  readonly secret: string
  readonly url: string
  readonly project: string
  readonly type: string
  readonly workloadIdentity: string | undefined
  readonly credentialKeys: readonly string[]
  /** Made by this tool. */
  readonly own: boolean
}

export const connection: Hop<Want, readonly Repository[], Want> = {
  name: 'connection',

  async observe({ clusterId, namespace }, { kubernetes }) {
    const secrets = await kubernetes(clusterId).argoSecrets(namespace)
    return secrets.filter(({ metadata }) => metadata?.labels?.[TYPE_LABEL] === 'repository').map(repositoryOf)
  },

  exists: (seen) => seen.length > 0,
  compare: (want, seen) =>
    want.urls.flatMap((url) => changesOf(url, matching(url, seen), namesake(url, seen))),
  given: (want) => want,
  summary: ({ urls, namespace }) => `${urls.join(', ')} in ${namespace}`,

  async apply({ clusterId, namespace, urls }, seen, { kubernetes }) {
    const api = kubernetes(clusterId)
    for (const url of urls) {
      const found = matching(url, seen)
      const other = namesake(url, seen)
      if (changesOf(url, found, other).length === 0) continue
      const secret = found[0] ?? other
      const stringData = { type: 'git', url: found[0]?.url ?? url, useAzureWorkloadIdentity: 'true' }
      if (secret) await api.patchSecret(namespace, secret.secret, { data: { project: null }, stringData })
      else await created(api, namespace, url)
    }
  },

  others: ({ urls }, seen) => ({
    repositories: seen
      .filter(({ url, workloadIdentity }) => isTrue(workloadIdentity) && !isOneOf(urls, url))
      .map(({ url }) => url)
  }),

  belonging({ urls, namespace }, seen) {
    const ours = seen.filter(({ url }) => isOneOf(urls, url))
    const named = (some: readonly Repository[]): string =>
      some.map(({ secret }) => `Secret ${namespace}/${secret}`).join(', ')
    const marked = ours.filter(({ own }) => own)
    if (marked.length > 0) return { what: named(marked) }
    if (ours.length === 0) return undefined
    return { what: named(ours), keep: `not made by Patless (no label ${MANAGED_BY}: patless)` }
  },

  async remove({ clusterId, namespace, urls }, seen, { kubernetes }) {
    for (const { secret } of seen.filter(({ own, url }) => own && isOneOf(urls, url))) {
      await kubernetes(clusterId).deleteSecret(namespace, secret)
    }
  }
}

function isOneOf(urls: readonly string[], url: string): boolean {
  return urls.some((one) => normalized(one) === normalized(url))
}

/** @throws {Problem} when the name is taken by a Secret that Argo CD does not read: it would refuse it as well. */
async function created(api: Kubernetes, namespace: string, url: string): Promise<void> {
  try {
    await api.createSecret(namespace, secretFor(url))
  } catch (error) {
    if (!(error instanceof HttpProblem) || error.code !== 'AlreadyExists') throw error
    const name = secretName(url)
    // Another run may have been faster; the engine looks at what it wrote.
    if ((await api.argoSecrets(namespace)).some(({ metadata }) => metadata?.name === name)) return
    throw new Problem({
      what: `The Secret ${namespace}/${name} exists, but without the label by which Argo CD knows repositories.`,
      expected: `${TYPE_LABEL}: repository`,
      found: 'another or no value',
      remedy: `delete it (kubectl -n ${namespace} delete secret ${name}) or label it (kubectl -n ${namespace} label secret ${name} ${TYPE_LABEL}=repository --overwrite), then run again`
    })
  }
}

/** Those Argo CD would take for the URL, for Applications of any project. */
function matching(url: string, seen: readonly Repository[]): Repository[] {
  return seen.filter((one) => normalized(one.url) === normalized(url) && one.project === '')
}

/** The Secret that has the name of this URL's, but is for something else. */
function namesake(url: string, seen: readonly Repository[]): Repository | undefined {
  const [found] = matching(url, seen)
  return found ? undefined : seen.find(({ secret }) => secret === secretName(url))
}

function changesOf(
  url: string,
  [found, second]: readonly Repository[],
  other: Repository | undefined
): Change[] {
  if (!found)
    return other ? [elsewhere(url, other)] : [{ field: 'repository Secret', expected: url, found: undefined }]
  const changes: Change[] = []
  if (second) {
    const what = `Two Secrets, ${found.secret} and ${second.secret}, are for ${url}; which one Argo CD uses is not defined.`
    const remedy = 'delete one of them'
    changes.push({ field: 'repository Secrets', expected: '1', found: '2', blocked: { what, remedy } })
  }
  if (found.credentialKeys.length > 0) {
    const keys = found.credentialKeys.join(', ')
    const what = `The Secret ${found.secret} for ${url} holds credentials (${keys}); Argo CD uses them instead of workload identity, without a word.`
    const remedy = `remove these keys from the Secret ${found.secret} (or from where it is made), then run again; revoke the token afterwards`
    const link = 'https://argo-cd.readthedocs.io/en/stable/user-guide/private-repositories/'
    changes.push({
      field: `Secret ${found.secret} credentials`,
      expected: 'none',
      found: keys,
      blocked: { what, remedy, link }
    })
  }
  if (!isTrue(found.workloadIdentity)) {
    const field = `Secret ${found.secret} useAzureWorkloadIdentity`
    changes.push({ field, expected: 'true', found: found.workloadIdentity })
  }
  if (found.type !== 'git' && found.type !== '') {
    changes.push({ field: `Secret ${found.secret} type`, expected: 'git', found: found.type })
  }
  return changes
}

/** Argo CD compares URL and project; a Secret that says otherwise is for other Applications. */
function elsewhere(url: string, { secret, url: found, project, own }: Repository): Change {
  const change = {
    field: `repository Secret ${secret}`,
    expected: `${url} of any project`,
    found: `${found} of project "${project}"`
  }
  if (own) return change
  const what = `The Secret ${secret} has the name that Argo CD gives to the Secret of ${url}, but is for something else.`
  return { ...change, blocked: { what, remedy: `rename or correct the Secret ${secret}, then run again` } }
}

function repositoryOf({ metadata, data = {} }: V1Secret): Repository {
  const text = (key: string): string | undefined => {
    const value = data[key]
    return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8')
  }
  return {
    secret: metadata?.name ?? '',
    url: text('url') ?? '',
    project: text('project') ?? '',
    type: text('type') ?? '',
    workloadIdentity: text('useAzureWorkloadIdentity'),
    credentialKeys: CREDENTIALS.filter((key) => (data[key] ?? '') !== ''),
    own: metadata?.labels?.[MANAGED_BY] === 'patless'
  }
}

function secretFor(url: string): V1Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: secretName(url),
      labels: { [TYPE_LABEL]: 'repository', [MANAGED_BY]: 'patless' }
    },
    stringData: { type: 'git', url, useAzureWorkloadIdentity: 'true' }
  }
}

/** As `argocd repo add` names it: FNV-1a (32 bit) of the URL as typed (argo-cd util/db, RepoURLToSecretName). */
export function secretName(url: string): string {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(url)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return `repo-${hash}`
}

/** Argo CD's NormalizeGitURL for https: lower case, one `.git` dropped; user and trailing slash count. */
export function normalized(url: string): string {
  const text = url
    .trim()
    .toLowerCase()
    .replace(/\.git$/, '')
  return URL.parse(text)?.href ?? text
}

/** Go's strconv.ParseBool, as Argo CD reads the flag. */
function isTrue(text: string | undefined): boolean {
  return text !== undefined && ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)
}
