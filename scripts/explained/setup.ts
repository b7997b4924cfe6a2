/** `patless setup`: what a pipeline needs before its first run. */
import type { Explanations } from './explained.ts'

const DRIFTED = 'run setup again; it shows what it changes and asks before it does.'
const TAKEN = 'delete or rename it if nobody needs it, or answer with another name.'
const AGAIN = 'The set-up was not finished, or somebody changed it since.'
const FOREIGN = 'Somebody made one of that name for another purpose; it is not changed.'

export const OF_SETUP: Explanations = {
  'aks-assignment/drifted': {
    symptom: 'set-up reports that the role of the pipeline in the cluster is not assigned.',
    cause: AGAIN,
    remedy: DRIFTED
  },
  'aks-role/drifted': {
    symptom: 'set-up reports that the role for the cluster differs.',
    cause: AGAIN,
    remedy: DRIFTED
  },
  'azure-assignment/drifted': {
    symptom: 'set-up reports scopes at which the role is not assigned.',
    cause: AGAIN,
    remedy: DRIFTED
  },
  'azure-role/drifted': {
    symptom: 'set-up reports that the custom role differs.',
    cause: 'A newer version needs other actions, or somebody changed the role.',
    remedy: DRIFTED
  },
  'azure-role/name-taken': {
    symptom: 'set-up does not change a custom role.',
    cause: FOREIGN,
    remedy: TAKEN
  },
  'kubernetes-role/drifted': {
    symptom: 'set-up reports that the Role or its binding differs.',
    cause: 'A newer version needs other verbs, or somebody changed the Role.',
    remedy: DRIFTED
  },
  'kubernetes-role/name-taken': { symptom: 'set-up does not change a Role.', cause: FOREIGN, remedy: TAKEN },
  'pipeline-administrator/drifted': {
    symptom: 'set-up reports that the pipeline does not administer the organization.',
    cause: AGAIN,
    remedy: DRIFTED
  },
  'pipeline-application/drifted': {
    symptom: 'set-up reports that the application of the pipeline is missing.',
    cause: AGAIN,
    remedy: DRIFTED
  },
  'pipeline-application/name-taken': {
    symptom: 'set-up does not use an application of the wanted name.',
    cause: FOREIGN,
    remedy: TAKEN
  },
  'pipeline-application/not-allowed': {
    symptom: 'set-up may not register an application.',
    cause: 'The tenant lets only some people register applications.',
    remedy: 'let an Application Developer run this part, or use a managed identity.',
    source: 'https://learn.microsoft.com/entra/identity/role-based-access-control/delegate-app-roles'
  },
  'pipeline-file/drifted': {
    symptom: 'set-up reports that the workflow or pipeline file differs.',
    cause: 'The file is missing, or a newer version writes another one.',
    remedy: DRIFTED
  },
  'pipeline-file/not-ours': {
    symptom: 'set-up does not overwrite a file.',
    cause: 'It did not write the file, or somebody edited it since.',
    remedy: 'answer with another path, or remove the file.'
  },
  'pipeline-file/outside': {
    symptom: 'set-up does not write a file.',
    cause: 'The path leads out of the checkout, or to a link or folder.',
    remedy: 'answer with a path inside the checkout.'
  },
  'pipeline-identity/drifted': {
    symptom: 'set-up reports that the identity of the pipeline is missing.',
    cause: AGAIN,
    remedy: DRIFTED
  },
  'pipeline-identity/name-taken': {
    symptom: 'set-up does not use an identity of the wanted name.',
    cause: FOREIGN,
    remedy: TAKEN
  },
  'pipeline-reader/drifted': {
    symptom: 'set-up reports that the pipeline cannot read the project.',
    cause: AGAIN,
    remedy: DRIFTED
  },
  'pipeline-trust/drifted': {
    symptom: 'set-up reports that Entra does not trust the jobs yet.',
    cause: AGAIN,
    remedy: DRIFTED
  },
  'pipeline-trust/no-room': {
    symptom: 'set-up cannot add a federated credential.',
    cause: 'The application or identity already has 20 of them.',
    remedy: 'delete one that nobody uses, or answer with another identity.'
  },
  'pipeline-user/drifted': {
    symptom: 'set-up reports membership or license of the pipeline.',
    cause: AGAIN,
    remedy: DRIFTED
  },
  'service-connection/drifted': {
    symptom: 'set-up reports that the service connection is missing.',
    cause: AGAIN,
    remedy: DRIFTED
  },
  'service-connection/name-taken': {
    symptom: 'set-up does not change a service connection.',
    cause: FOREIGN,
    remedy: TAKEN
  },
  'setup/administrator-needed': {
    symptom: 'set-up ends with parts that it did not do.',
    cause: 'The login may not do them; each names who may.',
    remedy: 'let the administrator that it names run the printed part.'
  },
  'setup/answer-needed': {
    symptom: 'set-up ends with a question.',
    cause: 'The terminal is not interactive, so nobody can be asked.',
    remedy: 'give the answer by the option that the message names.'
  },
  'setup/cluster-not-ready': {
    symptom: 'set-up warns about the cluster.',
    cause: 'OIDC issuer or workload identity are off.',
    remedy: 'enable them, which restarts the API server, or set configure-cluster: true in the pipeline.',
    source: 'https://learn.microsoft.com/azure/aks/workload-identity-deploy-cluster'
  },
  'setup/commit-unknown': {
    symptom: 'The written file names a tag instead of a commit.',
    cause: 'GitHub did not answer, so the commit of this version is not known.',
    remedy: 'pin it by hand, with the commit of the tag.'
  },
  'setup/declined': {
    symptom: 'set-up ends without a change.',
    cause: 'Somebody answered the question after the plan with no.',
    remedy: 'run set-up again, and confirm the plan.'
  },
  'setup/subject-assumed': {
    symptom: 'set-up warns about the subject of the tokens.',
    cause: 'GitHub did not say whether the repository customizes it, so the usual form was taken.',
    remedy: 'if the first login is refused, its message shows the right subject with the command.',
    certainty: 'likely'
  },
  'setup/subject-unknown': {
    symptom: 'set-up cannot say what the subject of the tokens is.',
    cause: 'The repository or organization customizes it with parts that only a run knows.',
    remedy: 'run the pipeline once; its message shows the subject with the command.'
  },
  'setup/tenant-not-logged-in': {
    symptom: 'set-up ends before its plan, and names a tenant.',
    cause:
      'The organization is connected to another tenant than the cluster is in, and az has no login there.',
    remedy: 'log az in to both tenants, that of the cluster last.',
    source: 'https://learn.microsoft.com/azure/devops/organizations/accounts/connect-organization-to-azure-ad'
  },
  'pipeline-file/not-writable': {
    symptom: 'set-up cannot write the workflow or pipeline file.',
    cause: 'The folder is read-only, or the disk is full.',
    remedy: 'make the folder writable, or answer with another path.'
  },
  'setup/argocd-hidden': {
    symptom: 'set-up does not say where Argo CD is.',
    cause: 'The login may not look for Deployments in the cluster.',
    remedy: 'answer with the namespace of Argo CD, or log in with more permissions.'
  }
}
