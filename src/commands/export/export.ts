/** `mode: export`: writes what exists as Bicep, Terraform and a script of az and kubectl. Changes nothing. */
import { runChain } from '../../chain/graph.ts'
import type { ChainGraph } from '../../chain/resource.ts'
import type { DesiredChain } from '../../config/desired.ts'
import { Graph, type RunContext } from '../../engine/graph.ts'
import { outcomeOf } from '../../engine/judge.ts'
import type { Reporter } from '../../report/events.ts'
import type { Ended } from '../../report/report.ts'
import type { Services } from '../../services/services.ts'
import { input } from '../../core/input-name.ts'
import type { Finding } from '../../core/finding.ts'
import { bicepOf } from './bicep.ts'
import { gather } from './exported.ts'
import { scriptOf } from './script.ts'
import { terraformOf } from './terraform.ts'

export async function exportChain(
  desired: DesiredChain,
  context: RunContext<Services>,
  { phase }: Pick<Reporter, 'phase'>
): Promise<Ended> {
  const { services, policy } = context
  const spec: DesiredChain = { ...desired, mode: 'check', verification: 'none' }
  const graph: ChainGraph = new Graph(context, { verifies: false })
  return phase('read', async () => {
    const known = await runChain(graph, spec, services, policy)
    const outcome = await outcomeOf('export', graph, [])
    // What could not be read would be left out without a word.
    if (outcome.resources.some(({ result }) => result === 'failed')) return { outcome }
    const { exported, findings } = await gather(spec, known, services)
    if (!exported) return { outcome, findings: [nothing(desired)] }
    const exports = {
      'main.bicep': bicepOf(exported),
      'main.tf': terraformOf(exported),
      'export.sh': scriptOf(exported)
    }
    return { outcome, findings, exports }
  })
}

function nothing({ identity: { name }, cluster }: DesiredChain): Finding {
  return {
    id: 'export/nothing',
    severity: 'error',
    summary: `There is nothing to export for ${cluster.name}: the managed identity ${name} does not exist.`,
    expected: name,
    actual: 'nothing',
    remedy: `set ${input('identity-name')} to the one that Argo CD uses, or run with ${input('mode', 'apply')} first`
  }
}
