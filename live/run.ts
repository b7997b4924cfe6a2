/** One live run: the recorder, the bundle behind it, the hand beside it, and what was seen. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runGitHubJob, type JobResult } from '../sandbox/job.ts'
import { Hand } from './hand.ts'
import { startRecorder, type Recorder } from './recorder.ts'
import { recorded, redactionFor, type Recording } from './recording.ts'
import type { Redaction } from './redaction.ts'
import type { Settings } from './settings.ts'

export class LiveRun {
  readonly settings: Settings
  readonly hand: Hand
  /** Whether it was seen that nothing here is somebody else's. */
  mayWrite = false
  /** Object ids of every identity that was made. */
  readonly principals = new Set<string>()
  /** What git and Azure DevOps said in the minutes after a write, as the log of the bundle has it. */
  readonly said = new Set<string>()
  readonly #recorder: Recorder
  readonly #folder: string
  /** Name of a case → where its exchanges begin. */
  readonly #cases: { readonly name: string; readonly from: number }[] = []
  #kill: ((signal: NodeJS.Signals) => void) | undefined
  private constructor(settings: Settings, recorder: Recorder, folder: string) {
    this.settings = settings
    this.hand = new Hand(settings, recorder)
    this.#recorder = recorder
    this.#folder = folder
  }

  static async start(settings: Settings, environment: NodeJS.ProcessEnv): Promise<LiveRun> {
    const { NODE_EXTRA_CA_CERTS: extra = '' } = environment
    const recorder = await startRecorder(extra === '' ? '' : await readFile(extra, 'utf8'))
    const folder = await mkdtemp(join(tmpdir(), 'patless-live-'))
    await writeFile(join(folder, 'ca.pem'), recorder.ca)
    return new LiveRun(settings, recorder, folder)
  }

  /** From here on, what is recorded belongs to this case. */
  begin(name: string): void {
    this.#cases.push({ name, from: this.#recorder.exchanges.length })
  }

  /** The committed bundle, as a GitHub runner starts it. */
  async patless(mode: string, inputs: Readonly<Record<string, string>> = {}): Promise<JobResult> {
    const ca = join(this.#folder, 'ca.pem')
    const proxy = this.#recorder.proxyFor('patless')
    const result = await runGitHubJob({
      environment: {
        ...this.settings.environment,
        GITHUB_ACTIONS: 'true',
        HTTPS_PROXY: proxy,
        https_proxy: proxy,
        NODE_EXTRA_CA_CERTS: ca,
        GIT_SSL_CAINFO: ca,
        SSL_CERT_FILE: ca,
        REQUESTS_CA_BUNDLE: ca
      },
      inputs: { ...this.settings.inputs, ...inputs, mode },
      onStart: (kill) => (this.#kill = kill)
    })
    this.#kill = undefined
    const principal = result.outputs['principal-id']
    if (principal !== undefined && principal !== '') this.principals.add(principal)
    for (const [line] of result.stdout.matchAll(/^.*(?:\bgit \S+ ended|TF4\d+|VS403\d+|AADSTS\d+).*$/gm))
      this.said.add(line.trim())
    return result
  }

  /** As a runner does it: the bundle ends what it is doing. */
  interrupt(): void {
    this.#kill?.('SIGTERM')
  }

  /** Writes of the bundle in the present case, by what was asked for. */
  writes(): string[] {
    const from = this.#cases.at(-1)?.from ?? 0
    return this.#recorder.exchanges.slice(from).flatMap(({ by, method, path }) => {
      const asks = /\/token(?:\?|$)|listClusterUserCredential|selfsubject|git-upload-pack/i.test(path)
      const reads = ['GET', 'HEAD', 'OPTIONS'].includes(method) || asks
      return by === 'patless' && !reads ? [`${method} ${path.split('?')[0] ?? ''}`] : []
    })
  }

  redaction(): Redaction {
    return redactionFor({
      settings: this.settings,
      exchanges: this.#recorder.exchanges,
      apiServers: this.#recorder.apiServers
    })
  }

  recordings(): Recording[] {
    const redaction = this.redaction()
    const { exchanges } = this.#recorder
    return this.#cases.map(({ name, from }, index) => ({
      name,
      exchanges: exchanges
        .slice(from, this.#cases[index + 1]?.from ?? exchanges.length)
        .map((exchange) => recorded(exchange, redaction))
    }))
  }

  async close(): Promise<void> {
    this.hand.close()
    await this.#recorder.close()
    await rm(this.#folder, { recursive: true, force: true })
  }
}
