/** The schema of the stored credentials in a report. */
import { CREDENTIAL_KINDS, CREDENTIAL_VERDICTS, REASONS } from '../src/core/credential-words.ts'
import { TITLES } from '../src/core/finding-titles.ts'
import { list, record, text, words, type Schema } from './schema.ts'

const names = (description: string): Schema => list(description, { type: 'string' })
const time = (description: string): Schema => ({ type: 'string', format: 'date-time', description })

export function storedCredentialsSchema(): Schema {
  const ids = Object.keys(TITLES).filter((id) => id.startsWith('stored-credential/'))
  return list(
    'Every stored credential that reaches Azure Repos, by Argo CD, kind and place; absent: this mode looks for none.',
    record(
      'A stored credential. Its value is never part of a report, not even as a hash.',
      {
        finding: words('Id of its finding.', ids),
        fingerprint: text('The same in every run, for the input `allow`. It does not depend on the value.'),
        kind: words('What holds it.', CREDENTIAL_KINDS),
        argocd: text('Namespace of the Argo CD that uses it.'),
        object: record('The object that holds it.', {
          kind: words('Its kind.', ['Secret', 'Application', 'ApplicationSet']),
          namespace: text('Its namespace.'),
          name: text('Its name.')
        }),
        url: text('URL, prefix or organization, without user, query and fragment; empty: none.'),
        project: text('The Argo CD project that may use it; empty: any.'),
        keys: names('Names of the keys that hold it.'),
        user: text('The user name beside it, when that is certainly no credential.'),
        serves: record(
          "What uses it, by Argo CD's own resolution.",
          {
            repositories: names('URLs.'),
            applications: names('As namespace/name; absent: the login may not list them.'),
            applicationSets: names('As namespace/name; absent: the login may not list them.')
          },
          ['applications', 'applicationSets']
        ),
        shadows: names(
          'Secrets with workload identity, as namespace/name, that Argo CD would use instead; itself, when its own flag is beaten.'
        ),
        owner: record('The tool that makes the object: a change lasts only in its source. Absent: none.', {
          kind: text('The kind of tool.'),
          name: text('Its resource, release or Application.')
        }),
        immutable: { type: 'boolean', description: 'Kubernetes refuses to change the data of the object.' },
        createdAt: time('When the object was made.'),
        changedAt: time('When its content changed last.'),
        group: {
          type: 'integer',
          minimum: 1,
          description: 'Credentials with the same number hold the same value; absent: no other holds it.'
        },
        verdict: words('Whether workload identity can replace it.', CREDENTIAL_VERDICTS),
        reasons: list(
          'Why it cannot be replaced now.',
          record('A reason.', {
            id: words('Which.', REASONS),
            text: text('A clause about the credential.')
          })
        ),
        allowed: record('The exception that holds for it; absent: none.', {
          until: text('The last day, as YYYY-MM-DD (UTC).'),
          reason: text('As given in the input `allow`.')
        })
      },
      ['user', 'owner', 'createdAt', 'changedAt', 'group', 'allowed']
    )
  )
}
