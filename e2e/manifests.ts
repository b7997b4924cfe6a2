/** Manifests that projects publish: YAML files of objects. */
import { readFile } from 'node:fs/promises'
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../sandbox/kubernetes/objects.ts'
import type { Kube } from './kube.ts'

export async function readManifests(file: string | URL): Promise<KubeObject[]> {
  const documents = parseAllDocuments(await readFile(file, 'utf8'))
  return documents.map((one) => one.toJS() as KubeObject | null).filter((one) => one !== null)
}

/** Namespaced objects go into `namespace` unless they name one. */
export async function applyAll(
  kube: Kube,
  objects: readonly KubeObject[],
  namespace?: string
): Promise<void> {
  for (const object of objects) {
    const metadata = { ...(namespace === undefined ? {} : { namespace }), ...object.metadata }
    await kube.apply({ ...object, metadata })
  }
}
