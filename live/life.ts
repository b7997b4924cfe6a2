/** The life, step by step. Each step begins where the one before it ended. */
import assert from 'node:assert/strict'
import { accountOf, identityOf, memberOf, secretsOf } from './chain.ts'
import { findLeftovers, sweep } from './cleaning.ts'
import { ROUNDS, type Defect } from './defects.ts'
import { QUESTIONS, type Answer } from './questions.ts'
import type { JobResult } from '../sandbox/job.ts'
import type { LiveRun } from './run.ts'

export interface Step {
  /** Name of its recording. */
  readonly name: string
  run(run: LiveRun): Promise<void>
  /** Without it nothing further can be learned. */
  readonly needed?: true
}

/** @param answers what is learned for docs/live.md goes there */
export function stepsOf(answers: Answer[]): Step[] {
  const asked = QUESTIONS.map(({ name, when, ask }) => ({
    when,
    step: {
      name,
      async run(run: LiveRun) {
        answers.push({ question: name, found: await ask(run) })
      }
    }
  }))
  const questions = (when: string): Step[] => asked.filter((one) => one.when === when).map(({ step }) => step)
  const named: Step[] = [
    { name: 'check-before', needed: true, run: checkBefore },
    { name: 'apply', needed: true, run: apply },
    { name: 'apply-again', needed: true, run: applyAgain },
    { name: 'check', needed: true, run: check },
    ...questions('with-chain'),
    ...ROUNDS.flatMap(roundSteps),
    { name: 'check-after', run: check },
    { name: 'remove', run: remove },
    ...questions('without-chain'),
    { name: 'remove-again', run: remove }
  ]
  return named.map((step, index) => ({ ...step, name: `${String(index + 1).padStart(2, '0')}-${step.name}` }))
}

async function checkBefore(run: LiveRun): Promise<void> {
  const first = await run.patless('check')
  if (await findLeftovers(run.hand)) {
    process.stdout.write('  an earlier run was killed: cleaning up first\n')
    await run.patless('remove')
    assert.deepEqual(await sweep(run.hand, run.principals), [])
    assert.equal((await run.patless('check')).exitCode, 2)
  } else assert.equal(first.exitCode, 2, first.stdout)
  assert.deepEqual(run.writes().filter((one) => !one.startsWith('DELETE')), [])
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
  const result = await run.patless('remove')
  assert.equal(result.exitCode, 0, result.stdout)
  assert.equal(await identityOf(run.hand), undefined)
  assert.deepEqual(await secretsOf(run.hand), [])
  for (const principal of run.principals) assert.equal(await memberOf(run.hand, principal), undefined)
  const { annotations = {} } = (await accountOf(run.hand))?.metadata ?? {}
  assert.equal(annotations['azure.workload.identity/client-id'], undefined)
}

/** Broken: check is red and says each defect. Applied: verified again, and what apply must leave is said once more. */
function roundSteps(round: readonly Defect[], index: number): Step[] {
  return [
    {
      name: `broken-${index + 1}`,
      async run(run) {
        for (const { make } of round) await make(run.hand)
        const result = await run.patless('check')
        assert.notEqual(result.exitCode, 0, result.stdout)
        assert.notEqual(result.outputs['verification'], 'verified')
        for (const { name, finding } of round)
          assert.match(result.outputs['changes'] ?? '', finding, `check did not find: ${name}`)
        assert.deepEqual(run.writes(), [])
      }
    },
    {
      name: `repaired-${index + 1}`,
      async run(run) {
        const left = round.filter(({ byHand }) => byHand)
        if (left.length > 0) {
          const refused = await run.patless('apply')
          assert.notEqual(refused.exitCode, 0, refused.stdout)
          for (const { name, finding, byHand } of left) {
            assert.match(refused.outputs['changes'] ?? '', finding, `apply did not leave: ${name}`)
            await byHand?.(run.hand)
          }
        }
        assertVerified(await run.patless('apply'))
      }
    }
  ]
}

function assertVerified({ exitCode, outputs, stdout }: JobResult): void {
  assert.equal(exitCode, 0, stdout)
  assert.equal(outputs['verification'], 'verified', stdout)
}
