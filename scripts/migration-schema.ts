/** The part of the report's schema about Secrets that were moved. */
import { MOVE_STATES } from '../src/engine/moves.ts'
import { list, ms, record, text, words, type Schema } from './schema.ts'

const count = (description: string): Schema => ({ type: 'integer', minimum: 0, description })

/** @param ids of all findings */
export function migrationSchema(ids: readonly string[]): Schema {
  return record('What became of the stored credentials, in the modes that move them.', {
    before: count('How many there were.'),
    after: count('How many are left.'),
    moves: list(
      'One per stored credential.',
      record(
        'A stored credential.',
        {
          name: text('Name of the Secret, or kind and name of the object.'),
          kind: text('repository, template, or another kind of the audit.'),
          url: text('Its URL, without credentials.'),
          state: words('What became of it.', MOVE_STATES),
          users: count('How many Applications use it.'),
          batch: { type: 'integer', minimum: 1, description: 'Its turn; 1 is the canary.' },
          problem: words('Id of the finding that says why it is not migrated.', ids),
          start: ms('ms since the run began.'),
          end: ms('ms since the run began.')
        },
        ['users', 'batch', 'problem']
      )
    ),
    unused: list(
      'Credentials that can be revoked, or are used by less than before.',
      record(
        'One credential. Its value is nowhere in the report.',
        {
          held: list('Secrets that held it.', { type: 'string' }),
          still: list('Objects that still hold it: revoke it only when this is empty.', { type: 'string' }),
          where: text('Where it is revoked.'),
          user: text('The user name beside it.'),
          since: text('Since when, as YYYY-MM-DD.')
        },
        ['user', 'since']
      )
    )
  })
}
