/** What a pinned revision names, asked by Azure DevOps' own client behind our HTTP client. */
import { beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { History } from '../../src/services/azure-devops/history.ts'
import { endpointsOf } from '../../src/services/endpoints.ts'
import { useWorld } from '../world.ts'

const world = useWorld({ shared: true })
let token: string
let head: string
let first: string
let tag: string
let pull: string
beforeAll(async () => {
  const { outputs } = await world.apply({ verification: 'none' })
  const { azure, temporary } = world.twin
  token = await azure.tokenFor(outputs['client-id'])
  const [folder = ''] = globSync(join(temporary, '**', `${azure.ids.repositoryId}.git`))
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@b.example', ...args], {
      encoding: 'utf8'
    }).trim()
  head = git('rev-parse', 'main')
  first = git('rev-list', '--max-parents=0', 'main')
  git('tag', '--annotate', '--message=one', 'v1.0.0', first)
  tag = git('rev-parse', 'v1.0.0')
  pull = git('commit-tree', '-m', 'merge', '-p', 'main', 'main^{tree}')
  git('update-ref', 'refs/pull/7/merge', pull)
})

const NAMED = { organization: 'contoso', project: 'shop', repository: 'app' }
const wire = (debug: (text: string) => void = () => undefined) => ({
  policy: { deadline: Date.now() + 600_000, report: () => undefined, signal: new AbortController().signal },
  debug,
  warn: () => undefined,
  timeout: 5_000,
  proxyFor: () => undefined
})
const resolve = (revision: string, debug?: (text: string) => void): Promise<string | undefined> =>
  new History(endpointsOf('public', world.twin.environment), wire(debug)).resolve(NAMED, revision, token)

describe('a revision', () => {
  test('by a commit that no branch ends at, in full and abbreviated', async () => {
    expect(first).not.toBe(head)
    expect(await resolve(first)).toBe(first)
    expect(await resolve(first.slice(0, 8))).toBe(first)
  })

  test('by the ref of a pull request, and by an annotated tag, which is peeled', async () => {
    expect(await resolve('refs/pull/7/merge')).toBe(pull)
    expect(tag).not.toBe(first)
    expect(await resolve('refs/tags/v1.0.0')).toBe(first)
  })

  test.each([
    '0123456789abcdef0123456789abcdef01234567',
    'refs/pull/8/merge',
    '1.*',
    '../../x',
    'refs/pull/7'
  ])('that the repository does not have is none: %s', async (revision) => {
    expect(await resolve(revision)).toBeUndefined()
  })
})

test('the token shows in no debug line', async () => {
  const lines: string[] = []
  await resolve(first, (text) => lines.push(text))
  expect(lines.join('\n')).toContain('OPTIONS')
  expect(lines.join('\n')).not.toContain(token)
})

test.each(['https://localhost:1/x', '//localhost:1/x', '\\\\localhost:1/x', '@localhost:1/x'])(
  'a route leads to no other host: %s',
  async (routeTemplate) => {
    world.twin.journal.forge({
      service: 'devops',
      method: 'OPTIONS',
      times: 1,
      forge: async (_call, real) => {
        const answer = (await real()) as { status: number; body: { value: object[] } }
        const value = answer.body.value.map((one) => ({ ...one, routeTemplate }))
        return { ...answer, body: { ...answer.body, value } }
      }
    })
    world.twin.journal.clear()
    expect(await resolve(first)).toBeUndefined()
    expect(world.twin.journal.entries.map(({ method, status }) => [method, status])).toEqual([
      ['OPTIONS', 200],
      ['GET', 404]
    ])
  }
)
