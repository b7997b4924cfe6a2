/** The life, step by step. Each step begins where the one before it ended. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { accountOf, identityOf, memberOf, secretsOf } from './chain.ts'
import { findLeftovers, sweep } from './cleaning.ts'
import { ROUNDS, type Defect } from './defects.ts'
import { QUESTIONS, type Answer } from './questions.ts'
import type { JobResult } from '../sandbox/job.ts'
import type { LiveRun } from './run.ts'

export interface Step {
  /** Name of its recording. */
  readonly name: string
  take(run: LiveRun): Promise<void>
  /** Without it nothing further can be learned. */
  readonly needed?: true
}

/** @param answers what is learned for docs/live.md goes there */
export function stepsOf(answers: Answer[]): Step[] {
  const asked = QUESTIONS.map((question) => ({
    when: question.when,
    step: {
      name: question.name,
      async take(run: LiveRun) {
        answers.push({ question: question.name, found: await question.ask(run) })
      }
    }
  }))
  const questions = (when: string): Step[] => asked.filter((one) => one.when === when).map(({ step }) => step)
  const named: Step[] = [
    { name: 'check-before', needed: true, take: checkBefore },
    { name: 'apply', needed: true, take: apply },
    { name: 'apply-again', needed: true, take: applyAgain },
    { name: 'check', needed: true, take: check },
    ...questions('with-chain'),
    ...ROUNDS.flatMap(roundSteps),
    { name: 'check-after', take: check },
    { name: 'remove', take: remove },
    ...questions('without-chain')
  ]
  return named.map((step, index) => ({ ...step, name: `${String(index + 1).padStart(2, '0')}-${step.name}` }))
}

async function checkBefore(run: LiveRun): Promise<void> {
  const first = await run.patless('check')
  const leftovers = await findLeftovers(run.hand)
  run.mayWrite = true
  if (leftovers) {
    process.stdout.write('  an earlier run was killed: cleaning up first\n')
    await run.patless('remove')
    assert.deepEqual(await sweep(run.hand, run.principals), [])
    assert.equal((await run.patless('check')).exitCode, 2)
  } else assert.equal(first.exitCode, 2, said(first))
  assert.deepEqual(
    run.writes().filter((one) => !one.startsWith('DELETE')),
    []
  )
}

async function apply(run: LiveRun): Promise<void> {
  const result = await run.patless('apply')
  assertVerified(result)
  assert.equal(result.outputs['changed'], 'true')
  assert.ok(await identityOf(run.hand))
}

async function applyAgain(run: LiveRun): Promise<void> {
  const result = await run.patless('apply')
  assertVerified(result)
  assert.equal(result.outputs['changed'], 'false')
  assert.deepEqual(run.writes(), [])
}

async function check(run: LiveRun): Promise<void> {
  const result = await run.patless('check')
  assertVerified(result)
  assert.equal(result.outputs['drift'], 'false')
  assert.deepEqual(run.writes(), [])
}

/** Everything that apply made is gone, as the services themselves say. */
async function remove(run: LiveRun): Promise<void> {
  const { hand } = run
  const identity = await identityOf(hand)
  assert.ok(identity)
  const result = await run.patless('remove')
  assert.equal(result.exitCode, 0, said(result))
  await until(run, async () => {
    assert.equal(await identityOf(hand), undefined)
    assert.equal(await memberOf(hand, identity.principalId), undefined)
  })
  assert.deepEqual(await secretsOf(hand), [])
  const { annotations = {} } = (await accountOf(hand))?.metadata ?? {}
  assert.equal(annotations['azure.workload.identity/client-id'], undefined)
}

/** Broken: check is red and says each defect. Applied: verified again, and what apply must leave is said once more. */
function roundSteps(round: readonly Defect[], index: number): Step[] {
  return [
    {
      name: `broken-${index + 1}`,
      async take(run) {
        for (const defect of round) await defect.make(run.hand)
        await until(run, async () => {
          const { exitCode, outputs } = await run.patless('check')
          for (const { name, finding } of round)
            assert.match(outputs['differences'] ?? '', finding, `check did not find: ${name}`)
          assert.notEqual(exitCode, 0)
          assert.notEqual(outputs['verification'], 'verified')
        })
        assert.deepEqual(run.writes(), [])
      }
    },
    {
      name: `repaired-${index + 1}`,
      async take(run) {
        const left = round.filter(({ byHand }) => byHand)
        if (left.length > 0) {
          const refused = await run.patless('apply')
          assert.notEqual(refused.exitCode, 0, said(refused))
          for (const { name, finding } of left)
            assert.match(refused.outputs['differences'] ?? '', finding, `apply did not leave: ${name}`)
          for (const { byHand } of left.reverse()) await byHand?.(run.hand)
        }
        assertVerified(await run.patless('apply'))
      }
    }
  ]
}

/** ms. */
const PAUSE = 10_000

/** Real services hear of a change a little later, each part of them at its own time. */
async function until({ settings }: LiveRun, check: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + Number(settings.timeout) * 1000
  for (;;) {
    try {
      await check()
      return
    } catch (error) {
      if (Date.now() + PAUSE > deadline) throw error
      await sleep(PAUSE)
    }
  }
}

function assertVerified(result: JobResult): void {
  assert.equal(result.exitCode, 0, said(result))
  assert.equal(result.outputs['verification'], 'verified', said(result))
}

/** The errors in the log of a run, or its end when there are none. */
function said({ stdout, stderr }: JobResult): string {
  const errors = stdout.match(/^::error .*$/gm) ?? [`${stdout}${stderr}`.slice(-2_000)]
  return errors.join('\n').replaceAll('%0A', '\n')
}
