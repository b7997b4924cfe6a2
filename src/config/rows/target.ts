/** Inputs that say what is set up for what: mode, cluster, identity, repositories and what may read them. */
import { GUID, IDENTITY_NAME, ISSUER, REGION, RESOURCE_GROUP } from '../patterns.ts'
import { CHAIN_MODES, CLUSTER_MODES, MODES, TARGET_MODES, type InputRow } from '../row.ts'

export const TARGET_ROWS = [
  {
    name: 'cluster',
    group: 'target',
    kind: 'text',
    modes: CLUSTER_MODES,
    required: CLUSTER_MODES,
    unless: 'targets',
    hint: 'Give the name or the resource id of the AKS cluster.',
    description:
      'Name or full resource id of the AKS cluster, or resource id of a cluster that Azure Arc connects. With oidc-issuer-url: any name for the cluster.'
  },
  {
    name: 'repository-url',
    group: 'repository',
    kind: 'lines',
    modes: TARGET_MODES,
    required: CHAIN_MODES,
    unless: 'targets',
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
    perRun: true,
    description:
      'apply sets up and verifies the chain; check reads, verifies and fails on drift; remove deletes what apply created; diagnose reads everything and prints a block for an issue; audit finds every stored credential; migrate replaces them by the identity; rollback puts them back; export writes what exists as Bicep, Terraform and a script; plan makes jobs for many clusters; summarize merges the reports of many jobs.'
  },
  {
    name: 'resource-group',
    group: 'target',
    kind: 'text',
    modes: CLUSTER_MODES,
    derived: true,
    pattern: RESOURCE_GROUP,
    form: 'a resource group name',
    description: 'Resource group of the cluster. Derived: looked up by the name of the cluster.'
  },
  {
    name: 'subscription-id',
    group: 'target',
    kind: 'text',
    modes: CLUSTER_MODES,
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
    name: 'identity-subscription-id',
    group: 'target',
    kind: 'text',
    modes: TARGET_MODES,
    derived: true,
    pattern: GUID,
    form: 'a subscription id (a GUID)',
    description:
      'Subscription of the identity. Derived: that of identity-service-connection, else that of the cluster.'
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
    modes: CLUSTER_MODES,
    derived: true,
    hint: 'Give the path of a kubeconfig file.',
    description:
      'Path of a kubeconfig file. Derived: the AKS user credential. A kubelogin user gets an Entra token if the API server is AKS; Patless runs no plugin.'
  },
  {
    name: 'cluster-access',
    group: 'target',
    kind: 'choice',
    modes: CLUSTER_MODES,
    default: 'auto',
    choices: ['auto', 'direct', 'run-command'],
    description:
      'How the API server of an AKS cluster is reached. run-command: through commands that Azure runs in the cluster, reads and writes. auto: directly; where there is no way there, through such commands, but reads only.'
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
  }
] as const satisfies readonly InputRow[]
