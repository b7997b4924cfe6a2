/** Whatever a program waits for or leaves running: the run ends in time, and nothing of it is left. */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGzip, type Gzip } from 'node:zlib'
import { runGitHubJob, type JobOptions, type JobResult } from '../../sandbox/job.ts'
import { STREAMED } from '../../sandbox/wire.ts'
import { Git } from '../../src/services/git/git.ts'
import { logIn } from '../../src/services/entra/login.ts'
import { endpointsOf } from '../../src/services/endpoints.ts'
import type { Wire } from '../../src/http/request.ts'
import { makePlace, put, remaining, runIn, script, type Place } from './surroundings.ts'
import { useWorld } from '../world.ts'

const world = useWorld({ shared: true, timeout: 3_000 })
let place: Place
beforeAll(async () => {
  await runGitHubJob({ environment: world.twin.environment, inputs: { verification: 'access' } })
}, 60_000)
beforeEach(() => {
  place = makePlace()
})
afterEach(() => {
  world.twin.journal.calm()
  place.leave()
})

const PATH = process.env['PATH'] ?? ''
const environment = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  ...world.twin.environment,
  PATH: `${place.bin}:${PATH}`,
  ...more
})
const wire = (timeout: number): Wire => ({
  policy: { deadline: Date.now() + 60_000, report: () => undefined, signal: new AbortController().signal },
  debug: () => undefined,
  timeout,
  warn: () => undefined,
  proxyFor: () => undefined
})

/** A byte now and then, for ever: never silent long enough to be given up for that. */
function trickle(): Promise<void> {
  return new Promise((resolve) => {
    world.twin.journal.forge({
      service: 'git',
      forge({ response }) {
        response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' })
        const timer = setInterval(() => response.write('0'), 100)
        response.once('close', () => {
          clearInterval(timer)
        })
        resolve()
        return STREAMED
      }
    })
  })
}

/** A job that is cancelled as soon as `moment` comes. @returns ms from then to its end, too */
async function cancelled(
  options: JobOptions,
  moment: Promise<void>,
  signal: NodeJS.Signals = 'SIGTERM'
): Promise<JobResult & { readonly took: number }> {
  let at = NaN
  const job = await runIn(place, {
    ...options,
    onStart: (kill) =>
      void moment.then(() => {
        at = performance.now()
        kill(signal)
      })
  })
  return { ...job, took: performance.now() - at }
}

const appears = async (file: string): Promise<void> => {
  while (!existsSync(file)) await sleep(10)
}
const CHECK = { mode: 'check', verification: 'access' }
const AZ = { ...CHECK, 'client-id': '', 'tenant-id': '' }

describe('a cancelled run', () => {
  test.each(['SIGTERM', 'SIGHUP'] as const)('by %s while a server trickles', async (signal) => {
    const job = await cancelled({ environment: environment(), inputs: CHECK }, trickle(), signal)
    expect(await remaining(place.id)).toEqual([])
    expect(job.took).toBeLessThan(7_000)
    expect(job.stdout).toMatch(/::error[^\n]*(?:Cancelled|was cancelled)/)
  })

  /** Does nothing but wait, with all that a program may do to stay. */
  const waiting = (mark: string): string =>
    `sleep 60 & setsid sleep 60 & sh -c "trap '' TERM INT HUP; while :; do sleep 1; done" & echo x > '${mark}'; wait`

  test.each([
    ['git', CHECK],
    ['az', AZ]
  ])('while %s starts, which does not listen', async (name, inputs) => {
    const mark = join(place.folder, 'started')
    script(join(place.bin, name), `trap '' TERM\n${waiting(mark)}`)
    const job = await cancelled({ environment: environment(), inputs }, appears(mark))
    expect(await remaining(place.id)).toEqual([])
    expect(job.took).toBeLessThan(7_000)
    expect(job.stdout).toMatch(/::error[^\n]*(?:Cancelled|was cancelled)/)
    expect(job.stdout).not.toMatch(/too old|no Azure login/)
  })

  test('while az gets a token', async () => {
    const mark = join(place.folder, 'started')
    const shown = '{"id":"00000000-0000-0000-0000-000000000000","user":{"name":"me"}}'
    script(join(place.bin, 'az'), `case "$*" in *show*) echo '${shown}';; *) ${waiting(mark)};; esac`)
    const job = await cancelled({ environment: environment(), inputs: AZ }, appears(mark))
    expect(await remaining(place.id)).toEqual([])
    expect(job.stdout).toMatch(/::error[^\n]*was cancelled/)
  })
})

test('a run that fails while another program still waits leaves nothing', async () => {
  const shown = '{"id":"00000000-0000-0000-0000-000000000000","user":{"name":"me"}}'
  const waits = `trap '' TERM; sleep 60 & setsid sleep 60 & wait`
  script(
    join(place.bin, 'az'),
    `case "$*" in *show*) echo '${shown}';; *management*) echo refused >&2; exit 1;; *) ${waits};; esac`
  )
  const { exitCode, signal } = await runIn(place, { environment: environment(), inputs: AZ }, 10_000)
  expect(await remaining(place.id)).toEqual([])
  expect({ exitCode, signal }).toEqual({ exitCode: 1, signal: null })
})

describe('a time limit', () => {
  test('ends a git that a server keeps waiting', async () => {
    void trickle()
    const git = new Git({ ...world.twin.environment, PATH, RUNNER_TRACKING_ID: place.id }, wire(500))
    const started = performance.now()
    const [refs, fetched] = await Promise.allSettled([
      git.refs(world.twin.azure.ids.repositoryUrl, 'token', { deadline: Date.now() + 700 }),
      git.fetchOne(world.twin.azure.ids.repositoryUrl, 'token', 'HEAD')
    ])
    expect(await remaining(place.id)).toEqual([])
    expect(refs).toMatchObject({ reason: { stderr: 'git timed out' } })
    expect(fetched).toMatchObject({ reason: { stderr: 'git timed out' } })
    // Ten requests' worth, and a moment to end.
    expect(performance.now() - started).toBeLessThan(9_000)
  })

  test('of the proof ends it as well, and the run says what it waited for', async () => {
    void trickle()
    const started = performance.now()
    const report = await world.check({ verification: 'access', 'verification-timeout': '1' })
    expect(report.outputs.verification).not.toBe('verified')
    expect(JSON.stringify(report.verdict)).toContain('timed out')
    expect(performance.now() - started).toBeLessThan(15_000)
    expect(await remaining(world.twin.temporary)).toEqual([])
    expect(readdirSync(world.twin.temporary).filter((name) => name.startsWith('patless-'))).toHaveLength(1)
  })

  test('ends an az that hangs, and says so', async () => {
    script(join(place.bin, 'az'), 'sleep 60 & setsid sleep 60 & sleep 60')
    const sources = {
      environment: { PATH: `${place.bin}:${PATH}`, RUNNER_TRACKING_ID: place.id },
      mask: (): void => undefined
    }
    await expect(logIn({}, endpointsOf('public', {}), sources, wire(400))).rejects.toMatchObject({
      facts: { summary: expect.stringMatching(/^az account did not end within \d+ s; Patless stopped it\.$/) }
    })
    expect(await remaining(place.id)).toEqual([])
  })
})

describe('a program that ends in order', () => {
  test('leaves nothing running, neither in its group nor in a session of its own', async () => {
    const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
    const left = `sleep 60 & setsid sleep 60 >/dev/null 2>&1 & setsid sh -c "sleep 60 & sleep 60" &`
    script(join(place.bin, 'git'), `${left}\nexec '${git}' "$@"`)
    const started = performance.now()
    const { outputs } = await runIn(place, { environment: environment(), inputs: CHECK })
    expect(outputs).toMatchObject({ verification: 'verified' })
    expect(await remaining(place.id)).toEqual([])
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  test('does not keep the run waiting when what it started keeps its pipe, and hides', async () => {
    const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
    script(join(place.bin, 'git'), `setsid env -i /bin/sleep 8 &\nexec '${git}' "$@"`)
    const started = performance.now()
    const { outputs } = await runIn(place, { environment: environment(), inputs: CHECK })
    expect(outputs).toMatchObject({ verification: 'verified' })
    expect(performance.now() - started).toBeLessThan(7_500)
  })

  test('is bounded in what it prints', async () => {
    put(join(place.bin, 'git'), `#!/bin/sh\ncat /dev/zero\n`, 0o755)
    const git = new Git({ PATH: `${place.bin}:${PATH}`, RUNNER_TRACKING_ID: place.id }, wire(300))
    const before = process.memoryUsage().rss
    await expect(git.assertUsable()).rejects.toThrow('git version used too much output; Patless stopped it.')
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024)
    expect(await remaining(place.id)).toEqual([])
  })
})

describe('a git that would fill the machine is stopped', () => {
  const MOST = 96 * 1024 * 1024
  const repository = (): string => world.twin.azure.ids.repositoryUrl
  const gitOf = (path: string): Git =>
    new Git({ ...world.twin.environment, PATH: path, RUNNER_TRACKING_ID: place.id }, wire(20_000), {
      most: MOST
    })

  /** As fast as it is read, without an end. */
  function flood(type: string, begin: string, line: string, encoding?: string): void {
    world.twin.journal.forge({
      service: 'git',
      method: type === 'result' ? 'POST' : 'GET',
      forge({ response }) {
        const headers = { 'content-type': `application/x-git-upload-pack-${type}` }
        response.writeHead(200, {
          ...headers,
          ...(encoding === undefined ? {} : { 'content-encoding': encoding })
        })
        const sink = encoding === undefined ? response : createGzip({ level: 1 })
        if (sink !== response) (sink as Gzip).pipe(response)
        const chunk = Buffer.from(line.repeat(Math.ceil((1024 * 1024) / line.length)))
        const pour = (): void => {
          while (!response.destroyed && sink.write(chunk));
        }
        sink.on('drain', pour).on('error', () => undefined)
        response.on('close', () => sink.removeListener('drain', pour))
        sink.write(begin)
        pour()
        return STREAMED
      }
    })
  }
  const PKT = '001e# service=git-upload-pack\n0000'
  const REF = `003d${'a'.repeat(40)} refs/heads/aaaaa\n`

  test.each([
    ['refs without an end', undefined],
    ['refs that were packed a thousandfold', 'gzip']
  ])('%s', async (_what, encoding) => {
    flood('advertisement', PKT, REF, encoding)
    const started = performance.now()
    await expect(gitOf(PATH).refs(repository(), 'token')).rejects.toThrow(
      /^git ls-remote used too much (memory|output)/
    )
    expect(performance.now() - started).toBeLessThan(15_000)
    expect(await remaining(place.id)).toEqual([])
  })

  test('a pack without an end, on the disk', async () => {
    script(join(place.bin, 'git'), 'cat /dev/zero > pack')
    await expect(gitOf(`${place.bin}:${PATH}`).fetchOne(repository(), 'token', 'HEAD')).rejects.toThrow(
      'git fetch used too much disk'
    )
    expect(await remaining(place.id)).toEqual([])
  })

  test('more refs than are read are an error, not half of them', async () => {
    script(join(place.bin, 'git'), `yes '${'a'.repeat(40)}\trefs/heads/x' | head -c 17000000`)
    await expect(gitOf(`${place.bin}:${PATH}`).refs(repository(), 'token')).rejects.toThrow(
      'git ls-remote used too much output'
    )
  })
})
