/**
 * Login plugins of a kubeconfig. Patless runs none. kubelogin only fetches a token that this run can fetch itself, so
 * its users get that token. The token is for AKS, so no other server gets it (Azure/kubelogin, concepts/aks).
 */
import { Problem } from '../../core/finding.ts'
import { safe } from '../../http/errors.ts'
import { AKS_SCOPE } from '../endpoints.ts'
import type { KubeconfigUser } from './kubeconfig-shapes.ts'
import { word } from '../../core/shell.ts'
import { input } from '../../core/input-name.ts'

const AKS_SERVER = AKS_SCOPE.split('/')[0]
/**
 * API servers of AKS, private link included: public cloud, US government, China (AKS: required FQDNs, private
 * clusters).
 */
const AKS_HOST =
  /^(?:[a-z0-9-]+\.)+(?:azmk8s\.io|cx\.aks\.containerservice\.azure\.us|cx\.prod\.service\.azk8s\.cn)$/i

/**
 * Whether the user of a kubeconfig needs the Entra token for AKS.
 *
 * @returns false for a user without a plugin.
 * @throws {Problem} for another plugin, another application's token, or a server that is not AKS.
 */
export function needsEntraToken(
  user: KubeconfigUser,
  place: { readonly server: string; readonly context: string; readonly anyServer: boolean }
): boolean {
  const { exec, 'auth-provider': provider } = user
  if (!exec && !provider) return false
  const application = exec ? kubeloginServer(exec) : azureServer(provider)
  const plugin = safe(exec?.command ?? provider?.name ?? '', 100)
  if (application === undefined) throw otherPlugin(plugin, place.context)
  if (application.toLowerCase() !== AKS_SERVER) throw otherApplication(application, place.context)
  const { hostname } = new URL(place.server)
  if (place.anyServer || AKS_HOST.test(hostname)) return true
  throw notAks(hostname, place.context)
}

/** @returns the application that the token is for; undefined unless this is `kubelogin get-token`. */
function kubeloginServer({
  command,
  args
}: {
  readonly command: string
  readonly args?: readonly string[] | null | undefined
}): string | undefined {
  const given = args ?? []
  const program = command.split(/[\\/]/).at(-1)?.toLowerCase()
  if ((program !== 'kubelogin' && program !== 'kubelogin.exe') || given[0] !== 'get-token') return undefined
  const at = given.findIndex((one) => one === '--server-id' || one.startsWith('--server-id='))
  if (at === -1) return AKS_SERVER
  const [, inOne] = given[at]?.split('=') ?? []
  return inOne ?? given[at + 1] ?? ''
}

/** The plugin that was part of kubectl up to 1.25. */
function azureServer(provider: KubeconfigUser['auth-provider']): string | undefined {
  if (provider?.name !== 'azure') return undefined
  const application = provider.config?.['apiserver-id']
  if (typeof application !== 'string') return AKS_SERVER
  // Old kubeconfigs write `spn:<id>`.
  return application.replace(/^spn:/, '')
}

/** Commands for a login without a plugin: a token of the cluster itself, for the account that the how-to pages make. */
function boundToken(context: string): string {
  return [
    'kubectl config set-credentials patless --token="$(kubectl -n argocd create token patless --duration=1h)"',
    `kubectl config set-context ${word(safe(context, 100))} --user=patless`
  ].join('\n')
}

const BOUND_TOKEN = 'use a bound token of the service account patless'

const LINK = 'https://kubernetes.io/docs/reference/kubectl/generated/kubectl_create/kubectl_create_token/'

function otherPlugin(plugin: string, context: string): Problem {
  return new Problem({
    id: 'kubeconfig/plugin-foreign',
    summary: `The kubeconfig logs in with the plugin ${plugin}. Patless does not run it, because it could be any program, with the rights of this job. The Entra token of this run is not for that cluster either.`,
    expected: 'kubelogin get-token for an AKS cluster, a token, or a client certificate',
    actual: plugin,
    remedy: BOUND_TOKEN,
    command: boundToken(context),
    link: LINK
  })
}

function otherApplication(application: string, context: string): Problem {
  return new Problem({
    id: 'kubeconfig/plugin-other-application',
    summary: 'The kubeconfig asks kubelogin for a token of an application that is not the API server of AKS.',
    expected: `--server-id ${AKS_SERVER ?? ''}`,
    actual: safe(application, 60),
    remedy: `leave out ${input('kubeconfig')}, so that Patless uses the one from AKS; or ${BOUND_TOKEN}`,
    command: boundToken(context)
  })
}

function notAks(host: string, context: string): Problem {
  return new Problem({
    id: 'kubeconfig/plugin-not-aks',
    summary: `The kubeconfig asks for an Entra token for ${host}, which is not an API server of AKS. Patless does not send the token there.`,
    expected: 'a server under azmk8s.io, or its equivalent in another cloud',
    actual: host,
    remedy: `leave out ${input('kubeconfig')}, so that AKS itself names the server; or ${BOUND_TOKEN}`,
    command: boundToken(context),
    link: LINK
  })
}
