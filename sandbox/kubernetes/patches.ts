/** The four kinds of patch. Strategic merge knows the list keys that pods and containers use. */
import { parse } from 'yaml'
import { StatusError, type KubeObject } from './objects.ts'

type Fields = Record<string, unknown>

export function patched(object: KubeObject, contentType: string, text: string): KubeObject {
  const type = contentType.split(';')[0]?.trim()
  if (type === 'application/json-patch+json') return jsonPatch(object, JSON.parse(text) as Operation[])
  const patch = (type === 'application/apply-patch+yaml' ? parse(text) : JSON.parse(text)) as Fields
  if (type === 'application/merge-patch+json') return merge(object, patch, false) as KubeObject
  if (type === 'application/apply-patch+yaml') return merge(object, patch, true) as KubeObject
  // Custom resources do not support strategic merge.
  if (type === 'application/strategic-merge-patch+json' && !object.apiVersion.startsWith('argoproj.io/'))
    return merge(object, patch, true) as KubeObject
  throw new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})
}

/** RFC 7396, and lists by their key when strategic. */
function merge(target: unknown, patch: unknown, strategic: boolean, field = ''): unknown {
  if (Array.isArray(patch))
    return strategic && Array.isArray(target) ? mergeLists(target, patch, field) : patch
  if (!isFields(patch)) return patch
  const result: Fields = isFields(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue
    if (value === null) Reflect.deleteProperty(result, key)
    else result[key] = merge(result[key], value, strategic, key)
  }
  return result
}

const LIST_KEYS: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  ports: 'containerPort',
  conditions: 'type',
  ownerReferences: 'uid'
}

function mergeLists(target: readonly unknown[], patch: readonly unknown[], field: string): unknown[] {
  const key = LIST_KEYS[field]
  if (key === undefined) return [...patch]
  const result = [...target]
  for (const item of patch.filter(isFields)) {
    const index = result.findIndex((one) => isFields(one) && one[key] === item[key])
    if (item['$patch'] === 'delete') {
      if (index >= 0) result.splice(index, 1)
    } else if (index >= 0) result[index] = merge(result[index], item, true)
    else result.push(item)
  }
  return result
}

interface Operation {
  readonly op: string
  readonly path: string
  readonly value?: unknown
}

/** RFC 6902: add, replace, remove, test. */
function jsonPatch(object: KubeObject, operations: readonly Operation[]): KubeObject {
  const result = structuredClone(object)
  for (const { op, path, value } of operations) {
    const keys = path
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    const last = keys.pop() ?? ''
    let parent: unknown = result
    for (const key of keys) parent = (parent as Fields | undefined)?.[key]
    if (typeof parent !== 'object' || parent === null) {
      throw new StatusError(
        422,
        'Invalid',
        `the server rejected our request due to an error in our request: doc is missing path: ${path}`
      )
    }
    if (op === 'test') {
      if (JSON.stringify((parent as Fields)[last]) !== JSON.stringify(value))
        throw new StatusError(422, 'Invalid', `testing path ${path} failed`)
    } else if (Array.isArray(parent)) {
      const index = last === '-' ? parent.length : Number(last)
      parent.splice(index, op === 'add' ? 0 : 1, ...(op === 'remove' ? [] : [value]))
    } else if (op === 'remove') Reflect.deleteProperty(parent, last)
    else (parent as Fields)[last] = value
  }
  return result
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
