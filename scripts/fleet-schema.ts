/** The part of the report's schema about many targets. */
import { list, record, text, type Schema } from './schema.ts'

const count = (description: string): Schema => ({ type: 'integer', minimum: 0, description })

export function fleetPlanSchema(): Schema {
  return record('What mode plan found.', {
    targets: list(
      'In the order of the file.',
      record('A target.', {
        name: text('Its name in the file.'),
        cluster: text('Name of the cluster.'),
        identity: text('Name of the managed identity.'),
        organizations: list('Azure DevOps organizations.', { type: 'string' }),
        repositories: count('How many.'),
        job: text('The job that runs it: its own name, or that of a batch.')
      })
    ),
    identities: list(
      'One per identity.',
      record(
        'A managed identity.',
        {
          name: text('Its name.'),
          targets: count('How many targets use it, with one federated credential each.'),
          others: list('Names of credentials that are of none of them; absent: not read.', { type: 'string' })
        },
        ['others']
      )
    ),
    licenses: count('Basic licenses: one per identity and organization.'),
    jobs: count('At most 256.')
  })
}
