/** What the application controller writes into an Application's status. */
import { isDeepStrictEqual } from 'node:util'
import { glob, sourcesOf, type ApplicationSpec, type Condition, type Source } from './projects.ts'

export interface Status {
  readonly sync?: {
    readonly status: string
    readonly revision?: string
    /** Instead of `revision`, of an Application with several sources. */
    readonly revisions?: readonly string[]
    readonly comparedTo?: {
      readonly source?: Source
      readonly sources?: readonly Source[]
      readonly destination?: unknown
    }
  }
  readonly conditions?: readonly (Condition & { readonly lastTransitionTime: string })[]
  readonly reconciledAt?: string
  readonly [more: string]: unknown
}

/** Not compared: the previous status stays, including `reconciledAt`. */
export function invalid(before: Status, problems: readonly Condition[]): Status {
  return {
    ...before,
    conditions: dated(before, problems),
    health: { status: 'Unknown' },
    sync: { ...before.sync, status: 'Unknown' }
  }
}

/** The comparison failed, because the repository could not be read. */
export function unreadable(
  before: Status,
  spec: ApplicationSpec,
  namespace: string,
  message: string
): Status {
  return {
    ...before,
    conditions: dated(before, [{ type: 'ComparisonError', message }]),
    controllerNamespace: namespace,
    health: { status: 'Unknown' },
    reconciledAt: now(),
    sync: { status: 'Unknown', comparedTo: comparedTo(spec) }
  }
}

/** The twin applies nothing, so all resources of a path are missing in the cluster. */
export function compared(
  before: Status,
  spec: ApplicationSpec,
  namespace: string,
  targets: readonly { readonly revision: string; readonly files: readonly string[] }[]
): Status {
  const sources = sourcesOf(spec)
  const kustomized = targets.map(
    ({ files }, at) => sources[at]?.directory === undefined && files.includes('kustomization.yaml')
  )
  const kustomize = kustomized.includes(true)
  const objects =
    kustomize || targets.some(({ files }, at) => files.some((name) => isManifest(name, sources[at])))
  const revisions = targets.map(({ revision }) => revision)
  const { conditions, ...kept } = before
  return {
    ...kept,
    ...((conditions?.length ?? 0) > 0 ? { conditions: [] } : {}),
    controllerNamespace: namespace,
    health: { status: objects ? 'Missing' : 'Healthy' },
    reconciledAt: now(),
    sourceType: kustomize ? 'Kustomize' : 'Directory',
    sync: {
      status: objects ? 'OutOfSync' : 'Synced',
      ...((spec.sources ?? []).length > 0 ? { revisions } : { revision: revisions[0] ?? '' }),
      comparedTo: comparedTo(spec)
    }
  }
}

function comparedTo({ source, sources = [], destination }: ApplicationSpec): object {
  return sources.length > 0 ? { sources, destination } : { source, destination }
}

function isManifest(name: string, source: Source | undefined): boolean {
  const { include = '', exclude = '' } = source?.directory ?? {}
  if (!/\.(?:ya?ml|json)$/.test(name)) return false
  if (exclude !== '' && glob(exclude, name, '')) return false
  return include === '' || glob(include, name, '')
}

/** A condition that stays keeps its time. */
function dated(before: Status, conditions: readonly Condition[]): NonNullable<Status['conditions']> {
  return conditions.map((one) => {
    const same = before.conditions?.find(({ type, message }) => isDeepStrictEqual({ type, message }, one))
    return { ...one, lastTransitionTime: same?.lastTransitionTime ?? now() }
  })
}

/** Kubernetes writes seconds. */
function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`
}
