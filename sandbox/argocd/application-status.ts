/** What the application controller writes into an Application's status. */
import { isDeepStrictEqual } from 'node:util'
import { glob, type ApplicationSpec, type Condition, type Source } from './projects.ts'

export interface Status {
  readonly sync?: {
    readonly status: string
    readonly revision?: string
    readonly comparedTo?: { readonly source?: Source; readonly destination?: unknown }
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
  const { source, destination } = spec
  return {
    ...before,
    conditions: dated(before, [{ type: 'ComparisonError', message }]),
    controllerNamespace: namespace,
    health: { status: 'Unknown' },
    reconciledAt: now(),
    sync: { status: 'Unknown', comparedTo: { source, destination } } as NonNullable<Status['sync']>
  }
}

/** The twin applies nothing, so all resources of a path are missing in the cluster. */
export function compared(
  before: Status,
  spec: ApplicationSpec,
  namespace: string,
  { revision, files }: { revision: string; files: readonly string[] }
): Status {
  const { source, destination } = spec
  const kustomize = source?.directory === undefined && files.includes('kustomization.yaml')
  const objects = kustomize || files.some((name) => isManifest(name, source))
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
      revision,
      comparedTo: { source, destination }
    } as NonNullable<Status['sync']>
  }
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
