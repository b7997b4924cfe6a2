/** Problems with the Argo CD that a run finds, and their remedies. */
import { word } from '../core/shell.ts'
import { CONFIGURATION, evidenceOf, type Judged } from '../argocd/discovery.ts'
import type { RepoServer } from '../argocd/instance.ts'
import { judged } from '../argocd/version.ts'
import { Problem, type FindingFacts } from '../core/finding.ts'
import type { Difference } from '../engine/outcome.ts'
import { HttpProblem } from '../http/errors.ts'
import type { ArgocdExtension } from '../services/azure/extensions.ts'
import { input } from '../core/input-name.ts'

/** The inputs that select Argo CD. */
export interface Asked {
  readonly clusterId: string | undefined
  readonly namespace: string | undefined
  readonly configuration: 'auto' | 'manifests' | 'extension'
}

export const INSTALLED: Readonly<Record<RepoServer['owner']['kind'], string>> = {
  plain: 'manifests',
  helm: 'Helm',
  operator: 'an operator',
  extension: 'the AKS extension',
  application: 'an Application of its own'
}

/** Blocks versions that must not be used for private repositories, with the reason. */
export function versionChanges(version: string | undefined): Difference[] {
  const verdict = judged(version)
  if (version === undefined || verdict === 'good' || verdict === 'unknown') return []
  const summary =
    verdict === 'absent'
      ? `Argo CD ${version} has no workload identity for git; it ignores the setting and connects without credentials.`
      : `Argo CD ${version} reports "Successful" with workload identity while every fetch fails (argo-cd #23478).`
  const remedy = 'upgrade Argo CD to 3.0.13, 3.1.1, or 3.2.0 or newer'
  const link = `https://github.com/argoproj/argo-cd/issues/${verdict === 'absent' ? '13334' : '23478'}`
  const expected = '>= 3.0.13, >= 3.1.1 or >= 3.2.0'
  const blocked: FindingFacts = {
    id: 'argocd/version-unfit',
    summary,
    remedy,
    link,
    expected,
    actual: version
  }
  return [{ field: 'Argo CD version', expected, actual: version, blocked }]
}

export function unknownVersion({ namespace, deployment, container, object }: RepoServer): FindingFacts {
  const all = object.spec?.template.spec?.containers ?? []
  const image = all.find(({ name }) => name === container)?.image ?? 'none'
  return {
    id: 'argocd/version-unknown',
    summary: `The image does not show the version of Argo CD (${image}); whether it can fetch with workload identity is not known.`,
    remedy: `let ${input('verification', 'argocd')} verify it, or look`,
    command: `kubectl -n ${word(namespace)} exec deploy/${word(deployment)} -c ${word(container)} -- argocd version --client --short`,
    link: 'https://github.com/argoproj/argo-cd/issues/23478'
  }
}

/** Minor versions that got their last patch: the project supports the last three (argo-cd release process and cadence). */
export function endedVersion(version: string): FindingFacts {
  return {
    id: 'argocd/version-ended',
    summary: `Argo CD ${version} gets no more patches, not even for security.`,
    expected: 'one of the last three minor versions',
    actual: version,
    remedy: 'plan the upgrade, one minor version at a time',
    link: 'https://argo-cd.readthedocs.io/en/stable/developer-guide/release-process-and-cadence/'
  }
}

export function oldExtension({ version }: ArgocdExtension): FindingFacts {
  return {
    id: 'argocd/extension-too-old',
    summary: `The AKS extension is ${version}; its setting names ended with 1.0.0, and it cannot be upgraded in place.`,
    remedy: `plan to delete the extension, and run with ${input('argocd-configuration', 'extension')} to install it again`,
    link: 'https://learn.microsoft.com/azure/azure-arc/kubernetes/tutorial-use-gitops-argocd'
  }
}

export function whyFailed({ name, message = 'it gives no reason' }: ArgocdExtension): FindingFacts {
  return {
    id: 'argocd/extension-failed',
    summary: `The AKS extension ${name} is Failed: ${message}`,
    remedy:
      'fix the cause, or delete the extension and run again; on fewer than four nodes it needs redis-ha.enabled=false'
  }
}

export function failedExtension(extension: ArgocdExtension): Difference {
  return { field: 'AKS extension', expected: 'Succeeded', actual: 'Failed', blocked: whyFailed(extension) }
}

export function otherInstall({ namespace, deployment, owner }: RepoServer): Difference {
  const found = `${namespace}/${deployment}, installed by ${INSTALLED[owner.kind]}`
  const summary = `${input('argocd-configuration')} is extension, but the Argo CD of this cluster is not the AKS extension.`
  const remedy = `set ${input('argocd-configuration', 'auto')}, or remove this Argo CD first`
  return {
    field: 'AKS extension',
    expected: 'Microsoft.ArgoCD',
    actual: found,
    blocked: { id: 'argocd/not-the-extension', summary, remedy }
  }
}

export function stillInstalling({ name, provisioningState }: ArgocdExtension): HttpProblem {
  const detail = `the extension ${name} is ${provisioningState}, and its repo-server is not there yet`
  return new HttpProblem({ service: 'ARM', request: 'the extension', status: 409, detail, propagating: true })
}

export function notInstalled(
  { namespace, configuration, clusterId }: Asked,
  passedOver: readonly Judged[]
): Problem {
  const place = namespace === undefined ? 'in the cluster' : `in namespace ${namespace}`
  if (configuration === 'extension' && clusterId === undefined) {
    return new Problem({
      id: 'argocd/extension-needs-aks',
      summary: `${input('argocd-configuration')} is extension, but only AKS clusters have extensions.`,
      remedy: `install Argo CD in another way, and set ${input('argocd-configuration', 'auto')}`
    })
  }
  return new Problem({
    id: 'argocd/not-found',
    summary: `There is no Argo CD repo-server ${place}.`,
    expected: 'a Deployment that is labelled, named or runs as argocd-repo-server, with the rest of Argo CD',
    actual: passedOver.length === 0 ? 'none' : passedOver.map(evidenceOf).join('; '),
    remedy: `install Argo CD first, correct ${input('argocd-namespace')}, or set ${input('argocd-configuration', 'extension')}`
  })
}

export function several(candidates: readonly Judged[]): Problem {
  const whole = candidates.filter(({ missing }) => missing.length === 0).map(({ server }) => server.namespace)
  const inside = new Set(candidates.map(({ server }) => server.namespace)).size === 1
  return new Problem({
    id: 'argocd/several',
    summary: 'There are several Argo CD repo-servers, or Deployments that claim to be one.',
    expected: inside ? 'one in the namespace' : `one, or ${input('argocd-namespace')} to choose`,
    actual: candidates.map(evidenceOf).join('; '),
    remedy: inside
      ? 'scale the Deployments that are not in use to 0, or delete them'
      : `set ${input('argocd-namespace')} to the namespace of Argo CD${whole.length === 0 ? '' : ` (${whole.join(' or ')})`}, and find out who created the others`
  })
}

export function notWhole(only: Judged): Problem {
  const { namespace, deployment } = only.server
  return new Problem({
    id: 'argocd/not-whole',
    summary: `${namespace}/${deployment} claims to be the repo-server of Argo CD, but is not part of an installation; Patless does not give it the identity.`,
    expected: `in namespace ${namespace}: ${only.missing.join(', ')}`,
    actual: evidenceOf(only),
    remedy: `if Argo CD is elsewhere, set ${input('argocd-namespace')} to its namespace; if this is Argo CD, complete it`,
    command: `kubectl -n ${word(namespace)} get deployments,statefulsets,services,configmaps`,
    link: 'https://argo-cd.readthedocs.io/en/stable/operator-manual/architecture/'
  })
}

export function unconfirmed(only: Judged): Problem {
  const { namespace, deployment } = only.server
  return new Problem({
    id: 'argocd/not-confirmed',
    summary: `Whether ${namespace}/${deployment} is Argo CD is not known: the login may not read what else is in its namespace.`,
    expected: `list services and statefulsets, get configmaps ${CONFIGURATION} in ${namespace}`,
    actual: evidenceOf(only),
    remedy: `apply docs/permissions/kubernetes-role.yaml in ${namespace}${only.strong ? `, or, if this is your Argo CD, set ${input('argocd-namespace', namespace)}` : ''}`
  })
}
