/** Whatever a service answers (a field missing, null, of another type), a run ends right or with a typed error. */
import { beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Entry, Forgery } from '../../sandbox/journal.ts'
import { STREAMED } from '../../sandbox/wire.ts'
import { Problem } from '../../src/core/finding.ts'
import { explain } from '../../src/diagnosis/explain.ts'
import { useWorld } from '../world.ts'

const RUNS = Number(process.env['FOREIGN_RUNS'] ?? 10)
const world = useWorld({ shared: true })
let asked: Entry[] = []
beforeAll(async () => {
  await world.apply({ verification: 'none' })
  world.twin.journal.clear()
  await world.check()
  asked = world.twin.journal.entries.filter(
    ({ service, path }) => service !== 'git' && !/jwks|keys/.test(path)
  )
})

/** `undefined` takes the field away. */
const OTHERS = [undefined, null, true, 7, '', 'other', [], ['other'], [null], {}, { other: null }] as const

type Change = (value: unknown) => unknown

/** The body with one of its values, at any depth, replaced. */
function changedAt(body: unknown, at: number, change: Change): unknown {
  let left = at % sizeOf(body)
  const walk = (value: unknown): unknown => {
    left -= 1
    if (left === -1) return change(value)
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]))
  }
  return walk(body)
}

function sizeOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce<number>((sum, inner) => sum + sizeOf(inner), 1)
}

function forgery(at: number, other: unknown): Forgery['forge'] {
  return async (_call, real) => {
    const answer = await real()
    if (answer === STREAMED || typeof answer.body !== 'object' || Buffer.isBuffer(answer.body)) return answer
    return { ...answer, body: changedAt(answer.body, at, () => other) ?? '' }
  }
}

test(`a check survives any one field that is not as documented (${RUNS} runs)`, async () => {
  const requests = fc.nat().map((index) => asked[index % asked.length] as Entry)
  await fc.assert(
    fc.asyncProperty(requests, fc.nat(), fc.constantFrom(...OTHERS), async (request, at, other) => {
      const { journal } = world.twin
      const path = `^${(request.path.split('?')[0] ?? '').replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?:\\?|$)`
      journal.forge({ service: request.service, method: request.method, path, forge: forgery(at, other) })
      // The proof is long, and only of interest where its own answers are forged.
      const proof = request.service === 'entra' || request.path.includes('/token')
      const inputs = { verification: proof ? 'access' : 'none', 'verification-timeout': '1' }
      const problems = await world.check(inputs).then(
        ({ findings }) => findings,
        async (error: unknown) => {
          expect(error).toBeInstanceOf(Problem)
          return [await explain(error)]
        }
      )
      journal.calm()
      for (const { summary: what, remedy } of problems) {
        expect(what).not.toMatch(/Bug in Patless|undefined|\[object Object\]|NaN/)
        expect(remedy).not.toBe('')
      }
    }),
    { numRuns: RUNS }
  )
}, 600_000)
