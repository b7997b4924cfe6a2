/** Argo CD: its installation, Applications, Secrets and pods. */
import type { Explanations } from './explained.ts'

export const OF_ARGOCD: Explanations = {
  'application/drifted': {
    symptom: 'A check is red at application, with the fields that differ.',
    cause:
      'Somebody changed the Application, or the inputs now ask for another path, revision, project or destination.',
    remedy: 'run with mode: apply, or correct the inputs.'
  },
  'application/not-ours': {
    symptom: 'apply or remove leaves an Application of the wanted name alone.',
    cause:
      "It does not carry the marks with which Patless records what it made, so it may be somebody else's.",
    remedy: 'set application-name to another name, or change the Application yourself.'
  },
  'application/several-sources': {
    symptom: 'apply refuses to change an Application that exists.',
    cause: 'It uses spec.sources; Patless writes Applications with one source only.',
    remedy: 'change its sources yourself, or set application-name to another name.'
  },
  'argocd/application-not-refreshed': {
    symptom: 'The label was put into the source of Argo CD, and its pods do not change.',
    cause: 'Argo CD does not answer the refresh of the Application by which it installs itself.',
    remedy: 'see whether the application controller runs, and sync that Application.'
  },
  'argocd/controller-stopped': {
    symptom: 'No Application is ever compared, and the verification through Argo CD cannot end.',
    cause: 'The application controller was scaled to 0 replicas, for example for maintenance.',
    remedy: 'scale its StatefulSet to at least one replica, then run again.'
  },
  'argocd/drifted': {
    symptom: 'A check is red at argocd, with the fields that differ.',
    cause:
      'The installation is not as the inputs ask for, for example the settings of the AKS extension or its version.',
    remedy: 'run with mode: apply, or correct argocd-configuration.'
  },
  'argocd/extension-needs-aks': {
    symptom: 'A run with argocd-configuration: extension fails before it writes.',
    cause: 'Extensions of this kind exist for AKS only, and the cluster is given by its OIDC issuer.',
    remedy: 'set argocd-configuration to auto or manifests, and install Argo CD by its manifests or chart.'
  },
  'argocd/extension-not-applied': {
    symptom: 'The extension says Succeeded, and the repo-server pods have no label.',
    cause:
      'Some versions of the extension accept settings for workload identity and never hand them on to the chart.',
    remedy: 'update the extension; if it stays, set argocd-configuration: manifests.',
    source: 'https://github.com/Azure/AKS/issues/5600'
  },
  'argocd/extension-too-old': {
    symptom: 'apply refuses to configure the extension.',
    cause:
      'Versions before 1.0 know the settings for workload identity by other names, and are a preview that gets no updates.',
    remedy: 'delete and reinstall the extension in a version that is supported; its Applications stay.',
    source: 'https://learn.microsoft.com/azure/azure-arc/kubernetes/tutorial-use-gitops-argocd'
  },
  'argocd/helm-values': {
    symptom: 'Everything works, and label and annotation are gone after the next helm upgrade.',
    cause: 'Helm owns the objects, and the values of the release do not contain what Patless wrote.',
    remedy: 'add the values that the note shows to those of the release.'
  },
  'argocd/label-reverted': {
    symptom: 'The label of the repo-server disappears again some minutes after a run.',
    cause:
      'Argo CD manages itself, and the Application replaces the Deployment from a source without the label.',
    remedy: 'add the patch that the message shows to the source of that Application, then run again.'
  },
  'argocd/not-confirmed': {
    symptom: 'The run reports that it cannot confirm that the Deployment belongs to Argo CD.',
    cause:
      'The login is not allowed to list what the rest of an installation consists of, or the labels are missing.',
    remedy:
      'set argocd-namespace to the namespace of Argo CD, or grant the login docs/permissions/kubernetes-role.yaml there.'
  },
  'argocd/not-found': {
    symptom: 'A run ends before it writes: there is no repo-server.',
    cause: 'Argo CD is not installed in this cluster, or the login does not see its namespace.',
    remedy: 'install Argo CD, or set argocd-namespace and check cluster-name and kubeconfig.'
  },
  'argocd/not-the-extension': {
    symptom: 'A run with argocd-configuration: extension fails before it writes.',
    cause: 'The Argo CD of this cluster was installed in another way.',
    remedy: 'set argocd-configuration: auto.'
  },
  'argocd/not-whole': {
    symptom: 'A Deployment is named like the repo-server, and is refused.',
    cause:
      'The rest of an installation (controller, Redis, ConfigMaps) is not in its namespace: anybody could have made it.',
    remedy: 'if Argo CD is elsewhere, set argocd-namespace; if this is Argo CD, complete the installation.'
  },
  'argocd/operator-resource-missing': {
    symptom: 'The Deployment belongs to an operator, and the run cannot configure it.',
    cause: 'The ArgoCD resource that owns the Deployment was deleted, or the login may not read it.',
    remedy: 'create or restore the ArgoCD resource; without an operator set argocd-configuration: manifests.'
  },
  'argocd/operator-service-account': {
    symptom: 'The pods use another service account than the one that was annotated.',
    cause:
      'spec.repo.serviceaccount of the ArgoCD resource names it, and the operator has not rolled it out yet.',
    remedy: 'wait until the operator has applied it, then run again.'
  },
  'argocd/owned-by-operator': {
    symptom: 'What Patless writes to the Deployment disappears at once.',
    cause: 'An operator or the AKS extension owns the Deployment, and argocd-configuration is manifests.',
    remedy: 'set argocd-configuration: auto, so that the owner is configured instead.'
  },
  'argocd/self-managed': {
    symptom: 'All is in order, with a note that the next sync may revert it.',
    cause: 'Argo CD installs itself from a repository that does not contain label and annotation.',
    remedy: 'add the patch that the note shows to that repository.'
  },
  'argocd/several': {
    symptom: 'A run ends before it writes, and lists several repo-servers.',
    cause:
      'Several installations of Argo CD are in the cluster; guessing would give the identity to the wrong one.',
    remedy: 'set argocd-namespace.'
  },
  'argocd/version-ended': {
    symptom: 'A green run warns about the version of Argo CD.',
    cause: 'Argo CD supports its three latest minor versions; this one gets no more patches.',
    remedy: 'upgrade to a supported version.',
    source: 'https://argo-cd.readthedocs.io/en/stable/operator-manual/installation/#supported-versions'
  },
  'argocd/version-unknown': {
    symptom: 'A note says that the version cannot be read, and the verification asks Argo CD.',
    cause: 'The image is named by a digest, or by a tag of your own.',
    remedy: 'let verification: argocd verify it, or look at the version in the pod.'
  },
  'connection/applications-not-listed': {
    symptom: 'A warning says that Applications were not looked at.',
    cause:
      'The login may not list Applications, so whether one of them spells the URL otherwise is not known.',
    remedy: 'grant the login docs/permissions/kubernetes-role.yaml.'
  },
  'connection/drifted': {
    symptom: 'A check is red at connection, with the keys that differ.',
    cause: 'The Secret was deleted or changed, or the inputs name another URL or project.',
    remedy: 'run with mode: apply.'
  },
  'connection/managed-elsewhere': {
    symptom: 'apply does not change a Secret that differs.',
    cause:
      'External Secrets, Sealed Secrets or another controller makes the Secret and would undo the change at once.',
    remedy: 'change its source as the message shows.'
  },
  'connection/may-be-undone': {
    symptom: 'A run is green, with a warning about a Secret.',
    cause: 'Helm, Argo CD, Flux or Terraform makes the Secret from a source that does not have the change.',
    remedy: 'add the keys to that source as the message shows.'
  },
  'connection/name-taken': {
    symptom: 'The Secret cannot be created.',
    cause: 'Another Secret has the name that Argo CD gives to the URL.',
    remedy: 'find out what it is for; delete it, or give it the label of a repository, then run again.'
  },
  'connection/not-ours': {
    symptom: 'apply does not change a key of the Secret.',
    cause: 'Somebody else made the Secret and wrote this value; only missing keys are added to it.',
    remedy: 'write the value where the Secret is made.'
  },
  'connection/open-to-all-projects': {
    symptom: 'A note says that every project can use the repository.',
    cause: 'The Secret has no project, so Applications of all AppProjects may read with it.',
    remedy: 'set argocd-project if that is not wanted.'
  },
  'connection/other-project': {
    symptom: 'apply does not change the project of a Secret.',
    cause: 'Applications of another project use the Secret and would lose it.',
    remedy: 'move them first, or leave argocd-project as it is.'
  },
  'connection/stored-credentials-beside': {
    symptom: 'A green run warns about a template with a password.',
    cause:
      'Without the repository Secret, for example after it is deleted, Argo CD falls back to the stored credential.',
    remedy: 'run with mode: migrate, or remove the credential from the template.'
  },
  'workload/drifted': {
    symptom: 'A check is red at workload, with the fields that differ.',
    cause: 'Label, annotation or environment of the repo-server differ from what the identity needs.',
    remedy: 'run with mode: apply.'
  },
  'workload/may-be-undone': {
    symptom: 'A run is green, with a warning that names a tool.',
    cause: 'The tool makes the Deployment or the service account from a source without label and annotation.',
    remedy: 'add the kustomization that the message shows to its source.'
  },
  'workload/rollout-stalled': {
    symptom: 'Argo CD works, and new pods do not become ready.',
    cause:
      'The last rollout did not end: an image, a probe, a quota or a webhook is in the way. Older pods serve.',
    remedy: 'see the events of the Deployment, and correct what they name.',
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment'
  },
  'workload/rollout-stuck': {
    symptom: 'apply waits for new pods and fails.',
    cause: 'The rollout that gives the pods their identity does not end within its time.',
    remedy: 'see the events of the Deployment; a paused one has to be resumed.',
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment'
  }
}
