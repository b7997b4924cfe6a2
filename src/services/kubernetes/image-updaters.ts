/**
 * The resources of Argo CD Image Updater since 1.0 (argocd-image-updater.argoproj.io/v1alpha1): with which credentials it
 * commits, `writeBackConfig` of the whole resource or of one of its `applicationRefs`.
 */
import { HttpProblem } from '../../http/errors.ts'
import { recordOf } from '../../http/request.ts'
import type { Kubernetes, ObjectKind } from './api.ts'
import { marksOf } from './marks.ts'

const UPDATERS: ObjectKind = {
  group: 'argocd-image-updater.argoproj.io',
  version: 'v1alpha1',
  plural: 'imageupdaters'
}

/** How the images of some Applications are written back. */
export interface WriteBack {
  /** Of the resource. */
  readonly namespace: string
  /** As written: `git`, `git:secret:<namespace>/<name>`, … */
  readonly method: string
  /** Empty: that of the Applications. */
  readonly repository: string
  /** Name of Applications of that namespace, with `*`. */
  readonly applications: string
}

/**
 * @param namespace undefined: the whole cluster
 * @returns none where Image Updater is not installed, or older
 * @throws {HttpProblem} 403 where the login may not list them
 */
export async function imageUpdaters(api: Kubernetes, namespace: string | undefined): Promise<WriteBack[]> {
  const found: WriteBack[] = []
  try {
    await api.listObjects(UPDATERS, namespace, (item) => {
      found.push(...writeBacksIn(recordOf(item)))
    })
  } catch (error) {
    if (!(error instanceof HttpProblem) || error.status !== 404) throw error
  }
  for (const { repository } of found) api.maskCredentials(repository)
  return found
}

function writeBacksIn({ metadata, spec }: Record<string, unknown>): WriteBack[] {
  const { namespace } = marksOf(metadata)
  const { applicationRefs, writeBackConfig } = recordOf(spec)
  const refs = Array.isArray(applicationRefs) ? applicationRefs.map(recordOf) : []
  return refs.map((ref) => {
    const { method, gitConfig } = recordOf(ref['writeBackConfig'] ?? writeBackConfig)
    return {
      namespace,
      method: textOf(method),
      repository: textOf(recordOf(gitConfig)['repository']),
      applications: textOf(ref['namePattern'])
    }
  })
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
