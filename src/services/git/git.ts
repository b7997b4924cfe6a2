/**
 * The git command line, cut off from every setting of the machine. The bearer travels in the environment, never in
 * argv; redirects are off, since git would send the bearer to the other host as well.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Problem } from '../../core/problem.ts'
import { ranCommand, type Ended } from './command.ts'
import { timeLimit, type Wire } from '../../http/request.ts'
import { Cancelled, safe } from '../../http/errors.ts'

/** GIT_CONFIG_COUNT came with 2.31. */
const OLDEST = [2, 31] as const
/** A fetch is many requests' worth of waiting; silence is given up much sooner, by git itself. */
const SLOWEST = 10
const REF_LINE = /^([0-9a-f]{40,64})\t(HEAD|refs\/\S+)$/

export interface Ref {
  readonly name: string
  readonly commit: string
}

/** git ended with an error, or read nothing. `stderr` is safe to print: git never shows the header. */
export class GitProblem extends Problem {
  override readonly name = 'GitProblem'
  readonly exit: number
  readonly stderr: string
  constructor(command: string, exit: number, stderr: string) {
    super({
      what: `git ${command} ended with ${exit}: ${safe(stderr)}`,
      remedy: 'see the text of git above'
    })
    this.exit = exit
    this.stderr = stderr
  }
}

export class Git {
  readonly #environment: NodeJS.ProcessEnv
  readonly #wire: Wire
  constructor(environment: NodeJS.ProcessEnv, wire: Wire) {
    this.#environment = environment
    this.#wire = wire
  }

  /** @throws {Problem} when git is absent or too old. */
  async assertUsable(): Promise<void> {
    const remedy = `put git ${OLDEST.join('.')} or newer on PATH, or set verification: none`
    const { stdout } = await this.#run(['version'], {}).catch((error: unknown) => {
      throw new Problem(
        { what: 'There is no git on PATH; the proof reads the repository with it.', remedy },
        { cause: error }
      )
    })
    const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(stdout) ?? []
    if (Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1])) {
      throw new Problem({
        what: 'The git on PATH is too old.',
        expected: `${OLDEST.join('.')} or newer`,
        found: stdout.trim(),
        remedy
      })
    }
  }

  /**
   * HEAD, branches and tags. Empty for a repository without commits, and for a server that answers a sign-in page: git
   * exits 0 at both, so an empty answer proves nothing.
   *
   * @throws {GitProblem}
   */
  async refs(url: string, token: string): Promise<Ref[]> {
    const output = await this.#reading(['ls-remote', url, 'HEAD', 'refs/heads/*', 'refs/tags/*'], url, token)
    return output.split('\n').flatMap((line) => {
      const [, commit, name] = REF_LINE.exec(line) ?? []
      return commit === undefined || name === undefined ? [] : [{ name, commit }]
    })
  }

  /**
   * Fetches one commit into an empty repository that is gone afterwards.
   *
   * @returns the commit that was fetched. @throws {GitProblem}
   */
  async fetchOne(url: string, token: string, ref: string): Promise<string> {
    const parent = this.#environment['RUNNER_TEMP'] ?? this.#environment['AGENT_TEMPDIRECTORY'] ?? tmpdir()
    const folder = await mkdtemp(join(parent, 'patless-'))
    try {
      await makeRepository(folder)
      const fetch = ['fetch', '--quiet', '--depth=1', '--no-tags', '--no-auto-maintenance', url, ref]
      await this.#reading(['-C', folder, ...fetch], url, token)
      const fetched = await readFile(join(folder, 'FETCH_HEAD'), 'utf8')
      return fetched.split(/\s/, 1)[0] ?? ''
    } finally {
      // A git that was given up, or stopped with the run, may still write there. What stays is without a secret.
      await rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch((error: unknown) => {
        this.#wire.debug(`left ${folder}: ${String(error)}`)
      })
    }
  }

  async #reading(args: readonly string[], url: string, token: string): Promise<string> {
    const command = args.find((arg) => ['ls-remote', 'fetch'].includes(arg)) ?? ''
    const started = performance.now()
    const { exit, stdout, stderr } = await this.#run(args, this.#isolated(url, token))
    this.#wire.debug(`git ${command}: exit ${exit} in ${Math.round(performance.now() - started)} ms`)
    if (this.#wire.patience.signal.aborted) throw new Cancelled(`git ${command}`)
    if (exit !== 0) throw new GitProblem(command, exit, stderr)
    return stdout
  }

  #run(args: readonly string[], extra: Readonly<Record<string, string>>): Promise<Ended> {
    const inherited = Object.entries(this.#environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !UNWANTED.test(entry[0])
    )
    const limit = timeLimit({ ...this.#wire, timeout: SLOWEST * this.#wire.timeout })
    return ranCommand('git', args, { ...Object.fromEntries(inherited), ...extra }, limit)
  }

  #isolated(url: string, token: string): Record<string, string> {
    const settings = [
      ['credential.helper', ''],
      ['http.followRedirects', 'false'],
      ['core.hooksPath', '/dev/null'],
      [`http.${new URL(url).origin}/.extraHeader`, `Authorization: Bearer ${token}`]
    ]
    return {
      GIT_TERMINAL_PROMPT: '0',
      GIT_ASKPASS: '',
      GCM_INTERACTIVE: 'never',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: process.platform === 'win32' ? 'NUL' : '/dev/null',
      // A server that goes silent is given up, so that no child outlives the run.
      GIT_HTTP_LOW_SPEED_LIMIT: '1',
      GIT_HTTP_LOW_SPEED_TIME: String(Math.ceil(this.#wire.timeout / 1000)),
      LC_ALL: 'C',
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

/** What makes an empty folder a bare repository (gitrepository-layout), a process cheaper than `git init`. */
async function makeRepository(folder: string): Promise<void> {
  await Promise.all([
    mkdir(join(folder, 'objects')),
    mkdir(join(folder, 'refs')),
    writeFile(join(folder, 'HEAD'), 'ref: refs/heads/main\n')
  ])
}

/** What would print headers, point git elsewhere, or hand it other credentials; and what is none of its business. */
const UNWANTED =
  /^(?:GIT_(?!SSL_CA|PROXY_SSL_CA|EXEC_PATH).*|SSH_ASKPASS|INPUT_.*|ACTIONS_.*|SYSTEM_ACCESSTOKEN|ENDPOINT_.*|AZURE_.*)$/i
