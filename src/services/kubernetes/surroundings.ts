/** What stands beside a Deployment in its namespace, as far as the login may look. */
import type { V1Deployment, V1Service } from '@kubernetes/client-node'
import { HttpProblem } from '../../http/errors.ts'
import type { Kubernetes } from './api.ts'

/** Each undefined where the login may not read it: not known is not absent. */
export interface Surroundings {
  readonly services: readonly V1Service[] | undefined
  readonly statefulSets: readonly V1Deployment[] | undefined
  /** Whether there is the ConfigMap that was asked for. */
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
