/** What exists next to a Deployment in its namespace, as far as the login may read it. */
import type { V1Deployment, V1Service } from '@kubernetes/client-node'
import { HttpProblem } from '../../http/errors.ts'
import type { Kubernetes } from './api.ts'

/** Each is undefined where the login may not read it, which does not mean that it is absent. */
export interface Surroundings {
  readonly services: readonly V1Service[] | undefined
  readonly statefulSets: readonly V1Deployment[] | undefined
  /** Whether the requested ConfigMap exists. */
  readonly configured: boolean | undefined
}

/** One round trip. @param configMap its name */
export async function surroundings(
  api: Kubernetes,
  namespace: string,
  configMap: string
): Promise<Surroundings> {
  const [services, statefulSets, configured] = await Promise.all([
    ifAllowed(api.services(namespace)),
    ifAllowed(api.statefulSets(namespace)),
    ifAllowed(api.hasConfigMap(namespace, configMap))
  ])
  return { services, statefulSets, configured }
}

async function ifAllowed<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof HttpProblem && error.status === 403) return undefined
    throw error
  }
}
