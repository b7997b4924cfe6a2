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
import type { FindingFacts } from '../../core/finding.ts'
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
  const config = new kubernetes.OneContextKubeConfig()
  config.loadFromClusterAndUser(cluster, user)
  const configuration = kubernetes.createConfiguration({
    baseServer: new kubernetes.ServerConfiguration(server, {}),
    authMethods: { default: config },
    promiseMiddleware: [guardRequests(new URL(server).origin, wire, read)]
  })
  return apisOf(kubernetes, configuration, new URL(server).host)
}

/** In place of the API server, which no request leaves for. */
const BY_COMMANDS = 'https://commands.invalid'

/**
 * The same, through commands that Azure runs in the cluster.
 *
 * @param run a script; resolves with what it printed. @param refused why nothing may be written; undefined: it may
 * @param name of the cluster
 */
export async function logInByCommands(
  run: (script: string) => Promise<string>,
  refused: FindingFacts | undefined,
  name: string
): Promise<Apis> {
  const [kubernetes, { KubectlHttp }] = await Promise.all([
    import('./sdk.ts'),
    import('./run-command/http.ts')
  ])
  const configuration = kubernetes.createConfiguration({
    baseServer: new kubernetes.ServerConfiguration(BY_COMMANDS, {}),
    httpApi: kubernetes.wrapHttpLibrary(new KubectlHttp(run, refused, kubernetes.ResponseContext))
  })
  return apisOf(kubernetes, configuration, `${name} (by commands)`)
}

function apisOf(
  kubernetes: typeof import('./sdk.ts'),
  configuration: ReturnType<typeof kubernetes.createConfiguration>,
  host: string
): Apis {
  return {
    core: new kubernetes.CoreV1Api(configuration),
    apps: new kubernetes.AppsV1Api(configuration),
    authorization: new kubernetes.AuthorizationV1Api(configuration),
    custom: new kubernetes.CustomObjectsApi(configuration),
    merge: kubernetes.setHeaderOptions('Content-Type', kubernetes.PatchStrategy.MergePatch),
    host
  }
}
