/**
 * The parts of the official client that Patless uses: loaded together on first use; the rest stays out of the bundle.
 */
import '../../http/older-node.ts'
import { createSecureContext, type SecureContext } from 'node:tls'
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'
export { PatchStrategy } from '@kubernetes/client-node/dist/patch.js'
export { setHeaderOptions } from '@kubernetes/client-node/dist/middleware.js'
export { ObjectCoreV1Api as CoreV1Api } from '@kubernetes/client-node/dist/gen/types/ObjectParamAPI.js'
export { ObjectAppsV1Api as AppsV1Api } from '@kubernetes/client-node/dist/gen/types/ObjectParamAPI.js'
export { ObjectAuthorizationV1Api as AuthorizationV1Api } from '@kubernetes/client-node/dist/gen/types/ObjectParamAPI.js'
export { ObjectCustomObjectsApi as CustomObjectsApi } from '@kubernetes/client-node/dist/gen/types/ObjectParamAPI.js'
export { load } from 'js-yaml'
export { createConfiguration } from '@kubernetes/client-node/dist/gen/configuration.js'
export { ServerConfiguration } from '@kubernetes/client-node/dist/gen/servers.js'
export { ResponseContext, wrapHttpLibrary } from '@kubernetes/client-node/dist/gen/http/http.js'

/** Reads the cluster's authorities once, not for each of the connections that are opened side by side. */
export class OneContextKubeConfig extends KubeConfig {
  #secureContext: SecureContext | undefined
  override createDispatcherOptions(
    ...given: Parameters<KubeConfig['createDispatcherOptions']>
  ): ReturnType<KubeConfig['createDispatcherOptions']> {
    const options = super.createDispatcherOptions(...given)
    if (options.type !== 'agent') return options
    this.#secureContext ??= createSecureContext(options.connect)
    return { ...options, connect: { ...options.connect, secureContext: this.#secureContext } }
  }
}
