/** Many targets: their file, the plan, the reports of their jobs. */
export const FLEET_TITLES = {
  'fleet/credentials-unknown': 'The credentials that shared identities have already could not be read',
  'fleet/identity-full': 'More clusters share an identity than Entra allows',
  'fleet/identity-nearly-full': 'A shared identity has room for few more clusters',
  'fleet/no-reports': 'There is no report in the folder',
  'fleet/plan-unknown': 'Without the file of targets, nobody knows whose report is missing',
  'fleet/query-empty': 'The query of a file of targets finds no cluster',
  'fleet/query-refused': 'Azure Resource Graph refuses the query of a file of targets',
  'fleet/report-of-another-plan': 'A report is of a target that the file does not have now',
  'fleet/report-of-another-version': 'A report is of another version of Patless',
  'fleet/report-unreadable': 'A report cannot be read',
  'fleet/target-not-reported': 'The job of a target left no report'
} as const
