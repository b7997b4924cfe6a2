/** Inputs about the run itself and its login. */
import { GUID } from '../patterns.ts'
import { CHAIN_MODES, TARGET_MODES, type InputRow } from '../row.ts'

export const RUN_ROWS = [
  {
    name: 'fail-on-drift',
    group: 'run',
    kind: 'boolean',
    modes: CHAIN_MODES,
    default: 'true',
    visible: 'mode = check',
    description: 'Whether drift fails a check. The outputs always report drift.'
  },
  {
    name: 'redact',
    group: 'run',
    kind: 'boolean',
    modes: ['diagnose'],
    default: 'true',
    visible: 'mode = diagnose',
    description: 'Whether the block for an issue that diagnose prints has ids and names replaced.'
  },
  {
    name: 'dry-run',
    group: 'run',
    kind: 'boolean',
    modes: TARGET_MODES,
    default: 'false',
    visible: 'mode != check',
    description: 'Show what apply, remove, migrate or rollback would do, without writing.'
  },
  {
    name: 'fail-on-stored-credentials',
    group: 'run',
    kind: 'boolean',
    modes: ['audit'],
    default: 'true',
    description: 'Whether a stored credential fails an audit. The outputs always report it.'
  },
  {
    name: 'allow',
    group: 'run',
    kind: 'lines',
    modes: ['audit', 'check'],
    description:
      'Stored credentials that are accepted for a time, one per line: fingerprint, last day, reason, e.g. 3f9c2a7be01d4c58 2027-03-31 generators need a PAT.'
  },
  {
    name: 'canary',
    group: 'run',
    kind: 'text',
    modes: ['migrate'],
    derived: true,
    visible: 'mode = migrate',
    description:
      'Secret, or URL of a repository, that is moved first and alone. Derived: the Secret with the fewest Applications.'
  },
  {
    name: 'batch-size',
    group: 'run',
    kind: 'number',
    modes: ['migrate'],
    default: '5',
    visible: 'mode = migrate',
    range: [1, 50],
    hint: 'Write e.g. 5.',
    description: 'How many Secrets are moved at a time, after the first one.'
  },
  {
    name: 'backup-retention',
    group: 'run',
    kind: 'number',
    modes: ['migrate'],
    default: '7',
    visible: 'mode = migrate',
    range: [0, 90],
    hint: 'Write a number of days, e.g. 7.',
    description:
      'Days for which the old credentials stay in a backup Secret beside Argo CD; the next run that writes deletes what is older.'
  },
  {
    name: 'restart',
    group: 'run',
    kind: 'boolean',
    modes: ['migrate'],
    default: 'false',
    visible: 'mode = migrate',
    description: 'Restart the repo-server once at the end, so that Argo CD fetches every repository again.'
  },
  {
    name: 'remind',
    group: 'run',
    kind: 'boolean',
    modes: ['migrate', 'apply', 'check', 'audit'],
    default: 'false',
    description:
      'Name the credentials that earlier migrations took out and that can be revoked, as long as their Secrets hold none again.'
  },
  {
    name: 'azure-subscription',
    group: 'login',
    kind: 'connection',
    only: 'azure-pipelines',
    required: true,
    description:
      'Azure Resource Manager service connection to log in with; with workload identity federation it stores no secret.'
  },
  {
    name: 'client-id',
    group: 'login',
    kind: 'text',
    only: 'elsewhere',
    pattern: GUID,
    form: 'an application id (a GUID)',
    description:
      "Application to log in as, with the host's OIDC token. Without it: the az login, then the environment."
  },
  {
    name: 'tenant-id',
    group: 'login',
    kind: 'text',
    only: 'elsewhere',
    pattern: GUID,
    form: 'a tenant id (a GUID)',
    description: 'Entra tenant of client-id.'
  },
  {
    name: 'identity-service-connection',
    group: 'login',
    kind: 'connection',
    only: 'azure-pipelines',
    modes: TARGET_MODES,
    description:
      'Azure Resource Manager service connection to the tenant of identity and organization, where that is not the tenant of the cluster.'
  },
  {
    name: 'identity-login-client-id',
    group: 'login',
    kind: 'text',
    only: 'elsewhere',
    modes: TARGET_MODES,
    derived: true,
    pattern: GUID,
    form: 'an application id (a GUID)',
    description:
      "Application to log in as in identity-tenant-id, with the host's OIDC token. Derived: client-id, if both tenants know it."
  },
  {
    name: 'identity-tenant-id',
    group: 'login',
    kind: 'text',
    modes: TARGET_MODES,
    derived: true,
    pattern: GUID,
    form: 'a tenant id (a GUID)',
    description:
      'Entra tenant of identity and organization, where that is not the tenant of the cluster. On Azure Pipelines derived from identity-service-connection.'
  },
  {
    name: 'cloud',
    group: 'login',
    kind: 'choice',
    default: 'public',
    choices: ['public', 'usgovernment', 'china'],
    description:
      'Azure cloud of the identity. Azure DevOps accepts tokens of the public cloud only; for a cluster elsewhere use oidc-issuer-url.'
  }
] as const satisfies readonly InputRow[]
