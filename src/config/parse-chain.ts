/** The inputs of the modes about a whole chain. */
import { isComplete, refuseForConnected, requireLocation } from './cluster-rules.ts'
import type { DesiredApplication, DesiredChain, DesiredCluster } from './desired.ts'
import { dropUndefined } from './drop-undefined.ts'
import { parseIdentityPlace } from './identity-rules.ts'
import type { Fault, Values } from './inputs.ts'
import type { GivenInputs, OfMode } from './given-inputs.ts'
import { parseRegistries } from './registry-rules.ts'
import { organizationsOf, parseRepositories, refuseMismatch } from './repository-rules.ts'
import type { ChainMode } from './row.ts'
import { tagsOf } from './tag-rules.ts'
import { input } from '../core/input-name.ts'

/** @returns undefined when there are faults */
export function parseChain(mode: ChainMode, inputs: GivenInputs): OfMode<DesiredChain> | undefined {
  const { values, isAbsent, fault, derived, environment } = inputs
  const repositories = parseRepositories(values['repository-url'], environment['AZURE_DEVOPS_URL'], fault)
  refuseMismatch('devops-organization', values['devops-organization'], repositories, 'organization', fault)
  refuseMismatch('devops-project', values['devops-project'], repositories, 'project', fault)
  const [first] = repositories
  const organizations = organizationsOf(repositories, fault)
  if (first) {
    const places =
      organizations.length === 1
        ? `organization ${first.organization}, project ${first.project}`
        : `organizations ${organizations.map(({ name }) => name).join(', ')}`
    derived.push(`${places} (from ${input('repository-url')})`)
  }
  const registries = parseRegistries(values.registries, fault)
  const target = parseTarget(inputs)
  const project = values['argocd-project'] ?? '*'
  if (values.connection === 'template' && project !== '*')
    fault(
      'argocd-project',
      "Argo CD's credential templates cannot be restricted to a project.",
      `Choose ${input('connection', 'repository')}, or ${input('argocd-project', "'*'")}.`
    )
  const application = parseApplication(values, isAbsent('application-name'), fault)
  if (!target || !first) return undefined
  return {
    ...target,
    mode,
    organizations,
    repositories,
    registries,
    connection: values.connection === 'template' ? 'repo-creds' : 'repository',
    verification: values.verification,
    connects: true,
    ...dropUndefined({ application, argocdProject: values['argocd-project'] })
  }
}

/** The cluster, the identity and what both need: the same for every mode that builds on them. */
export function parseTarget(inputs: GivenInputs) {
  const { values, named, kubeconfig, isAbsent, fault, derived } = inputs
  const { subscriptionId, ...other } = parseIdentityPlace(inputs)
  let identityName = values['identity-name']
  if (isAbsent('identity-name') && named) {
    identityName = `id-argocd-${named.name}`
    derived.push(`${input('identity-name')} ${identityName} (from the cluster's name)`)
  }
  const tags = tagsOf(values.tags, fault)
  const location = values.location?.replaceAll(' ', '').toLowerCase()
  const { 'oidc-issuer-url': issuerUrl, 'identity-resource-group': identityGroup } = values
  const place = {
    subscriptionId: subscriptionId ?? inputs.subscriptionId,
    resourceGroup: identityGroup,
    location
  }
  if (issuerUrl !== undefined) requireLocation({ ...place, kubeconfig: values.kubeconfig }, isAbsent, fault)
  if (values['argocd-configuration'] === 'extension' && issuerUrl !== undefined)
    fault('argocd-configuration', 'Only AKS clusters have extensions.', 'Choose auto or manifests.')
  if (named?.connected) refuseForConnected(values, isAbsent, fault)
  if (values.cloud !== 'public') fault('cloud', ...otherCloud(values.cloud))
  const cluster = (): DesiredCluster | undefined => {
    if (!named) return undefined
    if (issuerUrl !== undefined) {
      if (kubeconfig === undefined || !isComplete(place)) return undefined
      return { kind: 'oidc', name: named.name, issuerUrl, kubeconfig, place }
    }
    const { connected, ...aks } = named
    if (connected) {
      const { subscriptionId: owner } = inputs
      const { name, resourceGroup } = aks
      if (kubeconfig === undefined || owner === undefined || resourceGroup === undefined) return undefined
      return { kind: 'arc', name, resourceGroup, subscriptionId: owner, kubeconfig }
    }
    return {
      kind: 'aks',
      ...aks,
      configure: values['configure-cluster'],
      ...dropUndefined({ subscriptionId: inputs.subscriptionId, kubeconfig })
    }
  }
  const desiredCluster = cluster()
  if (!desiredCluster || identityName === undefined) return undefined
  return {
    dryRun: values['dry-run'],
    failOnDrift: values['fail-on-drift'],
    redact: values.redact,
    cluster: desiredCluster,
    identity: {
      ...{ name: identityName, tags },
      ...dropUndefined({ subscriptionId, resourceGroup: identityGroup, location })
    },
    ...other,
    access: values.access,
    configuration: values['argocd-configuration'],
    verificationTimeout: values['verification-timeout']
  }
}

/** Problem and remedy: the cluster may be anywhere, the identity must be in the public cloud. */
function otherCloud(cloud: string): readonly [string, string] {
  return [
    `Azure DevOps accepts tokens of the public cloud only: an identity in ${cloud} cannot read anything.`,
    `Leave it out and create the identity in the public cloud; describe the cluster with ${input('oidc-issuer-url')} and kubeconfig, and set AZURE_AUTHORITY_HOST=https://login.microsoftonline.com/ on the container of its repo-server.`
  ]
}

function parseApplication(values: Values, unnamed: boolean, fault: Fault): DesiredApplication | undefined {
  const {
    'application-name': name,
    'application-path': path,
    'application-revision': revision,
    'application-namespace': destination
  } = values
  if (path.startsWith('/') || path.split('/').includes('..'))
    fault(
      'application-path',
      `"${path}" leads out of the repository.`,
      'Write the path relative to the root of the repository, e.g. deploy.'
    )
  if (unnamed && revision !== undefined)
    fault(
      'application-name',
      `${input('application-revision')} is given without it.`,
      'Give the name of the Application.'
    )
  return name === undefined ? undefined : { name, path, revision, destination }
}
