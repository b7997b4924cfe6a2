/** Green while Argo CD cannot read, red while it can: what was believed out of date, or by a word in a text. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { runGitHubJob, type JobResult } from '../../sandbox/job.ts'
import { startTwin, type Twin } from '../../sandbox/twin.ts'
import { Hands } from '../situations/hands.ts'

let twin: Twin
let hands: Hands
beforeAll(async () => {
  twin = await startTwin()
  hands = new Hands({ twin })
})
afterAll(() => twin.close())
beforeEach(() => {
  twin.reset()
})

const run = (mode: string, inputs: Readonly<Record<string, string>> = {}): Promise<JobResult> =>
  runGitHubJob({ environment: twin.environment, inputs: { mode, 'verification-timeout': '8', ...inputs } })
const wordOf = ({ outputs, exitCode }: JobResult) => [outputs['verification'], exitCode]
const SAYS = 'twin.example/says'
const TARGET = 'Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code ='

describe('after it was verified, a check is not green over what is not so any more', () => {
  test.each<
    readonly [string, { readonly shape?: string; readonly change: (by: Hands) => void | Promise<void> }]
  >([
    [
      'another Secret in its place',
      {
        change: (by) => {
          by.replace('repository', 'by-hand')
        }
      }
    ],
    [
      'depth: one',
      {
        shape: 'argocd-3-3-0',
        change: (by) => {
          by.write('repository', { depth: 'one' })
        }
      }
    ],
    [
      'githubAppID: n/a',
      {
        change: (by) => {
          by.write('repository', { githubAppID: 'n/a' })
        }
      }
    ],
    [
      'a dead proxy',
      {
        change: (by) => {
          by.write('repository', { proxy: 'http://127.0.0.1:9' })
        }
      }
    ],
    [
      'a newline at the end of the URL',
      {
        change: (by) => {
          by.write('repository', { url: `${by.url}\n` })
        }
      }
    ],
    [
      '.git at the end of the URL',
      {
        change: (by) => {
          by.write('repository', { url: `${by.url}.git` })
        }
      }
    ],
    [
      'pods that ask a dead proxy for their tokens',
      { change: (by) => by.environment({ HTTPS_PROXY: 'http://127.0.0.1:9' }) }
    ],
    [
      'a template of type helm that breaks every Application',
      {
        change: (by) => {
          by.create('repo-creds', { url: 'https://charts.example', type: 'helm', enableOCI: 'x' })
        }
      }
    ]
  ])('%s', async (_, { change, shape }) => {
    if (shape !== undefined) twin.defect(shape)
    expect(wordOf(await run('apply'))).toEqual(['verified', 0])
    await change(hands)
    expect((await run('check')).outputs['verification']).not.toBe('verified')
  })
})

describe('what an Application says of something else is no word on the repository', () => {
  beforeEach(async () => {
    expect(wordOf(await run('apply'))).toEqual(['verified', 0])
    // A complaint of the same second may be one of before.
    await sleep(1_050)
  })

  test.each([
    [
      'the destination',
      'Failed to load live state: failed to get cluster info for "https://10.0.0.1": dial tcp'
    ],
    [
      'its cluster',
      'Failed to load target state: failed to get cluster version for cluster "https://10.0.0.1": x509'
    ],
    ['a chart host', `${TARGET} Unknown desc = Manifest generation error (cached): x509: certificate`],
    ['a plugin', `${TARGET} Unknown desc = error generating manifests in cmp: AADSTS700213: No matching`],
    [
      'a submodule',
      `${TARGET} Internal desc = Failed to checkout FETCH_HEAD: failed to update submodules: fatal: could not read Username`
    ],
    ['a path with words', `${TARGET} Unknown desc = certificate/destination: app path does not exist`]
  ])('%s', async (_, text) => {
    hands.application({}, { [SAYS]: text })
    expect(await hands.said()).toBe(text)
    expect(wordOf(await run('check'))).toEqual(['verified', 0])
  })

  test('of what nobody knows a check says that it is open, with the text', async () => {
    hands.application({}, { [SAYS]: 'the oracle is silent' })
    await hands.said()
    const job = await run('check')
    expect(wordOf(job)).toEqual(['inconclusive', 0])
    expect(job.stdout).toContain('the oracle is silent')
  })
})

test('a user name beside the flag is no credential that wins', async () => {
  expect((await run('apply')).exitCode).toBe(0)
  hands.write('repository', { username: 'someone' })
  expect(wordOf(await run('apply'))).toEqual(['verified', 0])
})

test('nothing that shows it is an error in apply, and a warning in check', async () => {
  hands.defect('project-denies-source')
  expect(wordOf(await run('apply'))).toEqual(['inconclusive', 1])
  const job = await run('check')
  expect(wordOf(job)).toEqual(['inconclusive', 0])
  expect(job.stdout).toMatch(/^::warning /m)
})
