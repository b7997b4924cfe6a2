/** release.yml: what each job may do, and what a rehearsal leaves out. */
import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

interface Step {
  readonly name?: string
  readonly uses?: string
  readonly run?: string
  readonly if?: string
  readonly env?: Readonly<Record<string, string>>
}
interface Job {
  readonly needs?: string | readonly string[]
  readonly environment?: string
  readonly permissions?: Readonly<Record<string, string>>
  readonly if?: string
  readonly steps: readonly Step[]
}
interface Workflow {
  readonly on: { readonly push: { readonly tags: readonly string[] }; readonly workflow_dispatch: unknown }
  readonly concurrency: { readonly 'cancel-in-progress': boolean }
  readonly jobs: Readonly<Record<string, Job>>
}

const source = readFileSync('.github/workflows/release.yml', 'utf8')
const { on, concurrency, jobs } = parse(source) as Workflow
/** The only one there is. */
const CONDITION = "github.event_name == 'push'"
/** Whatever leaves the runner and stays. */
const PUBLISHES =
  /attest-build-provenance@|azure\/login@|npm publish(?!.*--dry-run)|github-release\.sh|marketplace\.sh|move-major-tag\.sh|tfx extension publish|gh release|git push/
const textOf = ({ uses = '', run = '' }: Step): string => uses + run
const steps = Object.values(jobs).flatMap((job) => job.steps)

test('starts from a tag of a version, which the major tag is not, or by hand', () => {
  expect(Object.keys(on)).toEqual(['push', 'workflow_dispatch'])
  expect(on.push.tags).toEqual(['v[0-9]+.[0-9]+.[0-9]+'])
  expect(concurrency['cancel-in-progress']).toBe(false)
})

test('every step that publishes has the one condition, and no other step or job has one', () => {
  expect(steps.filter((step) => PUBLISHES.test(textOf(step))).length).toBe(6)
  for (const step of steps) {
    const condition = PUBLISHES.test(textOf(step)) ? CONDITION : undefined
    expect(`${textOf(step)}: ${String(step.if)}`).toBe(`${textOf(step)}: ${String(condition)}`)
  }
  for (const job of Object.values(jobs)) expect(job.if).toBeUndefined()
})

test('each job has only the rights it needs', () => {
  expect(Object.fromEntries(Object.entries(jobs).map(([name, job]) => [name, job.permissions]))).toEqual({
    suites: undefined,
    assets: undefined,
    attest: { 'id-token': 'write', attestations: 'write' },
    npm: { 'id-token': 'write' },
    github: { contents: 'write' },
    marketplace: { contents: 'read', 'id-token': 'write' },
    'major-tag': { contents: 'write' }
  })
})

test('who publishes needs a reviewed environment; a rehearsal is in one that nobody trusts', () => {
  for (const [name, { environment, steps: own }] of Object.entries(jobs)) {
    const publishes = own.some((step) => PUBLISHES.test(textOf(step))) && name !== 'attest'
    expect(`${name}: ${environment !== undefined}`).toBe(`${name}: ${publishes}`)
    if (environment !== undefined)
      expect(environment).toMatch(/^\$\{\{ github\.event_name == 'push' && '\w+' \|\| 'rehearsal' \}\}$/)
  }
})

test('scripts of dependencies run in no job that may write or ask for a token', () => {
  for (const { permissions, steps: own } of Object.values(jobs)) {
    if (!Object.values(permissions ?? {}).includes('write')) continue
    for (const step of own.filter(({ run }) => /\bnpm (?:ci|install|publish)\b/.test(run ?? '')))
      expect(step.run).toContain('--ignore-scripts')
  }
})

describe('the order', () => {
  const before = (name: string): string[] => {
    const direct = [jobs[name]?.needs ?? []].flat()
    return [...direct, ...direct.flatMap(before)]
  }

  test('nothing is published before suites, checks and attestation; the major tag moves last', () => {
    for (const name of ['npm', 'github', 'marketplace'])
      expect(new Set(before(name))).toEqual(new Set(['attest', 'suites', 'assets']))
    expect(new Set(before('major-tag'))).toEqual(
      new Set(Object.keys(jobs).filter((name) => name !== 'major-tag'))
    )
  })
})

test('nothing that others write reaches a shell by way of an expression', () => {
  for (const { run = '' } of steps) expect(run).not.toContain('${{')
  for (const { env = {} } of steps)
    for (const value of Object.values(env))
      expect(value).toMatch(
        /^\$\{\{ (?:github\.token|github\.event_name == 'workflow_dispatch' && 'true' \|\| '') \}\}$/
      )
})
