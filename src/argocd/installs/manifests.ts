/**
 * Plain manifests, Helm, and Argo CD that manages itself: Patless patches service account and Deployment. A patch takes
 * effect immediately, but the source of the objects does not contain it: `lasting` says what to write there.
 */
import { CLIENT_ID, LABEL, TENANT_ID, type Identified } from '../identity.ts'
import type { Instance } from '../instance.ts'
import { type FindingFacts } from '../../core/finding.ts'
import type { Install } from './contract.ts'
import { input } from '../../core/input-name.ts'

export const manifests: Install = {
  read: () => Promise.resolve(undefined),
  clientIdIn: () => undefined,
  assess: () => [],

  lasting(spec) {
    const { owner, configuration } = spec.instance
    if (owner.kind === 'helm') return valuesOf(spec)
    if (owner.kind === 'application') return patchOf(spec)
    if (owner.kind === 'plain' || configuration !== 'manifests') return undefined
    return {
      id: 'argocd/owned-by-operator',
      summary: `The ${owner.kind === 'operator' ? 'operator' : 'AKS extension'} that owns ${spec.instance.deployment} may revert the patch at any time.`,
      remedy: `set ${input('argocd-configuration', 'auto')}`
    }
  }
}

/** A kustomize patch for the repository from which Argo CD installs itself. */
export function patchOf(spec: Identified): FindingFacts {
  const { instance } = spec
  const { owner, deployment, account } = instance
  const name = owner.kind === 'application' ? owner.name : ''
  return {
    id: 'argocd/self-managed',
    summary: `Argo CD manages itself by the Application ${name}: the next sync may revert the patch unless its source has it.`,
    remedy: `add to the kustomization that ${name} syncs:
${kustomizePatches({ deployment, account, ...lastingTenant(spec) })}`
  }
}

/** What the source has to say of the identity; its tenant, where that is not the cluster's. */
export function lastingTenant({ clientId, tenantId, otherTenant }: Identified) {
  return { clientId, ...(otherTenant && { tenantId }) }
}

/**
 * Strategic merge patches, which add keys to a map or create the map. A JSON patch would have to know whether the map
 * exists.
 */
export function kustomizePatches(of: {
  readonly deployment: string
  readonly account: string
  readonly clientId: string
  /** Where the account has to name it. */
  readonly tenantId?: string
}): string {
  const { deployment, account, clientId, tenantId } = of
  const annotations = { [CLIENT_ID]: clientId, ...(tenantId !== undefined && { [TENANT_ID]: tenantId }) }
  const template = { metadata: { labels: { [LABEL]: 'true' } } }
  const patches = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, annotations } },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: deployment }, spec: { template } }
  ]
  // With a target, because a patch alone does not match an object with an explicit namespace.
  const lines = patches.map(
    (patch) => `  - target: {kind: ${patch.kind}, name: ${patch.metadata.name}}
    patch: '${JSON.stringify(patch)}'`
  )
  return `patches:\n${lines.join('\n')}`
}

/** Values of the chart argo/argo-cd, which has no setting for workload identity (argo-helm #3679). */
function valuesOf(spec: Identified): FindingFacts {
  const { instance, clientId } = spec
  const { tenantId } = lastingTenant(spec)
  const tenant = tenantId === undefined ? '' : `, ${TENANT_ID}: ${tenantId}`
  const { release } = instance.owner as Extract<Instance['owner'], { kind: 'helm' }>
  return {
    id: 'argocd/helm-values',
    summary: `Helm owns ${instance.deployment} (release ${release}): the next upgrade reverts the patch unless its values contain it.`,
    remedy: `set these values of the release:
repoServer:
  podLabels: {${LABEL}: "true"}
  serviceAccount: {annotations: {${CLIENT_ID}: ${clientId}${tenant}}}`
  }
}
