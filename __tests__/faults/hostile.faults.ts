/**
 * The hostile twin: every request of apply and remove × every answer that is none. Never a token on another host,
 * never a command in the log of a host, never a failure without a type.
 */
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { reportable } from '../../src/core/finding.ts'
import { explain } from '../../src/diagnosis/explain.ts'
import { githubHost } from '../../src/host/github.ts'
import type { Host } from '../../src/host/ports.ts'
import { parseInputs } from '../../src/config/parse.ts'
import { OUTPUTS } from '../../src/config/outputs.ts'
import { run } from '../../src/commands/run.ts'
import { ended, faultsOf, placesOf, SHARE, shareOf, SHARES, type Mode, type Place } from './cells.ts'
import { FORGERIES } from './forgeries.ts'
import { leaksIn, secretsFrom, withoutMasks } from '../../sandbox/leaks.ts'
import { commandsOf } from './logs.ts'
import { useWorld } from '../world.ts'

/** ms one request may take: what pours without an end is given up then. */
const TIMEOUT = 2_000
const world = useWorld({ shared: true })
let elsewhere: { readonly url: string; readonly heard: string[]; close(): void }
const folder = mkdtempSync(join(tmpdir(), 'patless-job-'))
const places = new Map<Mode, Place[]>()
beforeAll(async () => {
  elsewhere = await startElsewhere()
  const met = new Set<string>()
  for (const mode of ['apply', 'remove'] as const) {
    world.twin.journal.clear()
    await world.run({ mode })
    places.set(mode, forms(placesOf(world.twin.journal.entries), met))
  }
})
afterAll(() => {
  elsewhere.close()
  rmSync(folder, { recursive: true, force: true })
})
afterEach(() => {
  jest.restoreAllMocks()
})

/** Each form of request once, in whichever mode it is met first. */
function forms(all: readonly Place[], met: Set<string>): Place[] {
  return all.filter(({ service, method, path }) => {
    const form = `${service} ${method} ${path}`
    const known = met.has(form)
    met.add(form)
    return !known
  })
}

/** One per plane and method: how much, and how long, is read does not depend on what is asked. */
function oneEach(all: readonly Place[]): Place[] {
  return [...new Map(all.map((place) => [`${place.service} ${place.method}`, place])).values()]
}

/** Another host, that any client of this process would trust: it notes whatever it is told. */
async function startElsewhere(): Promise<typeof elsewhere> {
  const heard: string[] = []
  const server = createServer(world.twin.tls, (request: IncomingMessage, response) => {
    const told = [request.method, request.url, JSON.stringify(request.headers)]
    request.on('data', (chunk: Buffer) => told.push(chunk.toString('utf8')))
    request.on('end', () => {
      heard.push(told.join(' '))
      response.end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, heard, close: () => server.close() }
}

interface Cell {
  readonly host: Host
  readonly mode: Mode
  readonly place: Place
  readonly forgery: string
}

/** One run in the host's own words. @returns what was wrong. */
async function hostile({ host, mode, place, forgery }: Cell, log: string[]): Promise<string[]> {
  const { twin } = world
  twin.reset()
  if (mode === 'remove') await world.apply({ verification: 'none' })
  elsewhere.heard.length = 0
  const secrets = secretsFrom(twin)
  log.length = 0
  const { service, method, path } = place
  const forge = FORGERIES[forgery]?.(elsewhere.url)
  if (!forge) throw new Error(`no forgery ${forgery}`)
  twin.journal.forge({ service, method, path, times: 1, forge })
  // The proof takes long: only where its own answers are forged.
  const proof = ['git', 'entra', 'oidc'].includes(service) || path.includes('/token')
  const given = new Map(host.given)
    .set('mode', mode)
    .set('verification-timeout', '1')
    .set('verification', proof ? 'access' : 'none')
  const end = await ended(run(parseInputs(given, host.environment), { ...host, timeout: TIMEOUT }))
  if ('verdict' in end) await host.publish(end)
  else host.refuse(reportable(await explain(end)))
  twin.journal.calm()
  const captured = [withoutMasks(log.join('')), JSON.stringify(end)].join('\n')
  process.exitCode = undefined
  // What a forged answer makes of the chain is the service's word; that it is told, and how, is ours.
  const word = proof && mode !== 'remove' ? 'verified' : 'skipped'
  const faults = faultsOf(end, word).filter((fault) => !/^drift|^green, but skipped/.test(fault))
  return [
    ...faults,
    ...leaksIn(captured, secrets()),
    ...(elsewhere.heard.length > 0 ? [`the other host was told: ${elsewhere.heard.join(' | ')}`] : [])
  ].map((fault) => `${mode} ${service} ${method} ${path}, ${forgery}: ${fault}`)
}

function listening(log: string[]): void {
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    log.push(String(text))
    return true
  })
}

describe('a GitHub job', () => {
  test.each(Object.keys(FORGERIES))(
    '%s: typed, told without a command, and nothing to another host',
    async (forgery) => {
      const [wrong, log]: [string[], string[]] = [[], []]
      const [outputs, summary] = [join(folder, 'outputs'), join(folder, 'summary')]
      Object.assign(process.env, { GITHUB_OUTPUT: outputs, GITHUB_STEP_SUMMARY: summary })
      let cells = 0
      for (const [mode, all] of places) {
        for (const place of shareOf(forgery.startsWith('a body') ? oneEach(all) : all)) {
          writeFileSync(outputs, '')
          writeFileSync(summary, '')
          const environment = {
            ...process.env,
            ...world.twin.environment,
            RUNNER_DEBUG: '1',
            RUNNER_TEMP: folder
          }
          listening(log)
          const faults = await hostile({ host: githubHost(environment), mode, place, forgery }, log)
          jest.restoreAllMocks()
          wrong.push(...faults, ...commandsOf('github', log.join('')), ...foreignOutputs(outputs))
          cells += 1
        }
      }
      process.stdout.write(`hostile matrix, GitHub, ${forgery}: ${cells} cells${SHARE}\n`)
      expect(wrong).toEqual([])
      expect(cells * SHARES).toBeGreaterThan(10)
    }
  )
})

function foreignOutputs(file: string): string[] {
  const names = [...readFileSync(file, 'utf8').matchAll(/^([\w-]+)<<ghadelimiter_/gm)].map(([, name]) => name)
  return names
    .filter((name) => !OUTPUTS.some((output) => output.name === name))
    .map((name) => `output ${name ?? ''}`)
}

describe('a task of Azure Pipelines', () => {
  let azurePipelinesHost: typeof import('../../src/host/azure-pipelines.ts').azurePipelinesHost
  beforeAll(async () => {
    // At import the library writes a file of its own there, else into the working directory.
    process.env['AGENT_TEMPDIRECTORY'] = folder
    ;({ azurePipelinesHost } = await import('../../src/host/azure-pipelines.ts'))
  })

  test.each(Object.keys(FORGERIES).filter((name) => name.includes('nasty') || name.includes('page')))(
    '%s: typed, and told without a command',
    async (forgery) => {
      const [wrong, log]: [string[], string[]] = [[], []]
      let cells = 0
      for (const place of shareOf(places.get('apply') ?? [])) {
        if (place.service === 'oidc') continue
        const environment = {
          ...process.env,
          ...world.twin.environment,
          SYSTEM_DEBUG: 'true',
          AGENT_TEMPDIRECTORY: folder
        }
        listening(log)
        const github = githubHost({ ...environment, RUNNER_TEMP: folder })
        const { given, identityToken } = github
        const agent = azurePipelinesHost(environment, [])
        // The twin's login is the same; the words are the agent's.
        const host = Object.defineProperty({ ...pick(agent), given, identityToken }, 'connection', {
          value: undefined
        })
        const faults = await hostile({ host: host as Host, mode: 'apply', place, forgery }, log)
        jest.restoreAllMocks()
        wrong.push(...faults, ...commandsOf('azure-pipelines', log.join('')))
        cells += 1
      }
      process.stdout.write(`hostile matrix, Azure Pipelines, ${forgery}: ${cells} cells${SHARE}\n`)
      expect(wrong).toEqual([])
      expect(cells * SHARES).toBeGreaterThan(20)
    }
  )
})

/** Without `serviceConnection`, which asks for a service connection as soon as it is read. */
function pick({ environment, naming, reporter, mask, publish, refuse }: Host): Omit<Host, 'given'> {
  return { environment, naming, reporter, mask, publish, refuse }
}
