/** Fifty repositories: their verification beside the same git commands alone, their first apply beside that of one. */
import { execFile } from 'node:child_process'
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { NO_LAG, startTwin, type Twin } from '../sandbox/twin.ts'
import { READ_AT_ONCE } from '../src/chain/verifications/access.ts'
import { mapBounded } from '../src/core/concurrency.ts'
import { gitEnvironment } from '../src/services/programs/environment.ts'
import { atMost, line, shortest } from './budgets.ts'
import { isHop } from './check.ts'
import { apply, check } from './jobs.ts'

const run = promisify(execFile)
const LATENCY = 50
const RUNS = 3
const COUNT = 50

const urlsOf = (twin: Twin, count: number): string[] =>
  Array.from({ length: count }, (_, nth) =>
    (twin.environment['SANDBOX_REPOSITORY_URL'] ?? '').replace(/\/_git\/.*$/, `/_git/service-${nth + 1}`)
  )

export async function fifty(): Promise<void> {
  const twin = await startTwin(NO_LAG)
  try {
    const inputs = (count: number) => ({ 'repository-url': urlsOf(twin, count).join('\n') })
    twin.defect('fifty-repositories')
    await apply(twin, { ...inputs(COUNT), verification: 'access' })
    const token = await identityToken(twin, urlsOf(twin, 1))
    twin.journal.latency = LATENCY
    const access = { ...inputs(COUNT), verification: 'access' }
    const verified = await shortest(
      {
        none: () => check(twin, { ...access, verification: 'none' }),
        access: () => check(twin, access),
        // With the exchange of the token, which is one round trip.
        commands: () => commands(twin, urlsOf(twin, COUNT), token)
      },
      RUNS
    )
    const share = (verified.access - verified.none - LATENCY) / verified.commands
    atMost(
      1.25,
      'verification of 50 URLs at 50 ms : the same git commands at the same concurrency',
      share,
      '×'
    )
    twin.journal.clear()
    await check(twin, access)
    atMost(
      14,
      'requests of a check of 50 URLs, logins and proofs aside',
      twin.journal.entries.filter(isHop).length
    )
    const first = (count: number) => async (): Promise<void> => {
      twin.reset()
      twin.defect('fifty-repositories')
      twin.journal.latency = LATENCY
      await apply(twin, inputs(count))
    }
    const applied = await shortest({ one: first(1), fifty: first(COUNT) }, RUNS)
    atMost(3, 'first apply of 50 URLs at 50 ms : of one', applied.fifty / applied.one, '×')
    const alone = `${(verified.commands / applied.one).toFixed(2)}×`
    line('', 'the git commands of it alone, at the same concurrency : first apply of one', alone)
  } finally {
    await twin.close()
  }
}

/** The token of the identity, as the verification gets it. */
async function identityToken(twin: Twin, [url = '']: readonly string[]): Promise<string> {
  for (const token of twin.issued().toReversed()) {
    const headers = { authorization: `Bearer ${token}` }
    const answer = await fetch(`${url}/info/refs?service=git-upload-pack`, { headers }).catch(() => undefined)
    if (answer?.status === 200) return token
  }
  throw new Error('nothing that was issued opens the repository')
}

/** One git command for each URL, and nothing else. */
async function commands(twin: Twin, urls: readonly string[], token: string): Promise<void> {
  await mapBounded(
    urls,
    async (url) => {
      const folder = await mkdtemp(join(twin.temporary, 'git-'))
      const repository = join(folder, 'repository')
      await mkdir(join(repository, 'objects'), { recursive: true })
      await Promise.all([
        mkdir(join(repository, 'refs')),
        writeFile(join(repository, 'HEAD'), 'ref: refs/heads/main\n')
      ])
      const env = gitEnvironment({ PATH: process.env['PATH'], ...twin.environment }, folder)
      const git = (...args: string[]) =>
        run('git', ['-c', `http.extraHeader=Authorization: Bearer ${token}`, ...args], { env, cwd: folder })
      await git('fetch', '--quiet', '--depth=1', '--no-tags', '--no-auto-maintenance', url, 'HEAD')
      await rm(folder, { recursive: true, force: true })
    },
    READ_AT_ONCE
  )
}
