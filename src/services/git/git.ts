/**
 * The git command line, isolated from all settings of the machine and the workspace. The bearer is passed in the
 * environment, never in argv; redirects are off, because git would send the bearer to the other host as well.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '../../core/finding.ts'
import { gitEnvironment, repositoryIn } from '../programs/environment.ts'
import { inOwnFolder } from '../programs/folder.ts'
import { NotStarted, runProgram, TimedOut, type Ended } from '../programs/program.ts'
import { IdentityPace } from '../../http/pace.ts'
import { sendOnce, type Wire } from '../../http/request.ts'
import { safe, UnexpectedReply, Unreachable } from '../../http/errors.ts'
import { input } from '../../core/input-name.ts'

/** GIT_CONFIG_COUNT came with 2.31. */
const OLDEST = [2, 31] as const
/** A fetch may take this many times as long as one request. */
const SLOWEST = 10
/** How long a busy machine may take to start git, in ms. */
const SLOWEST_START = 20_000
/** Without a request, where nothing says for how long, in ms. */
const UNKNOWN_WAIT = 1_000
const REF_LINE = /^([0-9a-f]{40,64})\t(HEAD|refs\/\S+)$/

export interface Ref {
  readonly name: string
  readonly commit: string
}

/** git failed. `stderr` is safe to print: git never shows the header. */
export class GitProblem extends Problem {
  override readonly name = 'GitProblem'
  readonly exit: number
  readonly stderr: string
  /** Of it, what fits into a line: a server's text comes first, git's own reason last. */
  readonly reason: string
  constructor(command: string, exit: number, stderr: string) {
    const reason = reasonIn(stderr)
    super({
      id: 'git/failed',
      summary: `git ${command} ended with ${exit}: ${reason}`,
      remedy: 'see the text of git above'
    })
    this.exit = exit
    this.stderr = stderr
    this.reason = reason
  }
}

/** Characters of git's text that are shown whole. */
const SHOWN = 400

/** Cut at the begin of a line only: half of a secret would not be found any more. */
function reasonIn(stderr: string): string {
  const at = Math.max(stderr.lastIndexOf('\nfatal: '), stderr.lastIndexOf('\nerror: '))
  return safe(stderr.length <= SHOWN || at === -1 ? stderr : `… ${stderr.slice(at + 1)}`, SHOWN)
}

export class Git {
  /** Organizations, in lower case, of which this program reads or has read a repository for any target of the run. */
  readonly readByGit: Set<string>
  readonly #environment: NodeJS.ProcessEnv
  readonly #wire: Wire
  readonly #most: number | undefined
  readonly #pace: IdentityPace
  /**
   * @param options `most`: bytes that git may use, of memory and of disk each; `pace`: that of the identity; `readByGit`:
   *   what the targets of the run share
   */
  constructor(
    environment: NodeJS.ProcessEnv,
    wire: Wire,
    {
      most,
      pace = new IdentityPace(),
      readByGit = new Set()
    }: { readonly most?: number; readonly pace?: IdentityPace; readonly readByGit?: Set<string> } = {}
  ) {
    this.readByGit = readByGit
    this.#environment = environment
    this.#wire = wire
    this.#most = most
    this.#pace = pace
  }

  /** @throws {Problem} when git is missing, does not work, or is too old. */
  async assertUsable(): Promise<void> {
    const remedy = `put git ${OLDEST.join('.')} or newer on PATH, outside of the workspace, or set ${input('verification', 'none')}`
    const { exit, stdout, stderr } = await this.#inOwnFolder((folder) =>
      this.#run(folder, ['version'], {}, { deadline: Date.now() + SLOWEST_START })
    ).catch((error: unknown) => {
      if (!(error instanceof NotStarted)) throw error
      const { summary: what } = error.facts
      throw new Problem(
        {
          id: 'program/missing',
          summary: `${what} The access verification reads the repository with git.`,
          remedy
        },
        { cause: error }
      )
    })
    if (exit !== 0) {
      throw new Problem({
        id: 'git/not-working',
        summary: 'The git on PATH does not work.',
        actual: safe(stderr || `exit ${exit}`),
        remedy
      })
    }
    const [, major = '0', minor = '0'] = /\b(\d{1,4})\.(\d{1,4})/.exec(stdout) ?? []
    if (Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1])) {
      throw new Problem({
        id: 'git/too-old',
        summary: 'The git on PATH is too old.',
        expected: `${OLDEST.join('.')} or newer`,
        actual: safe(stdout, 100),
        remedy
      })
    }
  }

  /**
   * HEAD, branches and tags. Empty for a repository without commits and for a server that answers with a sign-in page:
   * git exits with 0 in both cases, so an empty answer proves nothing.
   *
   * @throws {GitProblem}
   */
  async refs(url: string, token: string, waiting: Waiting = {}): Promise<Ref[]> {
    const output = await this.#inOwnFolder((folder) =>
      this.#read(folder, ['ls-remote', url, 'HEAD', 'refs/heads/*', 'refs/tags/*'], { url, token }, waiting)
    )
    return output.split('\n').flatMap((line) => {
      const [, commit, name] = REF_LINE.exec(line) ?? []
      return commit === undefined || name === undefined ? [] : [{ name, commit }]
    })
  }

  /**
   * Fetches one commit into an empty repository, which is deleted afterwards.
   *
   * @returns the commit that was fetched. @throws {GitProblem}
   */
  async fetchOne(url: string, token: string, ref: string, waiting: Waiting = {}): Promise<string> {
    return this.#inOwnFolder(async (folder) => {
      const repository = repositoryIn(folder)
      await makeRepository(repository)
      const fetch = ['fetch', '--quiet', '--depth=1', '--no-tags', '--no-auto-maintenance', url, ref]
      await this.#read(folder, fetch, { url, token }, waiting)
      const fetched = await readFile(join(repository, 'FETCH_HEAD'), 'utf8')
      return fetched.split(/\s/, 1)[0] ?? ''
    })
  }

  /**
   * The commit of HEAD, received without starting programs: for runs with many repositories.
   *
   * @returns undefined where that says nothing; then `fetchOne` and `refs` do. @throws {Throttled} @throws {Cancelled}
   */
  async readHead(
    url: string,
    token: string,
    { deadline = Infinity }: Waiting = {}
  ): Promise<string | undefined> {
    const { readHead } = await import('./read-head.ts')
    const { policy } = this.#wire
    const wire = { ...this.#wire, policy: { ...policy, deadline: Math.min(policy.deadline, deadline) } }
    try {
      return await readHead(url, token, { wire, pace: this.#pace })
    } catch (error) {
      if (error instanceof Unreachable || error instanceof UnexpectedReply) return undefined
      throw error
    }
  }

  #inOwnFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
    return inOwnFolder(this.#environment, this.#wire.debug, work)
  }

  async #read(
    folder: string,
    args: readonly string[],
    { url, token }: { readonly url: string; readonly token: string },
    waiting: Waiting
  ): Promise<string> {
    const [command = ''] = args
    const { policy } = this.#wire
    const deadline = Math.min(policy.deadline, waiting.deadline ?? Infinity)
    const run = () => this.#run(folder, args, { ...this.#settings(url, token), ...proxied(waiting) }, waiting)
    const { exit, stdout, stderr } = await this.#pace
      .turn({ ...policy, deadline }, async () => {
        const ended = await run()
        if (ended.exit !== 0 && isThrottled(ended.stderr)) await this.#learnPace(url, token)
        return ended
      })
      .catch((error: unknown) => {
        if (error instanceof TimedOut) throw new GitProblem(command, 128, 'git timed out')
        throw error
      })
    if (exit !== 0) throw new GitProblem(command, exit, stderr)
    return stdout
  }

  /** git does not show the headers of an answer: one request more, which counts for the same limit, has them. */
  async #learnPace(url: string, token: string): Promise<void> {
    this.#pace.hold(UNKNOWN_WAIT)
    const place = Object.assign(new URL(`${url}/info/refs?service=git-upload-pack`), { username: '' })
    await sendOnce(this.#wire, {
      service: 'git',
      method: 'GET',
      url: place.href,
      headers: { accept: '*/*', 'git-protocol': 'version=2' },
      bearer: { token: () => Promise.resolve(token), mayGoTo: ({ origin }) => origin === place.origin },
      pace: this.#pace
    }).catch(() => undefined)
  }

  #run(
    folder: string,
    args: readonly string[],
    extra: Readonly<Record<string, string>>,
    { deadline = Infinity }: Waiting
  ): Promise<Ended> {
    const { timeout } = this.#wire
    const program = {
      name: 'git',
      arguments: args,
      path: this.#environment,
      environment: { ...gitEnvironment(this.#environment, folder), ...extra },
      folder,
      timeout: Math.min(SLOWEST * timeout, Math.max(timeout, deadline - Date.now())),
      ...(this.#most === undefined ? {} : { most: this.#most })
    } as const
    return runProgram(program, this.#wire)
  }

  #settings(url: string, token: string): Record<string, string> {
    const settings = [
      ['credential.helper', ''],
      ['http.followRedirects', 'false'],
      ['http.sslVerify', 'true'],
      ['core.hooksPath', '/dev/null'],
      // An empty value resets the list, so that the next header is the only one.
      ['http.extraHeader', ''],
      [`http.${new URL(url).origin}/.extraHeader`, `Authorization: Bearer ${token}`]
    ]
    return {
      // git gives up on a silent server sooner than on a slow one.
      GIT_HTTP_LOW_SPEED_LIMIT: '1',
      GIT_HTTP_LOW_SPEED_TIME: String(Math.ceil(this.#wire.timeout / 1000)),
      GIT_CONFIG_COUNT: String(settings.length),
      ...Object.fromEntries(
        settings.flatMap(([key, value], index) => [
          [`GIT_CONFIG_KEY_${index}`, key],
          [`GIT_CONFIG_VALUE_${index}`, value]
        ])
      )
    }
  }
}

/** As Argo CD's own git gets it (util/proxy): both schemes, and what goes directly. */
function proxied({ proxy }: Waiting): Record<string, string> {
  if (!proxy) return {}
  const { url, except } = proxy
  const names = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY']
  return {
    ...Object.fromEntries(names.map((name) => [name, url])),
    ...{ no_proxy: except, NO_PROXY: except }
  }
}

/** Whether git's text says that Azure DevOps limits the identity. */
export function isThrottled(stderr: string): boolean {
  return /TF400733|error: (?:429|503)\b/.test(stderr)
}

/** The time, in ms since the epoch, until which an answer is useful; one request may always use its full time limit. */
export interface Waiting {
  readonly deadline?: number
  /** Instead of the proxy of the run's environment. It may hold credentials. */
  readonly proxy?: { readonly url: string; readonly except: string } | undefined
}

/** Creates a bare repository (gitrepository-layout) without the extra process of `git init`. */
async function makeRepository(folder: string): Promise<void> {
  await mkdir(folder)
  await Promise.all([
    mkdir(join(folder, 'objects')),
    mkdir(join(folder, 'refs')),
    writeFile(join(folder, 'HEAD'), 'ref: refs/heads/main\n')
  ])
}
