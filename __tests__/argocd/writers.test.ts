/** Who wrote a field, by the API server's own records. */
import { describe, expect, test } from '@jest/globals'
import { managerOf } from '../../src/argocd/managers.ts'
import { writersOf } from '../../src/argocd/writers.ts'

const LABELS = ['spec', 'template', 'metadata', 'labels'] as const
const fields = (path: readonly string[]): object =>
  path.toReversed().reduce<object>((inner, part) => ({ [`f:${part}`]: inner }), {})
const entry = (manager: string, time: string, path: readonly string[] = LABELS, more: object = {}) => ({
  manager,
  operation: 'Update',
  apiVersion: 'apps/v1',
  fieldsType: 'FieldsV1',
  fieldsV1: fields(path),
  time: time as unknown as Date,
  ...more
})

test.each([
  ['helm', 'Helm'],
  ['argocd-controller', 'Argo CD'],
  ['argocd-application-controller', 'Argo CD'],
  ['kustomize-controller', 'Flux'],
  ['helm-controller', 'Flux'],
  ['Terraform', 'Terraform'],
  ['HashiCorp', 'Terraform'],
  ['pulumi-kubernetes-0123', 'Pulumi'],
  ['kubectl-client-side-apply', 'kubectl apply'],
  ['kubectl-edit', 'kubectl edit'],
  ['kubectl-label', 'kubectl label'],
  ['before-first-apply', 'before-first-apply']
])('%s is %s', (manager, program) => {
  const managedFields = [entry(manager, '2026-01-31T10:15:30Z')]
  expect(writersOf({ managedFields }, ...LABELS)).toEqual([
    `${program} (field manager ${manager}, 2026-01-31 10:15 UTC)`
  ])
})

describe('the latest comes first, and only who wrote there', () => {
  test('by time, whatever the order of the list', () => {
    const managedFields = [
      entry('kubectl-edit', '2026-01-01T00:00:00Z'),
      entry('helm', '2026-03-01T00:00:00Z'),
      entry('kubectl-set', '2026-02-01T00:00:00Z')
    ]
    expect(writersOf({ managedFields }, ...LABELS).map((one) => one.split(' (')[0])).toEqual([
      'Helm',
      'kubectl set',
      'kubectl edit'
    ])
  })

  test('not the controllers of Kubernetes, Patless, the status, or another field', () => {
    const at = '2026-01-01T00:00:00Z'
    const managedFields = [
      entry('kube-controller-manager', at),
      entry('patless', at),
      entry('kubectl-edit', at, ['status', 'replicas'], { subresource: 'status' }),
      entry('kubectl-scale', at, ['spec', 'replicas']),
      { manager: 7 } as unknown as ReturnType<typeof entry>
    ]
    expect(writersOf({ managedFields }, ...LABELS)).toEqual([])
  })

  test('nothing where nothing is recorded, and one safe line whatever the name is', () => {
    expect(writersOf(undefined, ...LABELS)).toEqual([])
    expect(writersOf({ managedFields: 'x' as never }, ...LABELS)).toEqual([])
    const [said = ''] = writersOf({ managedFields: [entry('a\n::error::b\u202e', '2026-01-01T00:00:00Z')] })
    expect(said).not.toMatch(/[\n\u202e]/)
  })
})

test.each([
  ['helm', 'Helm'],
  ['argocd-controller', 'Argo CD'],
  ['kustomize-controller', 'Flux'],
  ['kubectl-client-side-apply', undefined]
])('without any mark, %s makes the object again: %s', (manager, kind) => {
  const found = managerOf({ name: 'x', managedFields: [entry(manager, '2026-01-01T00:00:00Z')] })
  expect(found?.kind).toBe(kind)
  if (kind !== undefined) expect(found?.who).toContain(`field manager ${manager}`)
})
