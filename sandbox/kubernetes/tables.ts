/** For kubectl only: the output of `kubectl get`, whose columns the server chooses. */
import type { V1Deployment, V1Pod } from '@kubernetes/client-node'
import type { Kind, KubeObject } from './objects.ts'

interface Column {
  readonly name: string
  readonly cell: (object: KubeObject) => string | number
}

const age: Column = { name: 'Age', cell: ({ metadata }) => ageOf(metadata.creationTimestamp) }
const name: Column = { name: 'Name', cell: ({ metadata }) => metadata.name }

const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  pods: [
    name,
    { name: 'Ready', cell: (object) => readyOf(object as unknown as V1Pod) },
    { name: 'Status', cell: (object) => (object as unknown as V1Pod).status?.phase ?? 'Pending' },
    { name: 'Restarts', cell: () => 0 },
    age
  ],
  deployments: [
    name,
    { name: 'Ready', cell: (object) => replicasOf(object as unknown as V1Deployment) },
    {
      name: 'Up-to-date',
      cell: (object) => (object as unknown as V1Deployment).status?.updatedReplicas ?? 0
    },
    {
      name: 'Available',
      cell: (object) => (object as unknown as V1Deployment).status?.availableReplicas ?? 0
    },
    age
  ],
  secrets: [
    name,
    { name: 'Type', cell: ({ type }) => (typeof type === 'string' ? type : 'Opaque') },
    { name: 'Data', cell: ({ data }) => Object.keys((data as object | undefined) ?? {}).length },
    age
  ],
  serviceaccounts: [name, { name: 'Secrets', cell: () => 0 }, age],
  namespaces: [name, { name: 'Status', cell: () => 'Active' }, age]
}

export function tableOf(kind: Kind, objects: readonly KubeObject[], resourceVersion: string): unknown {
  const columns = COLUMNS[kind.resource] ?? [name, age]
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion },
    columnDefinitions: columns.map((column) => ({
      name: column.name,
      type: 'string',
      format: column.name === 'Name' ? 'name' : '',
      description: '',
      priority: 0
    })),
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object)),
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata }
    }))
  }
}

function readyOf({ spec, status }: V1Pod): string {
  const ready = (status?.containerStatuses ?? []).filter((one) => one.ready).length
  return `${ready}/${spec?.containers.length ?? 0}`
}

function replicasOf({ spec, status }: V1Deployment): string {
  return `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 1}`
}

function ageOf(created: string | undefined): string {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(created ?? '')) / 1000))
  return seconds < 120 ? `${seconds}s` : `${Math.floor(seconds / 60)}m`
}
