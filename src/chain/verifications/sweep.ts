/** Probes are taken away, and nothing else is: each is read, proved to be one, and deleted in the version that was read. */
import { whyForeignProbe } from '../../argocd/ownership.ts'
import type { Application, ArgocdObjects } from '../../services/kubernetes/argocd-objects.ts'
import { note, type Finding } from '../../core/finding.ts'
import { explain } from '../../diagnosis/catalogue.ts'
import { Cancelled } from '../../http/errors.ts'
import { classOf } from '../../http/retry.ts'
import { word } from '../../core/shell.ts'

/** How old a probe is, in ms, that no run waits for any more: twice what one waits unless it is told otherwise. */
const LEFTOVER = 600_000

/** How often a probe that changes between look and delete is looked at anew. */
const LOOKS = 5

/** Of a run that was killed. A younger one may be another run's, which asks Argo CD now. */
export function isLeftover({ marks }: Application): boolean {
  return Date.now() - marks.created > LEFTOVER
}

/**
 * Deletes a probe. What cannot be deleted, or is none any more, is noted: it is no word on the access.
 *
 * @param made uid of the one that this run made
 * @throws {Cancelled} when the run is being stopped
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
      report(left(namespace, name, explain(error).summary))
      return
    }
  }
}

function left(namespace: string, name: string, why: string): Finding {
  return note({
    id: 'verification/probe-left',
    summary: `The Application ${namespace}/${name}, made to ask Argo CD, was left: ${why}`,
    remedy: `look at it, then delete it: kubectl -n ${word(namespace)} delete application ${word(name)}`
  })
}
