/**
 * Turns a kubeconfig into the official client's APIs. The client is the largest part of the bundle, so it loads lazily.
 */
import type {
  AppsV1Api,
  AuthorizationV1Api,
  ConfigurationOptions,
  CoreV1Api,
  CustomObjectsApi
} from '@kubernetes/client-node'
import type { Wire } from '../../http/request.ts'
import { guardRequests } from './guard.ts'
import { readAccess, type Credentials, type Kubeconfig } from './kubeconfig.ts'

export interface Apis {
  readonly core: CoreV1Api
  readonly apps: AppsV1Api
  readonly authorization: AuthorizationV1Api
  readonly custom: CustomObjectsApi
  /** Options of a patch whose body is a merge patch. */
  readonly merge: ConfigurationOptions
  readonly host: string
}

/** @param read counts the bytes of all answers */
export async function logInToCluster(
  readKubeconfig: () => Promise<Kubeconfig>,
  credentials: Credentials,
  wire: Wire,
  read: { bytes: number }
): Promise<Apis> {
  const [kubeconfig, kubernetes] = await Promise.all([readKubeconfig(), import('./sdk.ts')])
  const { cluster, user } = await readAccess(kubeconfig, kubernetes.load, credentials, wire)
  const { server } = cluster
  const config = new kubernetes.KubeConfig()
  config.loadFromClusterAndUser(cluster, user)
  const configuration = kubernetes.createConfiguration({
    baseServer: new kubernetes.ServerConfiguration(server, {}),
    authMethods: { default: config },
    promiseMiddleware: [guardRequests(new URL(server).origin, wire, read)]
  })
  return {
    core: new kubernetes.CoreV1Api(configuration),
    apps: new kubernetes.AppsV1Api(configuration),
    authorization: new kubernetes.AuthorizationV1Api(configuration),
    custom: new kubernetes.CustomObjectsApi(configuration),
    merge: kubernetes.setHeaderOptions('Content-Type', kubernetes.PatchStrategy.MergePatch),
    host: new URL(server).host
  }
}
