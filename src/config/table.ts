/**
 * Every input, once: what it is called, what may be in it, what it is for. `action.yml`, `task.json`, the README's
 * tables, the terminal's `--help`, the parser and its types are made from this table.
 */
import {
  ARGOCD_PROJECT,
  GUID,
  IDENTITY_NAME,
  ISSUER,
  NAMESPACE,
  OBJECT_NAME,
  REGION,
  RESOURCE_GROUP
} from './patterns.ts'
import type { InputRow, Place } from './row.ts'

export const INPUTS = [
  {
    name: 'cluster',
    group: 'target',
    kind: 'text',
    required: true,
    hint: 'Give the name or the resource id of the AKS cluster.',
    description:
      'AKS cluster: its name, or its full resource id. With oidc-issuer-url: any name for the cluster.'
  },
  {
    name: 'repository-url',
    group: 'repository',
    kind: 'lines',
    required: true,
    hint: 'Give https://dev.azure.com/<organization>/<project>/_git/<repository>.',
    description: 'https URL of the Azure Repos repository, spelled as in the Applications; one per line.'
  },
  {
    name: 'mode',
    group: 'run',
    kind: 'choice',
    default: 'apply',
    choices: ['apply', 'check', 'remove'],
    description:
      'apply builds and proves the chain; check reads, proves and fails on drift; remove takes away what apply made.'
  },
  {
    name: 'resource-group',
    group: 'target',
    kind: 'text',
    derived: true,
    pattern: RESOURCE_GROUP,
    form: 'a resource group name',
    description: 'Resource group of the cluster. Derived by looking the cluster up.'
  },
  {
    name: 'subscription-id',
    group: 'target',
    kind: 'text',
    derived: true,
    pattern: GUID,
    form: 'a subscription id (a GUID)',
    description:
      'Subscription of the cluster. Derived from the cluster id, AZURE_SUBSCRIPTION_ID, or the only one the login sees.'
  },
  {
    name: 'identity-name',
    group: 'target',
    kind: 'text',
    derived: true,
    pattern: IDENTITY_NAME,
    form: 'a name Azure allows for a managed identity',
    description: 'User-assigned managed identity. Derived: id-argocd-<cluster>.'
  },
  {
    name: 'identity-resource-group',
    group: 'target',
    kind: 'text',
    derived: true,
    pattern: RESOURCE_GROUP,
    form: 'a resource group name',
    description: 'Resource group of the identity. Derived: that of the cluster.'
  },
  {
    name: 'location',
    group: 'target',
    kind: 'text',
    derived: true,
    pattern: REGION,
    form: 'an Azure region',
    hint: 'Write it as in `az account list-locations`, e.g. westeurope.',
    description: 'Region for a new identity. Derived: that of the cluster.'
  },
  {
    name: 'tags',
    group: 'target',
    kind: 'lines',
    description:
      'Tags for the identity that Patless makes, one name=value per line. Others on it stay; a missing one is drift.'
  },
  {
    name: 'configure-cluster',
    group: 'target',
    kind: 'boolean',
    default: 'false',
    visible: 'mode = apply',
    description:
      'Also enable the OIDC issuer and workload identity. Restarts the API server; the issuer cannot be disabled again.'
  },
  {
    name: 'oidc-issuer-url',
    group: 'target',
    kind: 'text',
    pattern: ISSUER,
    form: 'an https issuer',
    hint: 'Copy it from the iss claim of a token of the cluster.',
    description: 'Issuer of a cluster that is not AKS, byte for byte as in its tokens. Needs kubeconfig.'
  },
  {
    name: 'kubeconfig',
    group: 'target',
    kind: 'file',
    derived: true,
    hint: 'Give the path of a kubeconfig file.',
    description:
      'Path of a kubeconfig file. Derived: the AKS user credential. A user of kubelogin gets an Entra token, for an API server of AKS; no plugin is run.'
  },
  {
    name: 'access',
    group: 'repository',
    kind: 'choice',
    default: 'project-readers',
    choices: ['project-readers', 'repository'],
    description:
      'What the identity may read: the whole project (Readers group), or the named repositories only.'
  },
  {
    name: 'devops-organization',
    group: 'repository',
    kind: 'text',
    derived: true,
    description: 'Azure DevOps organization. Derived from the URL; when given, the URL must agree.'
  },
  {
    name: 'devops-project',
    group: 'repository',
    kind: 'text',
    derived: true,
    description: 'Azure DevOps project. Derived from the URL; when given, the URL must agree.'
  },
  {
    name: 'argocd-namespace',
    group: 'argocd',
    kind: 'text',
    derived: true,
    pattern: NAMESPACE,
    form: 'a Kubernetes namespace name',
    description: 'Namespace of Argo CD. Discovered; needed when a cluster holds several.'
  },
  {
    name: 'argocd-configuration',
    group: 'argocd',
    kind: 'choice',
    default: 'auto',
    choices: ['auto', 'manifests', 'extension'],
    description:
      'Where the identity is written: auto asks who owns Argo CD; manifests patches the objects; extension uses, or installs, the AKS extension.'
  },
  {
    name: 'connection',
    group: 'argocd',
    kind: 'choice',
    default: 'repository',
    choices: ['repository', 'template'],
    description:
      'One Secret per repository, or credential templates for its project, in both spellings of the URL.'
  },
  {
    name: 'argocd-project',
    group: 'argocd',
    kind: 'text',
    pattern: ARGOCD_PROJECT,
    form: "the name of an Argo CD project, or '*'",
    description:
      "Argo CD project whose Applications may use the connection; '*' opens it to all. Left out: all, unless only one project is connected now."
  },
  {
    name: 'application-name',
    group: 'argocd',
    kind: 'text',
    pattern: OBJECT_NAME,
    form: 'a name Kubernetes allows',
    description: 'Create or update this Application on the (first) repository, without automated sync.'
  },
  {
    name: 'application-path',
    group: 'argocd',
    kind: 'text',
    default: '.',
    description: 'Folder of the repository that the Application reads.'
  },
  {
    name: 'application-revision',
    group: 'argocd',
    kind: 'text',
    description:
      'Branch, tag or commit of the Application. Left out: HEAD for a new one, unchanged for an existing one.'
  },
  {
    name: 'application-namespace',
    group: 'argocd',
    kind: 'text',
    default: 'default',
    pattern: NAMESPACE,
    form: 'a Kubernetes namespace name',
    description: 'Namespace that the Application deploys to.'
  },
  {
    name: 'verification',
    group: 'argocd',
    kind: 'choice',
    default: 'argocd',
    choices: ['argocd', 'access', 'none'],
    description:
      'access exchanges a real token and reads real git data; argocd also has Argo CD itself read it; none skips the proofs.'
  },
  {
    name: 'verification-timeout',
    group: 'argocd',
    kind: 'seconds',
    default: '300',
    visible: 'verification != none',
    range: [1, 3600],
    hint: 'Write e.g. 300.',
    description: 'Seconds to wait for Entra, Azure DevOps and Argo CD to learn of a change.'
  },
  {
    name: 'fail-on-drift',
    group: 'run',
    kind: 'boolean',
    default: 'true',
    visible: 'mode = check',
    description: 'Whether drift fails a check. The outputs always report drift.'
  },
  {
    name: 'dry-run',
    group: 'run',
    kind: 'boolean',
    default: 'false',
    description: 'Show what apply or remove would do, without a write.'
  },
  {
    name: 'azure-subscription',
    group: 'login',
    kind: 'connection',
    only: 'azure-pipelines',
    required: true,
    description:
      'Azure Resource Manager service connection the run logs in with; workload identity federation stores no secret.'
  },
  {
    name: 'client-id',
    group: 'login',
    kind: 'text',
    only: 'elsewhere',
    pattern: GUID,
    form: 'an application id (a GUID)',
    description:
      "Application the run logs in as by the host's OIDC token. Without it: the az login, then the environment."
  },
  {
    name: 'tenant-id',
    group: 'login',
    kind: 'text',
    only: 'elsewhere',
    pattern: GUID,
    form: 'a tenant id (a GUID)',
    description: 'Entra tenant of client-id.'
  },
  {
    name: 'cloud',
    group: 'login',
    kind: 'choice',
    default: 'public',
    choices: ['public', 'usgovernment', 'china'],
    description:
      'Azure cloud of the identity. Azure DevOps takes tokens of the public one only; a cluster elsewhere is given by oidc-issuer-url.'
  }
] as const satisfies readonly InputRow[]

/** The inputs of a place: GitHub and the terminal, or Azure Pipelines. */
export function inputsFor(place: Place): readonly (typeof INPUTS)[number][] {
  return INPUTS.filter((input) => !('only' in input) || input.only === place)
}

/** `repository-url` → `repositoryUrl`: the one rule by which names on Azure Pipelines come about. */
export function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase())
}

export type InputName = (typeof INPUTS)[number]['name']
