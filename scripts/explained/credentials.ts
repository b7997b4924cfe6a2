/** Stored credentials: audit, migration and rollback; and the verifications. */
import type { Explanations } from './explained.ts'

const MIGRATE = 'run with mode: migrate, or remove the credential and revoke it.'

export const OF_CREDENTIALS: Explanations = {
  'migration/application-worse': {
    symptom: 'A Secret was switched and put back.',
    cause: 'An Application was worse afterwards than before.',
    remedy: 'see the condition of the Application in the message, correct it, then migrate again.'
  },
  'migration/backup-left': {
    symptom: 'A note about a backup of credentials.',
    cause: 'The time in which a rollback is possible has not ended, or nobody has ended it.',
    remedy: 'delete it once nobody needs what it holds.'
  },
  'migration/backup-not-whole': {
    symptom: 'Nothing was switched.',
    cause: 'The backup could not be read again as it was written.',
    remedy: 'see what changes Secrets in the namespace of Argo CD, then run again.'
  },
  'migration/backup-unknown': {
    symptom: 'A Secret looks like a backup and is left alone.',
    cause: 'No Secret names it as its backup, so it may be of somebody else.',
    remedy: 'look at it, and delete it if nobody needs it.'
  },
  'migration/canary-unknown': {
    symptom: 'The migration ends at once.',
    cause: 'No Secret of that name and no such repository is among those to migrate.',
    remedy: 'name one of the list that the message shows.'
  },
  'migration/changed-meanwhile': {
    symptom: 'A Secret was not switched.',
    cause: 'Somebody changed it between reading and writing.',
    remedy: 'run again.'
  },
  'migration/immutable': {
    symptom: 'A Secret was not switched.',
    cause: 'It is immutable, so its data cannot change.',
    remedy: 'create it again without immutable, then run again.',
    source: 'https://kubernetes.io/docs/concepts/configuration/secret/#secret-immutable'
  },
  'migration/in-progress': {
    symptom: 'The migration ends at once.',
    cause: 'Another run holds the Lease of this Argo CD.',
    remedy: 'wait for that run; if it was killed, the Lease expires by itself.'
  },
  'migration/must-stay': {
    symptom: 'A stored credential is not migrated.',
    cause: 'Something that cannot use workload identity needs it, for example a generator.',
    remedy: 'nothing has to be done; set an exception with a reason.'
  },
  'migration/needs-other-url': {
    symptom: 'A stored credential is not migrated.',
    cause: 'Workload identity works over https only, and the Secret has an SSH or server URL.',
    remedy: 'write the https URL in the Secret and in its Applications first.'
  },
  'migration/no-access': {
    symptom: 'A stored credential is not migrated.',
    cause:
      'The identity has no Read there: the repository is of another project or organization than those of the inputs.',
    remedy: 'grant it Read there, or run with mode: apply for that repository.'
  },
  'migration/no-repository': {
    symptom: 'A template is not migrated.',
    cause: 'No Application or Secret uses it, so nothing could be verified.',
    remedy: 'delete it if nobody needs it, or name a repository that it serves.'
  },
  'migration/not-readable': {
    symptom: 'A Secret is not migrated.',
    cause: 'Argo CD cannot parse one of its keys, and rejects the whole Secret.',
    remedy: 'correct the key that the message names.'
  },
  'migration/not-restored': {
    symptom: 'A rollback did not put credentials back.',
    cause: 'Somebody else changed the Secret since it was switched.',
    remedy: 'look at the Secret; the backup still holds what it had.'
  },
  'migration/outside-organization': {
    symptom: 'A template is not migrated.',
    cause: 'It also serves repositories of another organization or host, where the identity is nobody.',
    remedy: 'split it into one template per organization.'
  },
  'migration/owned-elsewhere': {
    symptom: 'A Secret is not migrated.',
    cause: 'Another tool makes it from a source of its own.',
    remedy: 'make the change in that source, as the message shows.'
  },
  'migration/recovered': {
    symptom: 'A note about an earlier run.',
    cause: 'That run was killed; this one finished or put back what it had begun.',
    remedy: 'nothing has to be done.'
  },
  'migration/refresh-syncs': {
    symptom: 'A note before a migration.',
    cause: 'An Application syncs automatically, and a refresh will let it.',
    remedy: 'nothing has to be done if its source is what you want; else turn automatic sync off first.'
  },
  'migration/revoke': {
    symptom: 'A note names a credential after a migration.',
    cause: 'Argo CD uses it no longer, but it is still valid.',
    remedy: 'revoke it in Azure DevOps.',
    source:
      'https://learn.microsoft.com/azure/devops/organizations/accounts/use-personal-access-tokens-to-authenticate'
  },
  'migration/rollback-not-confirmed': {
    symptom: 'Credentials are back, and the run is not green.',
    cause: 'Argo CD did not confirm that it reads with them.',
    remedy: 'see the Applications, and run again.'
  },
  'migration/stopped': {
    symptom: 'Some Secrets were not tried.',
    cause: 'An earlier one failed, or the time was over.',
    remedy: 'correct the cause, then run again: what is done stays.'
  },
  'migration/unfinished': {
    symptom: 'A warning about an earlier migration.',
    cause: 'It was killed before it was finished.',
    remedy: 'run with mode: migrate or rollback again.'
  },
  'migration/version-unfit': {
    symptom: 'Nothing is migrated.',
    cause: 'Its git program would get no token with workload identity.',
    remedy: 'upgrade to 3.0.13, 3.1.1, or 3.2.0 or newer.',
    source: 'https://github.com/argoproj/argo-cd/issues/23478'
  },
  'stored-credential/allow-ended': {
    symptom: 'An audit is red although an exception is set.',
    cause: 'The last day of the exception is over.',
    remedy: 'migrate the credential, or set a new day.'
  },
  'stored-credential/allow-unknown': {
    symptom: 'An audit warns about an exception.',
    cause: 'No credential of this cluster has its fingerprint any more.',
    remedy: 'remove the exception.'
  },
  'stored-credential/generator': {
    symptom: 'An audit finds a token of ApplicationSet generators.',
    cause: 'SCM and pull request generators can log in with a token only.',
    remedy: 'use a git generator, or give the token the least permissions and a short life.',
    source: 'https://github.com/argoproj/argo-cd/issues/23705'
  },
  'stored-credential/in-url': {
    symptom: 'An audit finds a credential in a URL.',
    cause: 'Somebody wrote user and password into the URL of a Secret or Application.',
    remedy: 'write the URL without it, and revoke it.'
  },
  'stored-credential/not-seen': {
    symptom: 'An audit says what it could not look at.',
    cause: 'The login may not list a kind or a namespace.',
    remedy: 'grant the login docs/permissions/kubernetes-role-audit.yaml.'
  },
  'stored-credential/repository': {
    symptom: 'An audit finds a credential in a repository Secret.',
    cause: 'The Secret was made with a PAT or password.',
    remedy: MIGRATE
  },
  'stored-credential/template': {
    symptom: 'An audit finds a credential in a template.',
    cause: 'The template was made with a PAT or password.',
    remedy: MIGRATE
  },
  'stored-credential/unlabelled': {
    symptom: 'An audit finds a credential in a Secret that Argo CD does not read.',
    cause: 'Something else uses it for Azure Repos, or it was forgotten.',
    remedy: 'find out what uses it, then remove and revoke it.',
    certainty: 'likely'
  },
  'stored-credential/write': {
    symptom: 'An audit finds a credential for pushing.',
    cause: 'The hydrator pushes with a PAT.',
    remedy: MIGRATE
  },
  'verification/application-deleted': {
    symptom: 'The verification through Argo CD has no result.',
    cause: 'Somebody, or another run, deleted the Application before Argo CD had answered.',
    remedy: 'run again.'
  },
  'verification/commit-known-before': {
    symptom: 'The verification through Argo CD is inconclusive.',
    cause: 'Argo CD already had the commit, so it did not have to fetch with the new login.',
    remedy: 'restart the repo-server, or push a commit, then run again.'
  },
  'verification/may-not-probe': {
    symptom: 'Argo CD was not asked.',
    cause: 'The login may not create Applications, and none uses the repository.',
    remedy: 'grant the login docs/permissions/kubernetes-role.yaml, or create an Application.'
  },
  'verification/never-seen': {
    symptom: 'A check is green, and whether Argo CD reads is not confirmed.',
    cause: 'No Application was compared since the last change, and a check asks for nothing.',
    remedy: 'run with mode: apply, which asks Argo CD.'
  },
  'verification/no-answer': {
    symptom: 'The verification through Argo CD ends without an answer.',
    cause: 'The application controller does not run, is busy, or does not watch the namespace.',
    remedy: 'see whether the application controller runs, and its log.',
    certainty: 'likely'
  },
  'verification/no-refs': {
    symptom: 'git reads the repository and gets nothing.',
    cause: 'The repository has no commit, or a sign-in page was answered instead.',
    remedy: 'push a first commit, then run again.',
    certainty: 'likely'
  },
  'verification/not-noted': {
    symptom: 'The next check has to ask Argo CD again.',
    cause: 'The login may not patch the Secret on which the verification is recorded.',
    remedy: 'grant it patch on Secrets in the namespace of Argo CD.'
  },
  'verification/other-namespaces-unseen': {
    symptom: 'A note says that other namespaces were not looked at.',
    cause: 'The run is limited to one namespace.',
    remedy: 'nothing has to be done, unless Applications are in other namespaces.'
  },
  'verification/other-revision': {
    symptom: 'Argo CD reads, but another revision than git.',
    cause: 'Somebody pushed meanwhile, or Argo CD still has the refs of some minutes ago.',
    remedy: 'run again.'
  },
  'verification/probe-left': {
    symptom: 'An Application of a run is left.',
    cause: 'The login may not delete it, or the API server did not answer.',
    remedy: 'look at it, then delete it.'
  },
  'verification/probe-leftover': {
    symptom: 'An Application of an earlier run exists.',
    cause: 'That run goes on, or was killed.',
    remedy: 'delete it if no run is under way; a later run does it too.'
  },
  'verification/probe-lookalikes': {
    symptom: 'Applications with the label of probes are left alone.',
    cause: 'Somebody else made them: their content is not that of a probe.',
    remedy: 'remove the label from them.'
  },
  'verification/proxy-unreachable': {
    symptom: 'The verification cannot read as Argo CD does.',
    cause: 'The Secret names a proxy that only the cluster can reach.',
    remedy: 'use a runner inside the network, or let Argo CD verify it.'
  },
  'stored-credential/proxy': {
    symptom: 'An audit finds a credential for a proxy.',
    cause: 'The Secret names a proxy with user and password, which workload identity cannot replace.',
    remedy:
      'nothing has to be done for the migration; let the proxy know the cluster by its address instead, if it can.'
  }
}
