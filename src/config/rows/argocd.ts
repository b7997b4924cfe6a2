/** Inputs about Argo CD: which one, how it is configured and connected, an Application, the verification. */
import { ARGOCD_PROJECT, NAMESPACE, OBJECT_NAME } from '../patterns.ts'
import { CHAIN_MODES, CLUSTER_MODES, TARGET_MODES, type InputRow } from '../row.ts'

export const ARGOCD_ROWS = [
  {
    name: 'argocd-namespace',
    group: 'argocd',
    kind: 'text',
    modes: CLUSTER_MODES,
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
    name: 'registries',
    group: 'argocd',
    kind: 'lines',
    modes: CHAIN_MODES,
    description:
      'Azure container registries that Argo CD reads charts from with the same identity, one per line: contoso.azurecr.io, contoso.azurecr.io/charts, or a chart to read: contoso.azurecr.io/charts/app:1.2.3. In another subscription: then its resource id, after a space.'
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
  }
] as const satisfies readonly InputRow[]
