/**
 * The single table of inputs: name, valid values, description. `action.yml`, `task.json`, docs/inputs.md, the
 * terminal's `--help`, the parser and its types are made from it.
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
import { CHAIN_MODES, MODES, TARGET_MODES, type HostKind, type InputRow, type Mode } from './row.ts'

export const INPUTS = [
  {
    name: 'cluster',
    group: 'target',
    kind: 'text',
    required: true,
    hint: 'Give the name or the resource id of the AKS cluster.',
    description:
      'Name or full resource id of the AKS cluster. With oidc-issuer-url: any name for the cluster.'
  },
  {
    name: 'repository-url',
    group: 'repository',
    kind: 'lines',
    modes: TARGET_MODES,
    required: CHAIN_MODES,
    hint: 'Give https://dev.azure.com/<organization>/<project>/_git/<repository>.',
    description:
      'https URL of the Azure Repos repository, spelled as in the Applications; one per line, of one or several organizations. For migrate and rollback optional: only the Secrets that serve them.'
  },
  {
    name: 'mode',
    group: 'run',
    kind: 'choice',
    default: 'apply',
    choices: MODES,
    description:
      'apply sets up and verifies the chain; check reads, verifies and fails on drift; remove deletes what apply created; diagnose reads everything and prints a block for an issue; audit finds every stored credential; migrate replaces them by the identity; rollback puts them back.'
  },
  {
    name: 'resource-group',
    group: 'target',
    kind: 'text',
    derived: true,
    pattern: RESOURCE_GROUP,
    form: 'a resource group name',
    description: 'Resource group of the cluster. Derived: looked up by the name of the cluster.'
  },
  {
    name: 'subscription-id',
    group: 'target',
    kind: 'text',
    derived: true,
    pattern: GUID,
    form: 'a subscription id (a GUID)',
    description:
      'Subscription of the cluster. Derived from the cluster id, AZURE_SUBSCRIPTION_ID, or the only one that the login can see.'
  },
  {
    name: 'identity-name',
    group: 'target',
    kind: 'text',
    modes: TARGET_MODES,
    derived: true,
    pattern: IDENTITY_NAME,
    form: 'a valid name of a managed identity',
    description: 'Name of the user-assigned managed identity. Derived: id-argocd-<cluster>.'
  },
  {
    name: 'identity-resource-group',
    group: 'target',
    kind: 'text',
    modes: TARGET_MODES,
    derived: true,
    pattern: RESOURCE_GROUP,
    form: 'a resource group name',
    description: 'Resource group of the identity. Derived: that of the cluster.'
  },
  {
    name: 'location',
    group: 'target',
    kind: 'text',
    modes: TARGET_MODES,
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
    modes: TARGET_MODES,
    description:
      'Tags for the identity that Patless creates, one name=value per line. Other tags on it stay; a missing tag is drift.'
  },
  {
    name: 'configure-cluster',
    group: 'target',
    kind: 'boolean',
    modes: TARGET_MODES,
    default: 'false',
    visible: 'mode = apply',
    description:
      'Also enable the OIDC issuer and workload identity on the cluster. This restarts the API server; the issuer cannot be disabled again.'
  },
  {
    name: 'oidc-issuer-url',
    group: 'target',
    kind: 'text',
    modes: TARGET_MODES,
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
      'Path of a kubeconfig file. Derived: the AKS user credential. A kubelogin user gets an Entra token if the API server is AKS; Patless runs no plugin.'
  },
  {
    name: 'access',
    group: 'repository',
    kind: 'choice',
    modes: TARGET_MODES,
    default: 'project-readers',
    choices: ['project-readers', 'repository'],
    description:
      'What the identity may read: the whole project (Readers group), or the named repositories only.'
  },
  {
    name: 'devops-organization',
    group: 'repository',
    kind: 'text',
    modes: CHAIN_MODES,
    derived: true,
    description: 'Azure DevOps organization. Derived from the URL; if given, it must match the URL.'
  },
  {
    name: 'devops-project',
    group: 'repository',
    kind: 'text',
    modes: CHAIN_MODES,
    derived: true,
    description: 'Azure DevOps project. Derived from the URL; if given, it must match the URL.'
  },
  {
    name: 'argocd-namespace',
    group: 'argocd',
    kind: 'text',
    derived: true,
    pattern: NAMESPACE,
    form: 'a Kubernetes namespace name',
    description: 'Namespace of Argo CD. Derived by searching the cluster; needed when there are several.'
  },
  {
    name: 'argocd-configuration',
    group: 'argocd',
    kind: 'choice',
    modes: TARGET_MODES,
    default: 'auto',
    choices: ['auto', 'manifests', 'extension'],
    description:
      'Where the identity is configured: auto depends on who owns Argo CD; manifests patches the objects; extension uses the AKS extension and installs it if needed.'
  },
  {
    name: 'connection',
    group: 'argocd',
    kind: 'choice',
    modes: CHAIN_MODES,
    default: 'repository',
    choices: ['repository', 'template'],
    description:
      'repository: one Secret per repository; template: credential templates for its project, in both spellings of the URL.'
  },
  {
    name: 'argocd-project',
    group: 'argocd',
    kind: 'text',
    modes: CHAIN_MODES,
    pattern: ARGOCD_PROJECT,
    form: "the name of an Argo CD project, or '*'",
    description:
      "Argo CD project whose Applications may use the connection; '*' means all. If left out: all, unless only one project is connected now."
  },
  {
    name: 'application-name',
    group: 'argocd',
    kind: 'text',
    modes: CHAIN_MODES,
    pattern: OBJECT_NAME,
    form: 'a valid name of a Kubernetes object',
    description: 'Create or update this Application for the (first) repository, without automated sync.'
  },
  {
    name: 'application-path',
    group: 'argocd',
    kind: 'text',
    modes: CHAIN_MODES,
    default: '.',
    description: 'Folder in the repository that the Application reads.'
  },
  {
    name: 'application-revision',
    group: 'argocd',
    kind: 'text',
    modes: CHAIN_MODES,
    description:
      'Branch, tag or commit of the Application. If left out: HEAD for a new one, unchanged for an existing one.'
  },
  {
    name: 'application-namespace',
    group: 'argocd',
    kind: 'text',
    modes: CHAIN_MODES,
    default: 'default',
    pattern: NAMESPACE,
    form: 'a Kubernetes namespace name',
    description: 'Namespace that the Application deploys to.'
  },
  {
    name: 'verification',
    group: 'argocd',
    kind: 'choice',
    modes: CHAIN_MODES,
    default: 'argocd',
    visible: 'mode != remove',
    choices: ['argocd', 'access', 'none'],
    description:
      'access exchanges a real token and reads real git data; argocd also makes Argo CD itself read it; none skips verification.'
  },
  {
    name: 'verification-timeout',
    group: 'argocd',
    kind: 'seconds',
    modes: TARGET_MODES,
    default: '300',
    visible: 'verification != none',
    range: [1, 3600],
    hint: 'Write e.g. 300.',
    description: 'Seconds to wait for a change to propagate to Entra, Azure DevOps and Argo CD.'
  },
  {
    name: 'fail-on-drift',
    group: 'run',
    kind: 'boolean',
    modes: CHAIN_MODES,
    default: 'true',
    visible: 'mode = check',
    description: 'Whether drift fails a check. The outputs always report drift.'
  },
  {
    name: 'redact',
    group: 'run',
    kind: 'boolean',
    modes: ['diagnose'],
    default: 'true',
    visible: 'mode = diagnose',
    description: 'Whether the block for an issue that diagnose prints has ids and names replaced.'
  },
  {
    name: 'dry-run',
    group: 'run',
    kind: 'boolean',
    modes: TARGET_MODES,
    default: 'false',
    visible: 'mode != check',
    description: 'Show what apply, remove, migrate or rollback would do, without writing.'
  },
  {
    name: 'fail-on-stored-credentials',
    group: 'run',
    kind: 'boolean',
    modes: ['audit'],
    default: 'true',
    description: 'Whether a stored credential fails an audit. The outputs always report it.'
  },
  {
    name: 'allow',
    group: 'run',
    kind: 'lines',
    modes: ['audit', 'check'],
    description:
      'Stored credentials that are accepted for a time, one per line: fingerprint, last day, reason, e.g. 3f9c2a7be01d4c58 2027-03-31 generators need a PAT.'
  },
  {
    name: 'canary',
    group: 'run',
    kind: 'text',
    modes: ['migrate'],
    derived: true,
    visible: 'mode = migrate',
    description:
      'Secret, or URL of a repository, that is moved first and alone. Derived: the Secret with the fewest Applications.'
  },
  {
    name: 'batch-size',
    group: 'run',
    kind: 'number',
    modes: ['migrate'],
    default: '5',
    visible: 'mode = migrate',
    range: [1, 50],
    hint: 'Write e.g. 5.',
    description: 'How many Secrets are moved at a time, after the first one.'
  },
  {
    name: 'backup-retention',
    group: 'run',
    kind: 'number',
    modes: ['migrate'],
    default: '7',
    visible: 'mode = migrate',
    range: [0, 90],
    hint: 'Write a number of days, e.g. 7.',
    description:
      'Days for which the old credentials stay in a backup Secret beside Argo CD; a later run deletes what is older.'
  },
  {
    name: 'restart',
    group: 'run',
    kind: 'boolean',
    modes: ['migrate'],
    default: 'false',
    visible: 'mode = migrate',
    description: 'Restart the repo-server once at the end, so that Argo CD fetches every repository again.'
  },
  {
    name: 'remind',
    group: 'run',
    kind: 'boolean',
    modes: ['migrate'],
    default: 'false',
    visible: 'mode = migrate',
    description:
      'Name again, in later runs, the credentials that can be revoked, as long as their backups exist.'
  },
  {
    name: 'azure-subscription',
    group: 'login',
    kind: 'connection',
    only: 'azure-pipelines',
    required: true,
    description:
      'Azure Resource Manager service connection to log in with; with workload identity federation it stores no secret.'
  },
  {
    name: 'client-id',
    group: 'login',
    kind: 'text',
    only: 'elsewhere',
    pattern: GUID,
    form: 'an application id (a GUID)',
    description:
      "Application to log in as, with the host's OIDC token. Without it: the az login, then the environment."
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
      'Azure cloud of the identity. Azure DevOps accepts tokens of the public cloud only; for a cluster elsewhere use oidc-issuer-url.'
  }
] as const satisfies readonly InputRow[]

/** The inputs of a host: Azure Pipelines, or GitHub and the terminal. */
export function inputsFor(kind: HostKind): readonly (typeof INPUTS)[number][] {
  return INPUTS.filter((input) => !('only' in input) || input.only === kind)
}

/** Whether the mode uses the input. */
export function isUsedBy(row: InputRow, mode: Mode): boolean {
  return row.modes?.includes(mode) ?? true
}

export function isRequiredBy({ required }: InputRow, mode: Mode): boolean {
  return required === true || required?.includes(mode) === true
}

/** `repository-url` → `repositoryUrl`: the rule for all names on Azure Pipelines. */
export function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase())
}

export type InputName = (typeof INPUTS)[number]['name']
