/** The run itself: inputs, host, programs, wire, report, export and fleet. */
import type { Explanations } from './explained.ts'

const CONNECTIONS = 'https://learn.microsoft.com/azure/devops/pipelines/library/connect-to-azure'

export const OF_RUN: Explanations = {
  'inputs/invalid': {
    symptom: 'The run ends at once and lists inputs, all of them together.',
    cause: 'An input is missing, unknown, misspelled, or does not go with another one.',
    remedy: 'correct the inputs that the message names.'
  },
  'host/endpoints-invalid': {
    symptom: 'The run ends at once and names a variable of the environment.',
    cause: 'An override of an endpoint is no https URL, or leads to a host that must not get a token.',
    remedy: 'correct the variable, or unset it.'
  },
  'host/identity-token-refused': {
    symptom: 'The request for the OIDC token of the job is answered with an error.',
    cause: 'The CI system is busy, or the job may not have a token (a pull request from a fork).',
    remedy: 'run again; in GitHub give the job permissions: id-token: write.'
  },
  'host/no-identity-token': {
    symptom: 'The login fails: the job cannot request an OIDC token.',
    cause: 'The job does not have the permission id-token: write, or runs for a pull request from a fork.',
    remedy: 'add permissions: id-token: write to the job.'
  },
  'host/no-outputs': {
    symptom: 'Outputs are not set.',
    cause: 'The variable that names the file for outputs is not set: this is no step of a job.',
    remedy: 'run it as a step of a job, or read the report.'
  },
  'host/proxy-ignored': {
    symptom: 'The run ends before its first request.',
    cause: 'A proxy is set in the environment, and this version of Node would ignore it.',
    remedy: 'use a newer version of Node, or unset the proxy.',
    source: 'https://nodejs.org/api/cli.html#node_use_env_proxy1'
  },
  'host/service-connection-missing': {
    symptom: 'The task ends at once.',
    cause: 'No service connection is given to the task.',
    remedy: 'set azureSubscription.',
    source: CONNECTIONS
  },
  'host/service-connection-other-cloud': {
    symptom: 'The task ends at once and names a cloud.',
    cause: 'The connection is for a sovereign cloud, whose tokens Azure DevOps Services does not accept.',
    remedy: 'use a connection of the public cloud.',
    source: CONNECTIONS
  },
  'host/service-connection-other-kind': {
    symptom: 'The task ends at once and names a scheme.',
    cause: 'The connection logs in in a way that cannot be used here, for example with a publish profile.',
    remedy: 'use a connection with workload identity federation.',
    source: CONNECTIONS
  },
  'host/service-connection-unfinished': {
    symptom: 'The task ends at once and names a field.',
    cause: 'The connection was saved as a draft, or the agent does not show a field of it.',
    remedy: 'finish or verify the connection in the settings of the project.',
    source: CONNECTIONS
  },
  'host/service-connection-unknown': {
    symptom: 'The task ends at once: the job does not know the connection.',
    cause: 'The connection was deleted, or the pipeline is not authorized for it.',
    remedy: 'authorize the pipeline for it, or correct azureSubscription.',
    source: CONNECTIONS
  },
  'host/temporary-folder': {
    symptom: 'The run ends at once and names a folder.',
    cause: 'The temporary folder does not exist, is not writable, or is not private.',
    remedy: 'set RUNNER_TEMP or TMPDIR to a folder of your own.'
  },
  'http/entry-skipped': {
    symptom: 'A warning says that an entry of a list was skipped.',
    cause: 'The service sent an entry in a form that this version does not know.',
    remedy: 'report it; the run goes on without the entry.'
  },
  'http/refused': {
    symptom: 'A service answers with a status that no rule explains.',
    cause: 'The text of the answer says why.',
    remedy: 'see the text; for 5xx and 429 run again later.',
    certainty: 'likely'
  },
  'http/unexpected-reply': {
    symptom: 'A service answers with success, and the run does not understand it.',
    cause: 'A proxy or a sign-in page answered instead of the service, or the service has changed.',
    remedy: 'check whether a proxy changes the answer; if not, report it with the debug log.',
    certainty: 'likely'
  },
  'http/unreachable': {
    symptom: 'A service does not answer.',
    cause: 'Name, firewall, proxy or a certificate are in the way of the runner.',
    remedy:
      "let the runner reach the host of the message; a proxy's certificate authority goes into NODE_EXTRA_CA_CERTS."
  },
  'git/failed': {
    symptom: 'git ends with an error that no rule explains.',
    cause: 'The text of git says why.',
    remedy: 'see the text of git in the message.',
    certainty: 'likely'
  },
  'git/not-working': {
    symptom: 'The run ends at once: git does not work.',
    cause: 'The git on PATH does not start or prints no version.',
    remedy: 'install git, or correct PATH.',
    source: 'https://git-scm.com/downloads'
  },
  'git/too-old': {
    symptom: 'The run ends at once: git is too old.',
    cause: 'Older versions cannot take the token by the environment only.',
    remedy: 'install a newer git.',
    source: 'https://git-scm.com/downloads'
  },
  'program/does-not-start': {
    symptom: 'A program that the run needs does not start.',
    cause: 'The file on PATH is not executable, or for another machine.',
    remedy: 'install the program again.'
  },
  'program/missing': {
    symptom: 'A program that the run needs is not found.',
    cause: 'It is not installed, or its folder is not on PATH.',
    remedy: 'install it, or correct PATH.'
  },
  'program/timeout': {
    symptom: 'A program was stopped because it did not end.',
    cause: 'It waits for an input or for a host that does not answer.',
    remedy: 'run it by hand to see what it waits for, then run again.',
    certainty: 'likely'
  },
  'program/too-much': {
    symptom: 'A program was stopped because of its memory, disk or output.',
    cause: 'The content that it reads is much larger than what the run needs.',
    remedy: 'run again; if it stays, report it with the debug log.',
    certainty: 'likely'
  },
  'report/no-place': {
    symptom: 'The run ends at once: the report cannot be written.',
    cause: 'No folder for the report is writable.',
    remedy: 'set the path of the report to a folder that exists and is writable.'
  },
  'report/not-written': {
    symptom: 'The run did its work, and outputs or summary are missing.',
    cause: 'The disk is full, or the file was removed while the run went on.',
    remedy: 'make room, then run again: it changes nothing twice.'
  },
  'run/cancelled': {
    symptom: 'The run ended before it was finished.',
    cause: 'Somebody or a time limit cancelled the job.',
    remedy: 'run again to continue; completed changes are kept.'
  },
  'patless/defect': {
    symptom: 'The run ends with a message about a bug in Patless.',
    cause: 'A case that nobody has thought of.',
    remedy: 'report it with the debug log.'
  },
  'export/keys-left-out': {
    symptom: 'The exported files do not have all keys of a Secret.',
    cause: 'Values of Secrets are not exported.',
    remedy: 'add the keys yourself, from where they are kept.'
  },
  'export/nothing': {
    symptom: 'The export writes no file.',
    cause: 'Nothing of the chain exists yet, or the login does not see it.',
    remedy: 'run with mode: apply first, or check the inputs.'
  },
  'export/secret-left-out': {
    symptom: 'A Secret is missing in the exported files.',
    cause: 'It holds a credential, which no file may have.',
    remedy: 'migrate it first, or write it yourself.'
  },
  'fleet/no-reports': {
    symptom: 'The summary of a fleet ends at once: there is no report.',
    cause: 'No job has uploaded its report, or the folder is another one.',
    remedy: 'let every job upload its report, and name the folder with all of them.'
  },
  'fleet/plan-unknown': {
    symptom: 'The summary of a fleet does not find its plan.',
    cause:
      'Neither the file of targets nor the report of the plan was given; with a query in the file, the report is needed.',
    remedy: 'give the file, and upload the report of the plan with those of the jobs.'
  },
  'fleet/query-empty': {
    symptom: 'A plan by a query ends at once: there is no cluster.',
    cause:
      'No cluster has the type and the tags that the query asks for, or the login may not read them. Azure Resource Graph may know a new tag only after some minutes.',
    remedy: 'try the query in the Azure portal; grant the login Reader at the clusters.'
  },
  'fleet/query-refused': {
    symptom: 'A plan by a query ends at once, with the words of Azure Resource Graph.',
    cause: 'The query is not in its language, or its rows have no column id.',
    remedy: 'correct the query; the Resource Graph Explorer of the Azure portal shows where it is wrong.'
  },
  'fleet/report-of-another-plan': {
    symptom: 'A report of a fleet is not counted.',
    cause: 'It is of a job of another plan, for example of an earlier run.',
    remedy: 'remove it, and run the job of this plan again.'
  },
  'fleet/report-of-another-version': {
    symptom: 'A report of a fleet is not counted.',
    cause: 'Another version of Patless wrote it.',
    remedy: 'let all jobs use the same version.'
  },
  'fleet/report-unreadable': {
    symptom: 'A report of a fleet is not counted.',
    cause: 'The file is no report, or was cut off.',
    remedy: 'run the job again.'
  },
  'fleet/target-not-reported': {
    symptom: 'A cluster of a fleet has no result.',
    cause: 'Its job did not run, was cancelled, or did not upload its report.',
    remedy: 'see the job of the target, and run it again.'
  },
  'fleet/credentials-unknown': {
    symptom: 'A plan warns that it could not count federated credentials.',
    cause: 'The login may not read an identity that several clusters share.',
    remedy: 'grant the login Managed Identity Contributor or Reader at the identity, then plan again.'
  },
  'fleet/identity-full': {
    symptom: 'A plan ends before any job: an identity has no room.',
    cause: 'More clusters share the identity than the 20 federated credentials that Entra allows.',
    remedy: 'give some of the targets another identity-name.'
  },
  'fleet/identity-nearly-full': {
    symptom: 'A plan warns about a shared identity.',
    cause: 'With the clusters of the plan, only a few of its 20 federated credentials are free.',
    remedy: 'give the next targets another identity-name.'
  }
}
