/**
 * Deletes probes and nothing else. Each is read, checked to be a probe, and deleted only in the version that was read.
 */
import { whyForeignProbe } from '../../argocd/ownership.ts'
import type { Application, ArgocdObjects } from '../../services/kubernetes/argocd-objects.ts'
import { note, type Finding } from '../../core/finding.ts'
import { explain } from '../../diagnosis/explain.ts'
import { Cancelled } from '../../http/errors.ts'
import { classOf } from '../../http/retry.ts'
import { word } from '../../core/shell.ts'

/** Age in ms at which no run waits for a probe any more: twice the default wait. */
const LEFTOVER = 600_000

/** How often a probe is read when it keeps changing between read and delete. */
const LOOKS = 5

/** A killed run left it. A younger probe may belong to another run that is asking Argo CD now. */
export function isLeftover({ marks }: Application): boolean {
  return Date.now() - marks.created > LEFTOVER
}

/**
 * Deletes a probe. If it cannot be deleted or is no longer a probe, this is noted; it says nothing about access.
 *
 * @param made uid of the probe that this run created
 * @throws {Cancelled} when the run is being cancelled
 */
export async function sweepProbes(
  { namespace, name }: Pick<Application, 'namespace' | 'name'>,
  api: ArgocdObjects,
  report: (finding: Finding) => void,
  made?: string
): Promise<void> {
  for (let looked = 1; ; looked += 1) {
    try {
      const found = await api.application(namespace, name)
      if (!found) return
      const why = whyForeignProbe(found, namespace, made)
      if (why === undefined) await api.deleteApplication(namespace, name, found.marks.version)
      else report(left(namespace, name, why))
      return
    } catch (error) {
      if (error instanceof Cancelled) throw error
      if (classOf(error) === 'conflict' && looked < LOOKS) continue
      report(left(namespace, name, (await explain(error)).summary))
      return
    }
  }
}

function left(namespace: string, name: string, why: string): Finding {
  return note({
    id: 'verification/probe-left',
    summary: `The Application ${namespace}/${name}, made to ask Argo CD, was left: ${why}`,
    remedy: 'look at it, then delete it',
    command: `kubectl -n ${word(namespace)} delete application ${word(name)}`
  })
}
