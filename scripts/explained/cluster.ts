/** The cluster, the identity and its credential, the organization, and what the login may do. */
import type { Explanations } from './explained.ts'

const RIGHTS_NEEDED = 'The login has no role with all actions that this run needs; nothing was written.'

export const OF_CLUSTER: Explanations = {
  'cluster/ambiguous': {
    symptom: 'A run ends at once and lists several clusters.',
    cause: 'Several clusters that the login sees have this name.',
    remedy: 'set resource-group, and subscription-id if they are in several subscriptions.'
  },
  'cluster/drifted': {
    symptom: 'A check is red at cluster, with the features that are off.',
    cause: 'The OIDC issuer or workload identity is off although the inputs ask for them.',
    remedy: 'run with mode: apply and configure-cluster: true, or enable them yourself.'
  },
  'cluster/feature-off': {
    symptom: 'A run ends before it writes: a feature of the cluster is off.',
    cause:
      'Enabling the OIDC issuer or workload identity restarts the API server, so it is done only on request.',
    remedy: 'set configure-cluster: true, or run the command of the message.'
  },
  'cluster/issuer-mismatch': {
    symptom: 'The access verification fails before the token exchange.',
    cause: 'Cluster and kubeconfig are two clusters, or the issuer was enabled a moment ago.',
    remedy:
      'check that kubeconfig and cluster-name mean the same cluster; after enabling the issuer, reconcile the cluster.'
  },
  'cluster/link-missing': {
    symptom: 'An update of the cluster is refused before it is sent.',
    cause: 'The cluster names a subnet, identity or workspace that does not exist any more.',
    remedy: 'correct the resource that the message names, or take it out of the cluster.'
  },
  'cluster/not-found': {
    symptom: 'A run ends at once: there is no such cluster.',
    cause:
      'cluster-name, resource-group or subscription-id are misspelled, or the login has no role at the cluster.',
    remedy: 'correct the inputs, or grant the login Reader on the cluster.'
  },
  'cluster/not-listed': {
    symptom: 'A run ends at once: clusters cannot be listed.',
    cause: 'resource-group is not set, and the login may not list the clusters of the subscription.',
    remedy: 'set resource-group.'
  },
  'cluster/out-of-reach': {
    symptom: 'The API server does not answer, and the message says why.',
    cause: 'The cluster is private, or its authorized IP ranges do not contain the address of the runner.',
    remedy: 'use a runner inside the network, or add the address of the runner.',
    source: 'https://learn.microsoft.com/azure/aks/api-server-authorized-ip-ranges'
  },
  'cluster/stopped': {
    symptom: 'A run ends at once: the cluster is stopped.',
    cause: 'Somebody stopped the cluster, for example to save costs.',
    remedy: 'start it, then run again.',
    source: 'https://learn.microsoft.com/azure/aks/start-stop-cluster'
  },
  'cluster/subscription-unclear': {
    symptom: 'A run ends at once: the subscription is not clear.',
    cause: 'The login sees several subscriptions, and none is named.',
    remedy: 'set subscription-id.'
  },
  'run-command/cut': {
    symptom: 'A read of a large object ends without a result.',
    cause: 'Azure keeps 512 kB of what a command prints, and one object is larger than that.',
    remedy: 'run it on a runner that reaches the API server.',
    source: 'https://learn.microsoft.com/azure/aks/access-private-cluster'
  },
  'run-command/disabled': {
    symptom: 'A private cluster cannot be read at all.',
    cause: 'disableRunCommand is set on the cluster, and its API server cannot be reached from the runner.',
    remedy: 'enable run command on the cluster, or use a runner in its network.',
    source: 'https://learn.microsoft.com/azure/aks/access-private-cluster'
  },
  'run-command/expired': {
    symptom: 'A command ran, and its result is gone.',
    cause: 'The result was asked for too late.',
    remedy: 'run again.',
    source: 'https://learn.microsoft.com/azure/aks/access-private-cluster'
  },
  'run-command/failed': {
    symptom: 'A command in the cluster ends with an error.',
    cause: 'kubectl or the shell of the pod failed; the text says why.',
    remedy: 'follow the text; the pods are in the namespace aks-command.',
    source: 'https://learn.microsoft.com/azure/aks/access-private-cluster'
  },
  'run-command/late': {
    symptom: 'A command in the cluster does not end.',
    cause: 'Its pod, or the API server, answers slowly.',
    remedy: 'look at the pods in aks-command, then run again.',
    source: 'https://learn.microsoft.com/azure/aks/access-private-cluster'
  },
  'run-command/not-migrated': {
    symptom: 'migrate or rollback ends before it reads a Secret.',
    cause: 'Backups hold credentials, and Azure keeps what commands print.',
    remedy: 'run it on a runner that reaches the API server.',
    source: 'https://learn.microsoft.com/azure/aks/access-private-cluster'
  },
  'run-command/not-started': {
    symptom: 'A command in the cluster is refused after a minute.',
    cause: 'No node has room for its pod, all have taints, or the image cannot be pulled.',
    remedy: 'make room on a Linux node without taints that reaches mcr.microsoft.com.',
    source: 'https://learn.microsoft.com/azure/aks/access-private-cluster'
  },
  'run-command/secret-refused': {
    symptom: 'A Secret is not written.',
    cause: 'It would hold a credential, and Azure keeps commands.',
    remedy: 'run it on a runner that reaches the API server.',
    source: 'https://learn.microsoft.com/azure/aks/access-private-cluster'
  },
  'run-command/token-refused': {
    symptom: 'A verification is skipped, or ends with this.',
    cause: 'It needs a token of the service account, and Azure keeps what commands print.',
    remedy:
      'nothing has to be done where Argo CD itself is asked; else use a runner that reaches the API server.',
    source: 'https://learn.microsoft.com/azure/aks/access-private-cluster'
  },
  'run-command/used': {
    symptom: 'A note says that the cluster is read through commands.',
    cause: 'The API server has no route from the runner.',
    remedy: 'nothing has to be done.',
    source: 'https://learn.microsoft.com/azure/aks/access-private-cluster'
  },
  'run-command/values-not-compared': {
    symptom: 'An audit says that values were not compared.',
    cause: 'Values of Secrets are not read through commands that Azure keeps.',
    remedy: 'run the audit on a runner that reaches the API server to see which objects share a credential.',
    source: 'https://learn.microsoft.com/azure/aks/access-private-cluster'
  },
  'run-command/write-refused': {
    symptom: 'A run that would write to a private cluster stops before its first write.',
    cause: 'With cluster-access auto, commands are only used to read.',
    remedy: 'set cluster-access: run-command, or use a runner that reaches the API server.',
    source: 'https://learn.microsoft.com/azure/aks/access-private-cluster'
  },
  'identity/drifted': {
    symptom: 'A check is red at identity.',
    cause: 'The managed identity does not exist yet, was deleted, or its tags differ.',
    remedy: 'run with mode: apply.'
  },
  'federated-credential/another-form': {
    symptom: 'A note names a credential that was not compared.',
    cause:
      'The credential matches by an expression instead of a subject, which this version does not evaluate.',
    remedy: 'nothing has to be done; delete it if nobody needs it.'
  },
  'federated-credential/drifted': {
    symptom: 'A check is red at federated-credential, with the fields that differ.',
    cause: 'The credential is missing, or differs from the token in issuer, subject or audience.',
    remedy: 'run with mode: apply.'
  },
  'federated-credential/nearly-full': {
    symptom: 'A green run warns that 18 or more of 20 credentials are used.',
    cause: 'Each cluster needs one, and an identity has at most 20.',
    remedy: 'delete those of clusters that are gone, or plan another identity.'
  },
  'federated-credential/not-ours': {
    symptom: 'apply does not change a credential that differs.',
    cause: 'It was named by somebody else, and a second one for the same issuer and subject is not possible.',
    remedy: 'correct it, or delete it and run again.'
  },
  'entitlement/drifted': {
    symptom: 'A check is red at entitlement.',
    cause: 'The identity is no member of the organization, or has another access level than Basic.',
    remedy: 'run with mode: apply.'
  },
  'permission/drifted': {
    symptom: 'A check is red at permission.',
    cause: 'The identity is not in the Readers of the project, or has no entry on the repository.',
    remedy: 'run with mode: apply.'
  },
  'permission/project-renamed': {
    symptom: 'The project is found under another name than the URL has.',
    cause: 'The project was renamed; the old name still leads to it, until somebody else takes it.',
    remedy: 'write the new name in repository-url and in the Applications.'
  },
  'rights/azure': {
    symptom: 'apply ends before its first write and lists actions of Azure.',
    cause: RIGHTS_NEEDED,
    remedy: 'assign the role of docs/permissions/azure-role.json at the scope that the message names.'
  },
  'rights/azure-devops': {
    symptom: 'apply ends before its first write: members cannot be added.',
    cause: 'Adding a member with a license is for Project Collection Administrators.',
    remedy: 'make the application of the pipeline one of them, or let an administrator add the identity once.'
  },
  'rights/azure-devops-entries': {
    symptom: 'apply ends before its first write: permissions cannot be changed.',
    cause: 'With access: repository, the login needs Manage permissions on the repository or project.',
    remedy: 'grant it, or set access: project-readers.'
  },
  'rights/kubernetes': {
    symptom: 'apply ends before its first write and lists verbs and resources.',
    cause: RIGHTS_NEEDED,
    remedy: 'apply docs/permissions/kubernetes-role.yaml and bind it to the login.',
    source: 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/'
  },
  'rights/not-known': {
    symptom: 'A note says that permissions were not checked beforehand.',
    cause: 'The login may not ask for its own permissions, which is no failure.',
    remedy: 'nothing has to be done if the run goes well.'
  },
  'diagnosis/not-read': {
    symptom: 'A note lists what could not be read.',
    cause: 'The login is missing a permission that only a diagnosis needs, or a service did not answer.',
    remedy: 'nothing has to be done for a run; for a better diagnosis, grant what docs/security.md names.'
  },
  'resource/depends-on': {
    symptom: 'A resource is reported as not tried.',
    cause: 'Something earlier in the chain is missing or failed.',
    remedy: 'correct that first; the report names it.'
  },
  'resource/still-differs': {
    symptom: 'A write succeeds, and the value is the old one when it is read again.',
    cause: 'Another tool (an operator, GitOps, a policy) reverts it.',
    remedy: 'find the tool by the field managers of the object, and change its source.',
    certainty: 'likely'
  },
  'resource/still-there': {
    symptom: 'remove deletes something, and it is there again.',
    cause: 'Another tool creates it again, or a finalizer holds it.',
    remedy: 'find the tool, and remove the object from its source.',
    certainty: 'likely'
  }
}
