/**
 * A line of the input `registries`: a login server of Azure Container Registry, with the path of a Helm repository in it
 * and a chart to read, if any, and the registry's ARM id where it is in another subscription.
 */
import { GUID } from './patterns.ts'

/** A repository of charts. */
export interface RegistryReference {
  /** The login server, in lower case. */
  readonly host: string
  /** As Argo CD names the Helm repository: without a scheme, and without a slash at the end. */
  readonly url: string
  /** A chart in it, to be read by the verification. */
  readonly chart?: Chart
  /** The registry in ARM, where the line names it. */
  readonly id?: string
}

export interface Chart {
  /** With the path of its repository, without the host. */
  readonly path: string
  readonly version: string
}

export class InvalidRegistry extends Error {
  override readonly name = 'InvalidRegistry'
  readonly problem: string
  readonly remedy: string
  constructor(problem: string, remedy: string) {
    super(problem)
    this.problem = problem
    this.remedy = remedy
  }
}

/** Names have 5 to 50 letters and digits; with a domain name label, a hyphen and a hash follow (Azure/acr). */
const NAME = '[a-z0-9]{5,50}(?:-[a-z0-9]{1,32})?'
const HOST = new RegExp(`^${NAME}\\.azurecr\\.io$`)
const OTHER_CLOUD = /(?:^|\.)azurecr\.(cn|us)$/
/** Paths and tags of OCI (opencontainers/distribution-spec). */
const PATH = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/
const VERSION = /^\w[\w.+-]{0,127}$/
const ID = new RegExp(
  `^/subscriptions/${GUID.source.slice(1, -1)}/resourceGroups/[\\p{L}\\p{N}_().-]{0,89}[\\p{L}\\p{N}_()-]/providers/Microsoft\\.ContainerRegistry/registries/([a-z0-9]{5,50})$`,
  'iu'
)

const FORM =
  'Write e.g. contoso.azurecr.io, contoso.azurecr.io/charts or contoso.azurecr.io/charts/app:1.2.3.'

/** @throws {InvalidRegistry} */
export function parseRegistry(line: string): RegistryReference {
  const [first = '', second, ...more] = line.split(/\s+/)
  if (more.length > 0) throw new InvalidRegistry(`"${line}" has more than two words.`, FORM)
  const [, named] = ID.exec(first) ?? []
  if (named !== undefined && second === undefined) {
    const host = `${named.toLowerCase()}.azurecr.io`
    return { host, url: host, id: first }
  }
  if (second !== undefined && !ID.test(second))
    throw new InvalidRegistry(
      `"${second}" is not the resource id of a container registry.`,
      'Write it as az acr show --query id prints it, or leave it out.'
    )
  const id = second === undefined ? {} : { id: second }
  return { ...placeOf(first), ...id }
}

function placeOf(text: string): RegistryReference {
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text) ?? []
  if (scheme?.toLowerCase() === 'oci')
    throw new InvalidRegistry(
      `"${text}" is for a repository of type oci, for which Argo CD cannot use workload identity (argo-cd #26045).`,
      'Leave out oci://: then Argo CD connects it as a Helm repository, with the same charts.'
    )
  if (scheme !== undefined)
    throw new InvalidRegistry(
      `"${text}" has a scheme.`,
      'Leave it out: Argo CD names such repositories without one.'
    )
  const [server = '', ...segments] = text.split('/')
  const host = server.toLowerCase()
  assertHost(host, text)
  const rest = segments.join('/')
  if (rest === '') {
    if (segments.length > 0) throw new InvalidRegistry(`"${text}" ends with a slash.`, 'Leave it out.')
    return { host, url: host }
  }
  const [, path = '', version] = /^([^:]*)(?::(.*))?$/s.exec(rest) ?? []
  if (path !== path.toLowerCase())
    throw new InvalidRegistry(`"${text}" has capital letters.`, 'Paths in a registry have none.')
  if (!PATH.test(path)) throw new InvalidRegistry(`"${text}" is not a path in a registry.`, FORM)
  if (version === undefined) return { host, url: `${host}/${path}` }
  if (!VERSION.test(version))
    throw new InvalidRegistry(`"${text}" has no version of a chart after the colon.`, FORM)
  const parent = path.split('/').slice(0, -1).join('/')
  return { host, url: parent === '' ? host : `${host}/${parent}`, chart: { path, version } }
}

function assertHost(host: string, text: string): void {
  if (HOST.test(host)) return
  const [, cloud] = OTHER_CLOUD.exec(host) ?? []
  if (cloud !== undefined)
    throw new InvalidRegistry(
      `"${text}" is in Azure ${cloud === 'cn' ? 'China' : 'Government'}, where no token of the public cloud is accepted; an identity that reads Azure DevOps is in the public cloud.`,
      'Import the charts into a registry of the public cloud (az acr import), or connect this one by other means.'
    )
  const [, name] =
    /^([a-z0-9-]+)\.(?:[a-z0-9]+\.data|privatelink|[a-z0-9]+\.geo)\.azurecr\.io$/.exec(host) ?? []
  if (name !== undefined)
    throw new InvalidRegistry(`"${host}" is not the login server.`, `Write ${name}.azurecr.io.`)
  throw new InvalidRegistry(
    `"${text}" is not a registry of Azure.`,
    `${FORM} Registries of others know no identity of Azure.`
  )
}
