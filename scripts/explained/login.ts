/** The login in Azure, and the kubeconfig. */
import type { Explanations } from './explained.ts'

export const OF_LOGIN: Explanations = {
  'kubeconfig/file-unreadable': {
    symptom: 'The kubeconfig names a file that cannot be read.',
    cause: 'It was made on another machine, or the file is too large or no regular file.',
    remedy: 'put the content into the kubeconfig: kubectl config view --minify --flatten --raw.'
  },
  'kubeconfig/impersonation': {
    symptom: 'The kubeconfig is refused because of as-groups or the like.',
    cause: 'It impersonates somebody in a way that this version cannot send.',
    remedy: 'remove these fields from the user of the kubeconfig.'
  },
  'kubeconfig/missing': {
    symptom: 'The run ends: there is no kubeconfig.',
    cause: 'The cluster is not AKS, so Azure has none for it.',
    remedy: 'set kubeconfig.'
  },
  'kubeconfig/plugin-foreign': {
    symptom: 'The kubeconfig is refused because of its plugin.',
    cause: 'It runs a program to log in, and Patless runs no program that a file names.',
    remedy: 'use a token of a service account, or a kubelogin user of AKS.'
  },
  'kubeconfig/plugin-not-aks': {
    symptom: 'The kubeconfig is refused: its server is not AKS.',
    cause: 'A kubelogin user would send an Entra token to a host that is not AKS.',
    remedy: 'use another user in the kubeconfig.'
  },
  'kubeconfig/plugin-other-application': {
    symptom: 'The kubeconfig is refused: it asks for a token of another application.',
    cause: 'The server id of kubelogin is not that of AKS.',
    remedy: 'use the kubeconfig that az aks get-credentials writes.'
  },
  'kubeconfig/server-invalid': {
    symptom: 'The kubeconfig is refused because of its server.',
    cause: 'The address is no https URL.',
    remedy: 'correct the server of the cluster in the kubeconfig.'
  },
  'kubeconfig/tls-unchecked': {
    symptom: 'A warning about insecure-skip-tls-verify.',
    cause: 'The certificate of the server is not checked: it can be anybody.',
    remedy: 'put the certificate authority into the kubeconfig instead.'
  },
  'kubeconfig/unreadable': {
    symptom: 'The run ends before its first request to the cluster.',
    cause:
      'It is no YAML, has no current-context, names a cluster or user that it does not have, or has a damaged certificate.',
    remedy: 'give a whole kubeconfig with a current-context.'
  },
  'login/application-unknown': {
    symptom: 'Entra refuses the login with AADSTS700016 or AADSTS7000112.',
    cause: 'client-id is wrong or of another tenant, or the application is disabled.',
    remedy: 'compare client-id and tenant-id with the application; let an administrator enable it.'
  },
  'login/az-expired': {
    symptom: 'A request ends with a claims challenge, and az has no token for it.',
    cause: 'A policy or the age of the session ended the login of az.',
    remedy: 'log out of az, and in again.'
  },
  'login/client-id-empty': {
    symptom: 'The login fails, and client-id seems to be set.',
    cause: 'The variable or secret that it comes from is not set where the job sees it: an empty text.',
    remedy: 'set the variable in the repository, the organization or the environment of the job.'
  },
  'login/clock': {
    symptom: 'Entra refuses the login with AADSTS700024.',
    cause:
      'The token of the job was read outside of its lifetime: a clock is wrong, or the token was kept too long.',
    remedy: 'correct the clock of this machine, then run again.',
    certainty: 'likely'
  },
  'login/conditional-access': {
    symptom: 'Entra refuses the login with AADSTS53003.',
    cause: 'A Conditional Access policy for workload identities does not allow the network or the risk.',
    remedy: 'let the policy allow the runner, or exempt the application.',
    source: 'https://learn.microsoft.com/entra/identity/conditional-access/workload-identity'
  },
  'login/expired': {
    symptom: 'Entra refuses a login that worked before.',
    cause: 'The session has expired, or asks for a second factor.',
    remedy: 'log in again.'
  },
  'login/file-unusable': {
    symptom: 'The login fails and names a variable with a file.',
    cause: 'The file does not exist, is too large, or is no regular file.',
    remedy: 'correct the variable that the message names.'
  },
  'login/issuer-key-unknown': {
    symptom: 'Entra refuses the login with AADSTS7000272 or AADSTS700027.',
    cause: "The issuer of the job's token does not publish the key that signed it, or Entra has an old copy.",
    remedy: 'run again in some minutes; with a server of your own, publish the key.',
    certainty: 'likely'
  },
  'login/issuer-not-permitted': {
    symptom: 'Entra refuses the login with AADSTS700236.',
    cause:
      'A policy of the tenant names the issuers of federated credentials, and this one is not among them.',
    remedy: 'let an administrator add the issuer to the policy.'
  },
  'login/issuer-unreadable': {
    symptom: 'Entra refuses the login with AADSTS50166, AADSTS90061 or AADSTS501661.',
    cause: 'Entra cannot read the documents of the issuer from the internet.',
    remedy: 'make them readable; with GitHub or Azure Pipelines run again later.'
  },
  'login/no-host-token': {
    symptom: 'The login fails: this host has no OIDC token.',
    cause: 'client-id is set on a machine that is no job of a CI system.',
    remedy: 'leave client-id and tenant-id out to use the az login.'
  },
  'login/none': {
    symptom: 'The login fails: there is none.',
    cause: 'Neither client-id, nor an az login, nor AZURE_ variables are there.',
    remedy: 'add client-id and tenant-id with permissions: id-token: write, or log in with az first.'
  },
  'login/not-trusted': {
    symptom: 'Entra refuses the login with AADSTS700211, AADSTS700213 or AADSTS70021.',
    cause: "No federated credential of the application has issuer, subject and audience of the job's token.",
    remedy: 'run the command of the message, which adds the credential for exactly this job.',
    source: 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust'
  },
  'login/other-cloud': {
    symptom: 'The login fails: az is logged in to another cloud.',
    cause: 'Azure DevOps accepts only tokens of the public cloud.',
    remedy: 'log az in to the public cloud; for a cluster elsewhere set oidc-issuer-url and kubeconfig.'
  },
  'login/refused': {
    symptom: 'Entra refuses the login with a code that is not known here.',
    cause: 'The reference of Entra explains the code.',
    remedy: 'look the code up, or log in again.',
    certainty: 'likely'
  },
  'login/secret-refused': {
    symptom: 'Entra refuses the login with AADSTS7000215 or AADSTS7000222.',
    cause: 'The client secret or certificate of the login is wrong or has expired.',
    remedy: 'use workload identity federation instead, or renew the secret.'
  },
  'login/service-not-in-tenant': {
    symptom: 'Entra refuses a token with AADSTS500011 or AADSTS650052.',
    cause: 'The tenant has no service principal of the service that the token is for.',
    remedy: 'sign in to the service once with a user of the tenant, or let an administrator add it.'
  },
  'login/stored-secret': {
    symptom: 'A green run warns about the service connection.',
    cause:
      'The connection stores a secret, which can be copied, and which expires: every run fails from then on. The day is named where the application may read itself (Application.Read.All; Patless asks for no right).',
    remedy: 'convert it to workload identity federation on the page that the message names.',
    source: 'https://learn.microsoft.com/azure/devops/pipelines/release/configure-workload-identity'
  },
  'login/tenant-restricted': {
    symptom: 'The login fails on this network only.',
    cause: 'A proxy restricts the tenants that may be logged in to.',
    remedy: 'let the proxy allow the tenant, or use another runner.',
    source: 'https://learn.microsoft.com/entra/identity/enterprise-apps/tenant-restrictions'
  },
  'login/tenant-unknown': {
    symptom: 'Entra refuses the login with AADSTS90002.',
    cause: 'tenant-id is misspelled, or of another cloud.',
    remedy: 'correct tenant-id.'
  },
  'login/tenants-swapped': {
    symptom: 'The login fails, and two ids look alike.',
    cause: "client-id and tenant-id were given in each other's place.",
    remedy: 'swap them.'
  }
}
