/** `patless setup --remove`: takes away what set-up made, in reverse order, as far as it is provably its own. */
import { warning } from '../../core/finding.ts'
import { dependentsOf } from '../../chain/dependents.ts'
import { deleteByPlan, planOf } from '../../engine/delete.ts'
import { Graph, type RunContext } from '../../engine/graph.ts'
import type { ResourceOutcome } from '../../engine/outcome.ts'
import type { Answers } from './answers.ts'
import { runSetup } from './graph.ts'
import type { SetupGraph, SetupServices } from './services.ts'
import type { Session } from './session.ts'
import type { Settings } from './settings.ts'

/** @returns the exit code */
export async function removeSetup(
  settings: Settings,
  context: RunContext<SetupServices>,
  answers: Answers,
  { say, warn, record }: Session
): Promise<number> {
  const graph: SetupGraph = new Graph({ ...context, done: () => undefined }, { fresh: true })
  await runSetup(graph, settings, context.services, true)
  // What could not be read may still be there: nothing is taken apart half known.
  const unread = graph.resources.filter(({ result }) => result === 'failed')
  for (const { problem } of unread) if (problem) warn(warning(problem))
  if (unread.length > 0) return 1
  const all = dependentsOf(graph)
  const credentials = [...graph.deletables.values()]
    .filter(({ which }) => which.resource === 'pipeline-trust')
    .flatMap(({ dependents }) => dependents.credentials ?? [])
  const plan = { ...planOf(graph, { ...all, credentials, repositories: [], identity: 'ours' }), later: NONE }
  if (plan.steps.length === 0) {
    say('There is nothing to remove.')
    return 0
  }
  const done: ResourceOutcome[] = []
  await deleteByPlan(plan, true, context, done)
  record(done)
  if (answers.isSet('dry-run')) return 0
  if (!answers.isSet('yes') && !(await answers.agrees('Remove it?'))) {
    say('Nothing was removed.')
    return 1
  }
  const removed: ResourceOutcome[] = []
  await deleteByPlan(plan, false, context, removed)
  record(removed)
  say("Argo CD's own access is still there: patless remove takes it away.")
  return removed.some(({ result }) => result === 'failed') ? 1 : 0
}

const NONE: ReadonlySet<never> = new Set()
