/** The single list of outputs, from which `action.yml`, `task.json`, docs/inputs.md and the reports are made. */
export const OUTPUTS = [
  { name: 'client-id', description: 'Client (application) id of the managed identity.' },
  { name: 'principal-id', description: 'Principal (object) id of the managed identity.' },
  { name: 'tenant-id', description: 'Tenant of the managed identity.' },
  { name: 'identity-resource-id', description: 'ARM resource id of the managed identity.' },
  { name: 'oidc-issuer-url', description: 'OIDC issuer of the cluster.' },
  { name: 'subject', description: "Subject of the repo-server's tokens." },
  { name: 'changed', description: 'true when this run wrote something.' },
  {
    name: 'drift',
    description: 'true when the chain differs from the inputs; empty when the run ended at the login.'
  },
  { name: 'verification', description: 'verified, failed, inconclusive or skipped.' },
  { name: 'verification-reason', description: 'Why verification has that value.' },
  {
    name: 'differences',
    description: 'JSON: resource, result, field, expected and actual of every difference.'
  },
  {
    name: 'findings',
    description: 'Ids of the findings that need action, separated by commas (docs/findings.md).'
  },
  {
    name: 'stored-credentials',
    description: 'Number of stored credentials that an audit found and no exception covers.'
  },
  {
    name: 'matrix',
    description: 'Of plan: JSON for strategy.matrix, one job per target or batch (docs/targets.md).'
  },
  {
    name: 'failed',
    description: 'Of several targets: the number of those that failed or left no report.'
  },
  { name: 'drifted', description: 'Of several targets: the number of those that differ from the inputs.' },
  {
    name: 'verified',
    description: 'Of several targets: the number of those whose verification is verified.'
  },
  {
    name: 'sarif',
    description: 'Path of the findings as SARIF 2.1.0, of audit, check and migrate; for code scanning.'
  },
  {
    name: 'html',
    description: 'Path of the report as one HTML page: the chain drawn, findings with remedies.'
  },
  { name: 'export', description: 'Folder with main.bicep, main.tf and export.sh, of export.' },
  { name: 'report', description: 'Path of the JSON report (docs/report.md).' }
] as const

export type OutputName = (typeof OUTPUTS)[number]['name']
