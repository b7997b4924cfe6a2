/** Charts: container registries, and the Secrets of Helm repositories. */
import type { Explanations } from './explained.ts'

const ROLES =
  'https://learn.microsoft.com/azure/container-registry/container-registry-rbac-abac-repository-permissions'
const LOGIN = 'https://learn.microsoft.com/azure/container-registry/container-registry-troubleshoot-login'

export const OF_CHARTS: Explanations = {
  'charts/drifted': {
    symptom: 'A check is red at charts, with the Secret and the keys that differ.',
    cause:
      'The Secret of a Helm repository is missing, or it is not of type helm, has no enableOCI, or does not use workload identity.',
    remedy: 'run with mode: apply, or correct registries.'
  },
  'charts/name-taken': {
    symptom: 'apply does not create the Secret of a Helm repository.',
    cause: 'Another object has the name that Argo CD derives from the URL.',
    remedy: 'give that one another name, then run again.'
  },
  'charts/not-ours': {
    symptom: 'apply leaves a key of a Secret of a Helm repository as it is.',
    cause: 'Somebody else made the Secret, and has written another value there.',
    remedy: 'write the value where the Secret is made; the finding has the command.'
  },
  'charts/oci-without-identity': {
    symptom: 'Charts of an Application whose repoURL begins with oci:// cannot be read: unauthorized.',
    cause: 'Argo CD ignores useAzureWorkloadIdentity for repositories of type oci.',
    remedy: 'name the Helm repository: repoURL without oci://, with chart and targetRevision.',
    source: 'https://github.com/argoproj/argo-cd/issues/26045'
  },
  'charts/stored-credentials': {
    symptom: 'A warning about the Secret of a Helm repository that works.',
    cause: 'It holds a password beside the flag. For charts, Argo CD uses the flag first.',
    remedy: 'take the password out, and revoke it.'
  },
  'registry/anonymous-pull': {
    symptom: 'A note about a registry.',
    cause: 'Anonymous pull is on: everybody on the internet may read what is in it.',
    remedy: 'turn it off, if that is not meant.',
    source: 'https://learn.microsoft.com/azure/container-registry/anonymous-pull-access'
  },
  'registry/arm-tokens-refused': {
    symptom:
      'Argo CD says "failed to get refresh token: 401 Unauthorized" although the identity has the role.',
    cause:
      'The registry has authentication-as-arm disabled, and Argo CD asks for a token for Azure Resource Manager unless AZURE_ARM_TOKEN_RESOURCE says otherwise.',
    remedy: 'set that variable on the repo-server to https://containerregistry.azure.net.',
    source:
      'https://learn.microsoft.com/azure/container-registry/container-registry-disable-authentication-as-arm'
  },
  'registry/chart-missing': {
    symptom: 'The verification of charts fails with 404.',
    cause: 'The path or the version is wrong, the chart is in quarantine, or not yet in this replica.',
    remedy: 'correct registries; the finding has the command that lists what is there.'
  },
  'registry/conditional-role': {
    symptom: 'A note about a registry.',
    cause: 'Somebody assigned the role with a condition that names repositories.',
    remedy: 'none is needed, if the charts are among them.',
    source: ROLES
  },
  'registry/drifted': {
    symptom: 'A check is red at registry.',
    cause: 'The identity does not have AcrPull (or Container Registry Repository Reader) on the registry.',
    remedy: 'run with mode: apply.'
  },
  'registry/network-refused': {
    symptom: 'The verification of charts is inconclusive: client with IP … is not allowed access.',
    cause: 'The registry accepts some addresses only, and that of the run is not among them.',
    remedy: 'run on a machine whose address it accepts.',
    source: 'https://learn.microsoft.com/azure/container-registry/container-registry-access-selected-networks'
  },
  'registry/not-found': {
    symptom: 'apply stops before its first write, at registry.',
    cause:
      'The registry is in another subscription than identity and cluster, its name is wrong, or the login may not read it.',
    remedy: 'write its resource id after its name, or give the login the role.'
  },
  'registry/not-listed': {
    symptom: 'The verification of charts is inconclusive.',
    cause: 'In a registry with permissions by repository, a reader cannot list anything.',
    remedy: 'name a chart in registries.',
    source: ROLES
  },
  'registry/not-ready': {
    symptom: 'A warning about a registry.',
    cause: 'An operation on it runs, or has failed; or its subscription is disabled.',
    remedy: 'see the registry in the portal.'
  },
  'registry/other-login-server': {
    symptom: 'apply stops before its first write, at registry.',
    cause: 'A registry with a domain name label has a login server with a hash: name-hash.azurecr.io.',
    remedy: 'write the login server that the finding names.'
  },
  'registry/out-of-reach': {
    symptom: 'The verification of charts is inconclusive.',
    cause:
      'The registry answers through private endpoints only, or a name server, firewall or proxy is in the way.',
    remedy: 'run on a machine that can reach it.',
    source: 'https://learn.microsoft.com/azure/container-registry/container-registry-private-link'
  },
  'registry/pull-refused': {
    symptom: 'The verification of charts fails: authentication required.',
    cause:
      'The role has not reached the registry yet, does not cover this repository, or the registry accepts no tokens for Azure Resource Manager.',
    remedy: 'run again after some minutes; then see the condition of the role.',
    source: LOGIN
  },
  'registry/role-ignored': {
    symptom: 'A note about a registry.',
    cause: 'The registry was changed to permissions by repository, where AcrPull has no effect.',
    remedy: 'remove the assignment of AcrPull.',
    source: ROLES
  },
  'registry/strange-challenge': {
    symptom: 'The verification of charts fails before a token is sent.',
    cause:
      'Something else answers under the name of the registry: a proxy, a captive portal, a wrong name server.',
    remedy: 'find out who; Argo CD would send its token there.',
    source: LOGIN
  }
}
