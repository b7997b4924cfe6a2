/**
 * The repo-server: reads a repository like one of its running pods. Tokens and clones belong to a pod and disappear
 * with it; requests rotate over the pods, so that one pod without an identity makes Argo CD alternate between results.
 */
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { V1Deployment } from '@kubernetes/client-node'
import { kindOf, type Kind } from '../kubernetes/objects.ts'
import type { Store } from '../kubernetes/store.ts'
import { azureToken, servicePrincipalToken, type AccessToken } from './azure-credential.ts'
import type { ArgoConditions } from './conditions.ts'
import type { Credentials, Login } from './credentials.ts'
import {
  fetched,
  filesAt,
  remoteBaseAt,
  remoteRefs,
  USER_AGENT,
  type Remote,
  type Way
} from './git-client.ts'
import { normalized } from './git-url.ts'
import type { Installed } from './manifests.ts'
import {
  environmentOf,
  isHeldBack,
  isReady,
  projectedAudience,
  repoServerContainer,
  serviceAccountOf,
  type Pod
} from './pods.ts'
import type { Source } from './projects.ts'
import { fetchIsBroken } from './versions.ts'

const DEPLOYMENTS = kindOf('apps', 'deployments') as Kind
const PODS = kindOf('', 'pods') as Kind
const ACCOUNTS = kindOf('', 'serviceaccounts') as Kind
/** Argo CD gives a token up this long before it expires, in ms. */
const EARLY = 300_000
/** How long the twin hangs where a packet filter would for a minute, in ms. */
const HANG = 60
/** How long refs are kept in Redis for those who did not ask for a refresh (--revision-cache-expiration), in ms. */
const REFS_KEPT = 180_000

export interface Surroundings {
  readonly store: Store
  readonly conditions: ArgoConditions
  /** Signs for a service account, as the kubelet has it done for a projected volume. */
  readonly sign: (namespace: string, serviceAccount: string, uid: string, audience: string) => Promise<string>
  readonly ca: string
  readonly caFile: string
  /** Where this cloud's Entra really is. */
  readonly authorityHost: string
  /** Clones live here. */
  readonly folder: string
}

/** How the controller asks for a source. */
export interface Asked {
  readonly login: Login
  /** Whether the manifests of a revision are at hand, so that nothing has to be fetched. */
  readonly known: (revision: string) => boolean
  /** Asked for by a refresh or a new source: refs are read anew. Else they may come from Redis. */
  readonly resolve: boolean
}

export interface Target {
  readonly revision: string
  /** Names of the files at the path; undefined when the manifests of the revision were at hand. */
  readonly files: readonly string[] | undefined
}

export class RepoServers {
  readonly #around: Surroundings
  /** Tokens by pod, with the environment at that time, because a defect may change it afterwards. */
  readonly #tokens = new Map<string, AccessToken & { readonly environment: Map<string, string> }>()
  /** By pod, then by clone: what reads or writes it now. One at a time, as the lock of the real one has it (repoLock). */
  readonly #busy = new Map<string, Map<string, Promise<unknown>>>()
  /** Names of the files by clone, commit and path: what was read once need not be asked of git again. */
  readonly #files = new Map<string, Promise<Content | undefined>>()
  /** Refs as Redis has them, by URL: they outlive pods and logins. */
  readonly #refs = new Map<string, { readonly refs: Map<string, string>; readonly until: number }>()
  #turn = 0

  constructor(around: Surroundings) {
    this.#around = around
    around.store.watch(({ type, kind, object: { metadata } }) => {
      if (kind === PODS && type === 'DELETED') void this.#forget(metadata.uid ?? '')
    })
  }

  /** As if three minutes had passed. */
  expireRefs(): void {
    this.#refs.clear()
  }

  /** All pods are gone. */
  stop(): void {
    this.#tokens.clear()
    this.#refs.clear()
    this.#files.clear()
  }

  /**
   * The revision that the source names, and what lies there.
   *
   * @throws {Error} with the text that the Application shows
   */
  async read(installed: Installed, source: Source, { login, known, resolve }: Asked): Promise<Target> {
    const pod = this.#pod(installed)
    const version = versionOf(pod, installed)
    const { url, proxy, noProxy, insecure } = login
    const { folder, caFile, ca } = this.#around
    const way: Way = { ca, caFile, proxy, noProxy, insecure }
    // A remote is what the Secret says; the clone lies where the URL is the same by Argo CD's rules.
    const root = createHash('sha256').update(normalized(url)).digest('hex').slice(0, 16)
    const kept = this.#refs.get(normalized(url))
    const authorization = async (): Promise<string | undefined> => this.#authorization(pod, login.credentials)
    const revision = await this.#resolved(source.targetRevision ?? '', url, async () => {
      if (!resolve && kept && Date.now() < kept.until) return kept.refs
      const refs = await this.#refsOf(
        { url, authorization: await authorization() },
        way,
        isHeldBack(pod, this.#around.store)
      )
      this.#refs.set(normalized(url), { refs, until: Date.now() + REFS_KEPT })
      return refs
    })
    if (known(revision)) return { revision, files: undefined }
    const remote = { url, authorization: await authorization() }
    const clone = join(folder, pod.uid, root)
    // Before 3.0.13 and 3.1.1 the command line got the token by askpass, with an empty user name (argo-cd #23478).
    const wi = login.credentials.kind === 'workload identity'
    const cli: Remote & { askpass: string } =
      wi && fetchIsBroken(version)
        ? { url, authorization: undefined, askpass: 'true' }
        : { ...remote, askpass: '' }
    const place = [clone, revision, source.path ?? '.'].join('\n')
    const files = await (this.#files.get(place) ??
      this.#alone(pod.uid, root, async () => {
        await fetched(clone, cli, revision, way).catch((error: unknown) => {
          throw rpc('Internal', textOf(error))
        })
        const content = contentAt(clone, revision, source.path ?? '.')
        this.#files.set(place, content)
        return content
      }))
    if (!files) throw rpc('Unknown', `${source.path ?? ''}: app path does not exist`)
    const { names, base } = files
    if (base !== undefined) throw notBuilt(base, `${clone}/${source.path ?? '.'}`)
    return { revision, files: names }
  }

  async #refsOf(remote: Remote, way: Way, heldBack: boolean): Promise<Map<string, string>> {
    if (heldBack || this.#around.conditions.devopsEgress === 'blocked') {
      await sleep(HANG)
      const text = `Get "${remote.url}/info/refs?service=git-upload-pack": dial tcp 13.107.42.20:443: i/o timeout`
      throw rpc('Unknown', `failed to list refs: ${text}`)
    }
    if (this.#around.conditions.devopsEgress === 'refused')
      throw rpc(
        'Unknown',
        'failed to list refs: authorization failed: VS403463: The conditional access policy defined by your Azure Active Directory administrator has failed.'
      )
    return remoteRefs(remote, way).catch((error: unknown) => {
      throw rpc('Unknown', `failed to list refs: ${textOf(error)}`)
    })
  }

  async #resolved(wanted: string, url: string, refsOf: () => Promise<Map<string, string>>): Promise<string> {
    // url.Parse of the repository is the first thing that is done with it.
    if (/[\u0000-\u001f\u007f]/.test(url))
      throw rpc(
        'Unknown',
        `failed to list refs: parse ${JSON.stringify(url)}: net/url: invalid control character in URL`
      )
    if (/^[0-9a-f]{40}$/.test(wanted)) return wanted
    const refs = await refsOf()
    const name = wanted === '' ? 'HEAD' : wanted
    const found = [name, `refs/heads/${name}`, `refs/tags/${name}`].find((one) => refs.has(one))
    if (found === undefined)
      throw rpc('Unknown', `unable to resolve '${name}' to a commit SHA: revision not found`)
    return refs.get(`${found}^{}`) ?? refs.get(found) ?? ''
  }

  async #authorization(pod: Pod, credentials: Credentials): Promise<string | undefined> {
    const { kind } = credentials
    if (kind === 'none') return undefined
    if (kind === 'basic') {
      const { username, password } = credentials
      return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
    }
    if (kind === 'bearer') return `Bearer ${credentials.token}`
    const refused = (text: string): Error => rpc('Unknown', `failed to list refs: ${text}`)
    if (kind === 'ssh key') throw refused('ssh: no key found')
    if (kind === 'GitHub App')
      throw refused('could not refresh installation id: received non 2xx response status "404"')
    if (kind === 'GCP key')
      throw refused('failed to get username from creds: failed to get username from creds: invalid character')
    const { store, sign, ca, conditions, authorityHost } = this.#around
    if (kind === 'service principal')
      return servicePrincipalToken(credentials, { ca, userAgent: USER_AGENT, authorityHost }).then(
        ({ token }) => `Bearer ${token}`,
        (error: unknown) => {
          throw refused(
            `failed to get access token from creds: failed to get Azure access token: ${textOf(error)}`
          )
        }
      )
    const environment = environmentOf(pod, store)
    const kept = this.#tokens.get(pod.uid)
    if (kept && kept.expiresAt - EARLY > Date.now() && isDeepStrictEqual(kept.environment, environment))
      return `Bearer ${kept.token}`
    // A proxy that the container knows is the way out.
    const blocked = conditions.entraEgress === 'blocked' && !environment.has('HTTPS_PROXY')
    if (blocked || isHeldBack(pod, store)) {
      await sleep(HANG)
      throw rpc('DeadlineExceeded', 'context deadline exceeded')
    }
    const { name, namespace } = serviceAccountOf(pod)
    const account = store.find(ACCOUNTS, namespace, name)
    const fresh = await azureToken({
      environment,
      tokenFile: async (file) => {
        const audience = projectedAudience(pod, file)
        return account && audience !== undefined
          ? sign(namespace, name, account.metadata.uid ?? '', audience)
          : undefined
      },
      ca,
      userAgent: USER_AGENT,
      authorityHost,
      nodeIdentity: conditions.nodeIdentity,
      tlsInspected: conditions.tlsInspected
    }).catch((error: unknown) => {
      throw refused(
        `failed to get access token from creds: failed to get Azure access token: ${textOf(error)}`
      )
    })
    this.#tokens.set(pod.uid, { ...fresh, environment })
    return `Bearer ${fresh.token}`
  }

  /** The next of the running pods. */
  #pod({ install: { namespace }, deployment: { metadata } }: Installed): Pod {
    const { store } = this.#around
    const live = store.find(DEPLOYMENTS, namespace, metadata.name) as unknown as V1Deployment | undefined
    const selector = Object.entries(live?.spec?.selector.matchLabels ?? {})
    const ready = store
      .list(PODS, namespace)
      .filter((pod) => selector.every(([key, value]) => pod.metadata.labels?.[key] === value))
      .filter(isReady)
    const object = ready[this.#turn++ % Math.max(1, ready.length)]
    if (!live || !object) {
      throw rpc(
        'Unavailable',
        'connection error: desc = "transport: Error while dialing: dial tcp 10.0.171.12:8081: connect: connection refused"'
      )
    }
    return { uid: object.metadata.uid ?? '', object }
  }

  async #alone<T>(uid: string, clone: string, work: () => Promise<T>): Promise<T> {
    const clones = this.#busy.get(uid) ?? new Map<string, Promise<unknown>>()
    this.#busy.set(uid, clones)
    const before = clones.get(clone)
    const mine = (async () => {
      await before?.catch(() => undefined)
      return work()
    })()
    clones.set(clone, mine)
    return mine
  }

  async #forget(uid: string): Promise<void> {
    this.#tokens.delete(uid)
    const clones = this.#busy.get(uid)
    if (!clones) return
    this.#busy.delete(uid)
    await Promise.allSettled(clones.values())
    await rm(join(this.#around.folder, uid), { recursive: true, force: true, maxRetries: 5 })
  }
}

/** What a digest or a name of one's own hides, the twin knows: it installed it. */
function versionOf(pod: Pod, { install }: Installed): string {
  return /:(v?\d+\.\d+\.\d+[\w.-]*)$/.exec(repoServerContainer(pod)?.image ?? '')?.[1] ?? install.version
}

/** As gRPC wraps what the repo-server said. */
function rpc(code: string, text: string): Error {
  return new Error(`rpc error: code = ${code} desc = ${text}`)
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** What lies at a path of a commit: read while the clone is there, which goes with its pod. */
interface Content {
  readonly names: readonly string[]
  /** The first resource of its kustomization that is in another repository. */
  readonly base: string | undefined
}

/** By commit and path: a commit has the same content in every clone. */
const contents = new Map<string, Promise<Content | undefined>>()

function contentAt(clone: string, revision: string, path: string): Promise<Content | undefined> {
  const place = `${revision} ${path}`
  const known = contents.get(place)
  if (known) return known
  const content = readContent(clone, revision, path)
  contents.set(place, content)
  // The clone may have gone with its pod.
  const forget = (): unknown => contents.delete(place)
  content.then((found) => found ?? forget(), forget)
  return content
}

async function readContent(clone: string, revision: string, path: string): Promise<Content | undefined> {
  const names = await filesAt(clone, revision, path)
  if (!names) return undefined
  const base = names.includes('kustomization.yaml') ? await remoteBaseAt(clone, revision, path) : undefined
  return { names, base }
}

/** kustomize fetches remote bases with a git of its own, to which Argo CD gives no token (argo-cd #4465). */
function notBuilt(base: string, place: string): Error {
  return rpc(
    'Unknown',
    `Manifest generation error (cached): \`kustomize build ${place}\` failed exit status 1: Error: accumulating resources: accumulation err='accumulating resources from '${base}': URL is a git repository': failed to run '/usr/bin/git fetch --depth=1 ${base} HEAD': fatal: could not read Username for '${new URL(base).origin}': terminal prompts disabled: exit status 128`
  )
}
