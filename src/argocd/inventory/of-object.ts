/** The facts about the object that holds a credential: reference, owner, age. */
import type { V1Secret } from '@kubernetes/client-node'
import { changedAt } from '../../services/kubernetes/changed.ts'
import { marksOf, type Marks } from '../../services/kubernetes/marks.ts'
import { managerOf } from '../managers.ts'
import type { FoundCredential, ObjectRef } from './credential.ts'

export function refOf({ namespace, name, version }: Marks, kind: ObjectRef['kind'] = 'Secret'): ObjectRef {
  return { kind, namespace, name, ...version }
}

type OfObject = Pick<FoundCredential, 'ref' | 'manager' | 'immutable' | 'createdAt' | 'changedAt'>

export function objectOf({ metadata, immutable }: V1Secret): OfObject {
  const marks = marksOf(metadata)
  return {
    ref: refOf(marks),
    manager: managerOf(metadata),
    immutable: immutable === true,
    ...agesOf(marks, changedAt(metadata))
  }
}

/** A Secret that is only named by another object. */
export function unreadSecret(namespace: string, name: string): OfObject {
  const ref: ObjectRef = { kind: 'Secret', namespace, name, uid: '', resourceVersion: '' }
  return { ref, manager: undefined, immutable: false, createdAt: undefined, changedAt: undefined }
}

export function agesOf(
  { created }: Marks,
  changed: number | undefined
): Pick<FoundCredential, 'createdAt' | 'changedAt'> {
  const createdAt = Number.isNaN(created) ? undefined : created
  return { createdAt, changedAt: changed ?? createdAt }
}
