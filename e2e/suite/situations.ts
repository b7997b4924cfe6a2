/**
 * The situations of the table that a real cluster can have: Patless's word in check and apply beside the real Argo CD's.
 * Each lane has a repository of its own, so that lanes run side by side.
 */
import { beforeAll, describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { setDefaultCACertificates } from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'
import { summarize, truthOf, wordOf, type Compared } from '../../__tests__/situations/comparison.ts'
import type { Changes } from '../../__tests__/situations/hands.ts'
import { ENVIRONMENTS } from '../../__tests__/situations/pods.ts'
import { SECRETS, TEMPLATES } from '../../__tests__/situations/secrets.ts'
import type { Situation } from '../../__tests__/situations/situation.ts'
import { runInProcess } from '../../sandbox/in-process.ts'
import { gitHubJobOf } from '../../sandbox/twin.ts'
import type { Report } from '../../src/report/report.ts'
import { makeReader, refreshArgoCd, type ArgoAnswer } from '../argocd.ts'
import { RealHands } from '../hands.ts'
import type { Place } from '../kube.ts'
import type { World } from '../world.ts'

type Row = Situation<Changes>

interface Lane {
  readonly hands: RealHands
  readonly reader: Place
}

const LANES = 3
const LEAST = 60
/** Of all, in percent. */
const MOST_INCONCLUSIVE = 5

/** Rows of another version of Argo CD are left to the twin. */
const isOfThisVersion = ({ argocd }: Row): boolean => argocd === undefined || argocd === 'argocd-3-5-1'
/** Secrets of one URL concern no other lane. */
const isOfOneUrl = ({ name }: Row): boolean => name.startsWith('Secret: ')

/** Here the pods reach Entra by a proxy, which the node sets. */
const isWithoutProxy = ({ name }: Row): boolean => !name.includes('proxy')

const OF_ONE_URL = SECRETS.filter(isOfThisVersion).filter(isOfOneUrl)
const OF_ALL = [...SECRETS.filter((row) => !isOfOneUrl(row)), ...ENVIRONMENTS.filter(isWithoutProxy)].filter(
  isOfThisVersion
)
const BY_TEMPLATES = TEMPLATES.filter(isOfThisVersion)
const ALL = [...OF_ONE_URL, ...OF_ALL, ...BY_TEMPLATES]

export function situationCases(here: () => World): void {
  describe('Patless agrees with the real Argo CD', () => {
    const compared = new Map<Row, Compared[]>()
    const errors = new Map<Row, Error>()

    beforeAll(async () => {
      const world = here()
      setDefaultCACertificates([await readFile(world.places['NODE_EXTRA_CA_CERTS'] ?? '', 'utf8')])
      world.azure.defect('fifty-repositories')
      const urls = Array.from({ length: LANES }, (_, at) =>
        world.azure.ids.repositoryUrl.replace(/[^/]+$/, `service-${at + 1}`)
      )
      const [first = ''] = urls
      await connect(world, urls)
      const lanes = await Promise.all(urls.map((url) => laneOf(world, url, (of) => of.startsWith(url))))
      const attempt = async (row: Row, lane: Lane, inputs = {}): Promise<void> => {
        try {
          compared.set(row, await compare(world, row, lane, inputs))
        } catch (error) {
          errors.set(row, error instanceof Error ? error : new Error(String(error)))
        }
      }
      const queue = [...OF_ONE_URL]
      await Promise.all(
        lanes.map(async (lane) => {
          for (let row = queue.shift(); row; row = queue.shift()) await attempt(row, lane)
        })
      )
      const [lane] = lanes
      if (!lane) throw new Error('there is no lane')
      for (const row of OF_ALL) await attempt(row, lane)
      // Templates serve every URL, and a repository Secret would win over them.
      await Promise.all(lanes.map(({ hands }) => removed(hands)))
      const inputs = { connection: 'template' }
      await connect(world, [first], inputs)
      const { origin } = new URL(first)
      const hands = new RealHands(world, first, (of) => of.startsWith(origin))
      for (const row of BY_TEMPLATES) await attempt(row, { hands, reader: lane.reader }, inputs)
      await removed(hands)
    }, 600_000)

    test.each(ALL.map((row) => [row.name, row] as const))('%s', (_name, row) => {
      const error = errors.get(row)
      if (error) throw error
      const wrong = compared.get(row)?.filter(({ truth, word }) => word !== truth && word !== 'inconclusive')
      expect(wrong).toEqual([])
    })

    test('often enough, and with an answer', () => {
      const { inconclusive, text } = summarize([...compared.values()].flat(), ALL.length)
      process.stdout.write(`\nbeside the real Argo CD: ${text}\n`)
      expect(ALL.length).toBeGreaterThanOrEqual(LEAST)
      expect(inconclusive).toBeLessThanOrEqual(MOST_INCONCLUSIVE)
    })
  })
}

async function laneOf(world: World, url: string, isOurs: (url: string) => boolean): Promise<Lane> {
  const reader = await makeReader(world.kube, `situation-${url.split('/').at(-1) ?? ''}`, url)
  return { hands: new RealHands(world, url, isOurs), reader }
}

/** The row's change; what the real Argo CD then says; what Patless says and does; what Argo CD says after that. */
async function compare(world: World, row: Row, { hands, reader }: Lane, inputs: object): Promise<Compared[]> {
  const back = await hands.keep()
  const asked = (when: string, truth: boolean, report: Report): Compared => ({
    name: `${when}: ${row.name}`,
    truth: truthOf(truth),
    word: wordOf(report),
    reason: report.verification.reason
  })
  try {
    await row.change(hands)
    await hands.done()
    // The times of the API server are whole seconds: what Argo CD says from now on is later than the change.
    await sleep(1_050)
    const before = await reads(world, reader)
    if (before.connected !== row.reads)
      process.stdout.write(`\nthe table says otherwise: ${row.name}: ${before.message || 'it reads'}\n`)
    const checked = await runOn(world, { mode: 'check', 'repository-url': hands.url, ...inputs })
    const applied = await runOn(world, { mode: 'apply', 'repository-url': hands.url, ...inputs })
    const after = await reads(world, reader)
    // Argo CD may remember refs for minutes, so a check leaves it open until then.
    return [asked('at once', before.connected, checked), asked('apply', after.connected, applied)]
  } finally {
    await back()
  }
}

async function reads(world: World, reader: Place): Promise<ArgoAnswer> {
  // A commit that nobody has fetched, so that Argo CD has to.
  await world.commit()
  return refreshArgoCd(world.kube, reader)
}

function runOn(world: World, inputs: Readonly<Record<string, string>>): Promise<Report> {
  return runInProcess(
    { ...world.inputs, 'verification-timeout': '8', ...inputs },
    {
      environment: { ...gitHubJobOf(world.azure), ...world.places },
      temporary: world.folder,
      azure: world.azure
    }
  )
}

async function connect(world: World, urls: readonly string[], inputs: object = {}): Promise<void> {
  const report = await runOn(world, {
    mode: 'apply',
    'repository-url': urls.join('\n'),
    ...inputs,
    'verification-timeout': '60'
  })
  expect(report.verdict.summary).toContain('verified')
}

async function removed(hands: RealHands): Promise<void> {
  hands.remove('repository')
  hands.remove('repo-creds')
  await hands.done()
}
