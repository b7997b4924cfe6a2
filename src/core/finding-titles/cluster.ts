/** The cluster and the way to it. */
export const CLUSTER_TITLES = {
  'cluster/ambiguous': 'Several clusters have this name',
  'cluster/drifted': 'The cluster differs from what the inputs ask for',
  'cluster/feature-off': 'OIDC issuer or workload identity is off',
  'cluster/issuer-mismatch':
    "The issuer in the cluster's tokens differs from the one that the cluster reports",
  'cluster/link-missing': 'The cluster uses a resource that does not exist',
  'cluster/not-found': 'The AKS cluster does not exist, or the login cannot see it',
  'cluster/not-listed': 'The login is not allowed to list the clusters of the subscription',
  'cluster/out-of-reach': 'The API server of the cluster cannot be reached from this runner',
  'cluster/stopped': 'The cluster is stopped',
  'cluster/subscription-unclear': 'The subscription of the cluster is not clear',
  'kubeconfig/file-unreadable': 'A file that the kubeconfig names cannot be read',
  'kubeconfig/impersonation': 'The kubeconfig impersonates another user',
  'kubeconfig/missing': 'There is no kubeconfig for the cluster',
  'kubeconfig/plugin-foreign': 'The kubeconfig logs in with a plugin that Patless does not run',
  'kubeconfig/plugin-not-aks': 'The kubeconfig asks for an Entra token for a host that is not AKS',
  'kubeconfig/plugin-other-application': 'The kubeconfig asks for a token of another application',
  'kubeconfig/server-invalid': 'The server in the kubeconfig cannot be used',
  'kubeconfig/tls-unchecked': "The kubeconfig turns off verification of the server's certificate",
  'kubeconfig/unreadable': 'The kubeconfig cannot be read',
  'kubernetes/admission-refused': 'A policy of the cluster refuses the object',
  'kubernetes/login-refused': 'The cluster does not accept the login',
  'kubernetes/namespace-terminating': 'The namespace is being deleted',
  'kubernetes/quota': 'A quota or limit of the namespace refuses the object',
  'kubernetes/right-missing': 'The login is missing a permission in the cluster'
} as const
