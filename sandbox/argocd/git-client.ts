/** Argo CD's two ways to git: refs by an HTTP client in its own process, fetches by the git command line. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Agent, request } from 'node:https'
import { promisify } from 'node:util'

const run = promisify(execFile)
/** ARGOCD_GIT_REQUEST_TIMEOUT, in ms. */
const TIMEOUT = 15_000
export const USER_AGENT = 'argocd-repo-server'

export interface Remote {
  readonly url: string
  /** The whole header; undefined: no credentials. */
  readonly authorization: string | undefined
}

/** How a remote is reached: what the Secret says of proxy and trust, beside the authorities of the machine. */
export interface Way {
  readonly ca: string
  readonly caFile: string
  /** '': none. */
  readonly proxy: string
  readonly noProxy: string
  readonly insecure: boolean
}

/** Names and commits, HEAD first. @throws {Error} with the text of go-git. */
export async function remoteRefs({ url, authorization }: Remote, way: Way): Promise<Map<string, string>> {
  const place = `${url.replace(/\/$/, '')}/info/refs?service=git-upload-pack`
  const { status, body } = await got(place, authorization, way)
  const text = body.toString('utf8')
  if (status === 401) throw new Error(`authentication required: ${text}`)
  if (status === 403) throw new Error(`authorization failed: ${text}`)
  if (status === 404) throw new Error(`repository not found: ${text}`)
  if (status < 200 || status > 299)
    throw new Error(`unexpected client error: unexpected requesting "${place}" status code: ${status}`)
  const refs = new Map<string, string>()
  for (const line of packetLines(body)) {
    const [, commit, name] = /^([0-9a-f]{40}) ([^\0\n]+)/.exec(line) ?? []
    if (commit !== undefined && name !== undefined && name !== 'capabilities^{}') refs.set(name, commit)
  }
  if (refs.size === 0) throw new Error('remote repository is empty')
  return refs
}

/** A commit of `remote` in the clone at `folder`, fetched if it is not there. @throws {Error} with the text of git. */
export async function fetched(
  folder: string,
  remote: Remote & { readonly askpass: string },
  revision: string,
  way: Way
): Promise<void> {
  const git = (...args: string[]): Promise<string> => output(['-C', folder, ...args], remote, way)
  const present = async (): Promise<boolean> =>
    isLoose(folder, revision) ||
    git('cat-file', '-e', `${revision}^{commit}`).then(
      () => true,
      () => false
    )
  const made = await mkdir(folder, { recursive: true })
  if (made !== undefined) await makeRepository(folder)
  else if (await present()) return
  const args = ['fetch', 'origin', '--tags', '--force', '--prune']
  await git(...args).catch((error: unknown) => {
    const { code, stderr } = error as { code?: number; stderr?: string }
    const why = `failed exit status ${code ?? 1}: ${(stderr ?? '').trim()}`
    throw new Error(`Failed to fetch default: \`git ${args.join(' ')}\` ${why}`)
  })
  // What no branch leads to is fetched by itself (checkoutRevision).
  if (!(await present())) await git('fetch', 'origin', revision).catch(() => undefined)
  if (!(await present()))
    throw new Error(
      `Failed to checkout revision ${revision}: \`git checkout --force ${revision}\` failed exit status 128: fatal: unable to read tree (${revision})`
    )
}

/** Whether an object has a file of its own, as all of a small fetch have (gitrepository-layout): no program is needed to see it. */
function isLoose(folder: string, object: string): boolean {
  return existsSync(join(folder, 'objects', object.slice(0, 2), object.slice(2)))
}

/** What `git init --bare` makes (gitrepository-layout), without a process of its own. */
async function makeRepository(folder: string): Promise<void> {
  await Promise.all([
    mkdir(join(folder, 'objects')),
    mkdir(join(folder, 'refs')),
    writeFile(join(folder, 'HEAD'), 'ref: refs/heads/main\n'),
    writeFile(join(folder, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n')
  ])
}

/** Names of the files at a path; undefined when there is no such path. */
export async function filesAt(folder: string, revision: string, path: string): Promise<string[] | undefined> {
  const inside = path.replace(/^(?:\.?\/)+|^\.$/g, '').replace(/\/$/, '')
  try {
    const { stdout } = await run('git', ['-C', folder, 'ls-tree', '--name-only', `${revision}:${inside}`])
    return stdout.split('\n').filter((name) => name !== '')
  } catch {
    return undefined
  }
}

/** The first resource of the kustomization at a path that is in another repository. */
export async function remoteBaseAt(
  folder: string,
  revision: string,
  path: string
): Promise<string | undefined> {
  const { stdout } = await run('git', ['-C', folder, 'show', `${revision}:${path}/kustomization.yaml`])
  return /^ *- (https:\/\/\S+\/_git\/\S+)$/m.exec(stdout)?.[1]
}

/** git without any setting of the machine; the header travels in the environment. */
async function output(
  args: readonly string[],
  { url, authorization, askpass }: Remote & { readonly askpass: string },
  { caFile, proxy, noProxy, insecure }: Way
): Promise<string> {
  const settings: [string, string][] = [
    ['remote.origin.url', url],
    ['remote.origin.fetch', '+refs/heads/*:refs/remotes/origin/*'],
    ['credential.helper', ''],
    ['http.followRedirects', 'false'],
    ['http.userAgent', USER_AGENT],
    // A process more per fetch, which changes nothing that is looked at.
    ['maintenance.auto', 'false']
  ]
  if (authorization !== undefined) settings.push(['http.extraHeader', `Authorization: ${authorization}`])
  if (proxy !== '') settings.push(['http.proxy', proxy])
  if (insecure) settings.push(['http.sslVerify', 'false'])
  const { stdout } = await run('git', [...args], {
    timeout: TIMEOUT,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: '/dev/null',
      LC_ALL: 'C',
      ...(proxy === '' ? {} : { NO_PROXY: noProxy }),
      GIT_ASKPASS: askpass,
      GIT_TERMINAL_PROMPT: '0',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: process.platform === 'win32' ? 'NUL' : '/dev/null',
      GIT_SSL_CAINFO: caFile,
      // Only this one: with GnuTLS each process would first parse all authorities of the machine.
      GIT_SSL_CAPATH: join(dirname(caFile), 'authorities'),
      GIT_CONFIG_COUNT: String(settings.length),
      ...Object.fromEntries(
        settings.flatMap(([key, value], index) => [
          [`GIT_CONFIG_KEY_${index}`, key],
          [`GIT_CONFIG_VALUE_${index}`, value]
        ])
      )
    }
  })
  return stdout
}

function got(
  url: string,
  authorization: string | undefined,
  { ca, proxy, noProxy, insecure }: Way
): Promise<{ status: number; body: Buffer }> {
  const headers = { 'user-agent': USER_AGENT, ...(authorization === undefined ? {} : { authorization }) }
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT)
    const agent =
      proxy === '' ? directly(ca) : new Agent({ proxyEnv: { HTTPS_PROXY: proxy, NO_PROXY: noProxy }, ca })
    const trust = insecure ? { rejectUnauthorized: false } : { ca }
    const call = request(url, { ...trust, headers, agent, signal }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) })
      })
      response.on('error', reject)
    })
    call.on('error', (error) => {
      reject(new Error(`Get "${url}": ${signal.aborted ? 'context deadline exceeded' : error.message}`))
    })
    call.end()
  })
}

const agents = new Map<string, Agent>()

/** A new connection for each request, as the real one has it, with the TLS session of the one before. */
function directly(ca: string): Agent {
  const agent = agents.get(ca) ?? new Agent({ ca })
  agents.set(ca, agent)
  return agent
}

/** pkt-line: four hexadecimal digits of length, then the line; 0000 between. */
function* packetLines(body: Buffer): Generator<string> {
  for (let at = 0; at < body.length;) {
    const digits = body.toString('latin1', at, at + 4)
    if (!/^[0-9a-f]{4}$/i.test(digits)) throw new Error('invalid pkt-len found')
    const length = Number.parseInt(digits, 16)
    if (length > 4) yield body.toString('utf8', at + 4, at + length)
    at += Math.max(4, length)
  }
}
