/** Makes docs/report.schema.json and docs/findings.md from the same lists as the report itself. */
import { TITLES } from '../src/core/finding-titles.ts'
import { OUTPUTS } from '../src/config/outputs.ts'
import { MODES } from '../src/config/row.ts'
import { RESULTS, VERIFICATION_NAMES, VERIFICATION_RESULTS } from '../src/engine/outcome.ts'
import { PLAN_ACTIONS } from '../src/engine/plan.ts'
import { REPORT_VERSION } from '../src/report/report.ts'
import { fleetPlanSchema } from './fleet-schema.ts'
import { list, ms, record, text, words, type Schema } from './schema.ts'
import { migrationSchema } from './migration-schema.ts'
import { storedCredentialsSchema } from './stored-credentials-schema.ts'

const ids = Object.keys(TITLES).toSorted()
const kinds = ids.flatMap((id) => (id.endsWith('/drifted') ? [id.slice(0, -'/drifted'.length)] : []))
const times = {
  start: ms('ms since the run began.'),
  end: ms('ms since the run began.')
}
const verification = (description: string): Schema =>
  record(description, {
    result: words('The result.', VERIFICATION_RESULTS),
    reason: text('Why, in one line: who read what.'),
    ...times
  })
const byVerification = (description: string, of: Schema): Schema =>
  record(description, { access: of, argocd: of, charts: of }, ['access', 'argocd', 'charts'])

export function reportSchema(): Schema {
  const { properties, ...others } = everyReport()
  return {
    ...others,
    properties: {
      ...(properties as Schema),
      plan: planSchema(),
      exports: record('Of an export: the text of each file.', {
        'main.bicep': text('The resources of Azure.'),
        'main.tf': text('All resources, with import blocks.'),
        'export.sh': text('All resources, made by az and kubectl.')
      }),
      fleet: fleetPlanSchema(),
      runs: list('Of several targets: the report of each.', { $ref: '#' }),
      silent: list('Of several targets: names of those that left no report.', { type: 'string' }),
      issue: text('Of a diagnosis: a block to paste into an issue.')
    }
  }
}

/** Without what only some modes have. */
function everyReport(): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `https://patless.dev/report/${REPORT_VERSION}.json`,
    title: 'Report of a run of Patless',
    ...record(
      'What a run found and did. Secrets that the run masked are *** in every field.',
      {
        version: {
          const: REPORT_VERSION,
          description: 'The version of this format. Within 2.x, fields are only added.'
        },
        mode: words('The mode of the run.', [...MODES, 'dry-run']),
        startedAt: { type: 'string', format: 'date-time', description: 'UTC.' },
        durationMs: ms('Duration of the whole run, in ms.'),
        target: record(
          'What the run was for.',
          {
            name: text('Where it is one of many: its name in the file of targets.'),
            plan: text('Digest of all targets of that file.'),
            cluster: text('Name of the cluster; empty for several targets.'),
            identity: text('Name of the managed identity; absent in an audit.'),
            organizations: list('Azure DevOps organizations.', { type: 'string' }),
            repositories: list('URLs of the repositories.', { type: 'string' })
          },
          ['name', 'plan', 'identity']
        ),
        login: text('Which login was used, and as whom.'),
        resources: list(
          'One per resource, in the order of the chain.',
          record(
            'A resource.',
            {
              resource: words('Its kind.', kinds),
              organization: text('Where the run has several organizations: the one it belongs to.'),
              result: words('What the run found or did.', RESULTS),
              summary: text('One line of fact, or why there is none.'),
              differences: list(
                'Fields that differ from the specification.',
                record(
                  'A field. For a credential, only the names of keys.',
                  {
                    field: text('Its name.'),
                    expected: text('The specified value.'),
                    actual: text('The current value; absent: the field does not exist.'),
                    blocked: words('Id of the finding that explains why apply does not fix it.', ids)
                  },
                  ['actual', 'blocked']
                )
              ),
              ...times
            },
            ['organization', 'summary']
          )
        ),
        verification: verification('The combined result of the verifications.'),
        verifications: byVerification(
          'Each verification that was requested.',
          verification(
            'A verification: `access` by this run as the identity, `argocd` by Argo CD itself, `charts` by this run from the registries.'
          )
        ),
        repositories: list(
          'One per repository.',
          record('A repository.', {
            url: text('As given in the inputs.'),
            verifications: byVerification(
              'Results by verification.',
              record(
                'A verification of this repository.',
                {
                  result: words('The result.', VERIFICATION_RESULTS),
                  commit: text('The commit that was read.')
                },
                ['commit']
              )
            )
          })
        ),
        storedCredentials: storedCredentialsSchema(),
        migration: migrationSchema(ids),
        findings: list(
          'All findings of the run: errors, then warnings, then notes.',
          record(
            'A finding.',
            {
              id: words('Described in docs/findings.md.', ids),
              severity: words('Errors and warnings need action; notes do not.', ['error', 'warning', 'note']),
              target: text('Where the report is of several: the name of the target.'),
              resource: words('The resource that it belongs to.', kinds),
              organization: text('Where the run has several organizations: that of the resource.'),
              verification: words('The verification that it belongs to.', VERIFICATION_NAMES),
              repository: text('URL of the repository that it is about.'),
              fingerprint: text('Of a stored credential: the same in every run.'),
              object: text('The object of the cluster that it is about, as kind namespace/name.'),
              summary: text('What happened, as one sentence.'),
              expected: text('The expected value or state.'),
              actual: text('The current value or state.'),
              remedy: text('The command or setting that fixes it.'),
              certainty: {
                const: 'likely',
                description: 'The usual explanation; others are possible. Absent: proved.'
              },
              because: words('Id of the finding that is its cause: fix that one.', ids),
              command: text('Shell commands that carry the remedy out, ready to run.'),
              code: text("The service's own error code."),
              link: text('Where to read more.')
            },
            [
              'target',
              'resource',
              'organization',
              'verification',
              'repository',
              'fingerprint',
              'object',
              'expected',
              'actual',
              'certainty',
              'because',
              'command',
              'code',
              'link'
            ]
          )
        ),
        verdict: record('The verdict of the run.', {
          exitCode: { enum: [0, 1, 2], description: '0 in order, 1 error, 2 drift.' },
          summary: text('One sentence.')
        }),
        outputs: record(
          'Every output, as text.',
          Object.fromEntries(OUTPUTS.map(({ name, description }) => [name, text(description)]))
        )
      },
      ['storedCredentials', 'migration']
    )
  }
}

function planSchema(): Schema {
  const count = (what: string): Schema => ({ type: 'integer', minimum: 0, description: what })
  const field = record(
    'A field.',
    {
      field: text('Its name.'),
      before: text('Its value now; absent: it does not exist.'),
      after: text('Its value then; absent: known after apply, or nothing is left.')
    },
    ['before', 'after']
  )
  const step = record(
    'A resource.',
    {
      resource: words('Its kind.', kinds),
      organization: text('Where the run has several organizations: the one it belongs to.'),
      action: words(
        '`blocked`: apply refuses. `unknown`: it depends on one that could not be read.',
        PLAN_ACTIONS
      ),
      fields: list('What is written.', field),
      effects: list('What that takes or causes; for a kept resource, why it is kept.', { type: 'string' })
    },
    ['organization']
  )
  return record('What apply or remove would do; only in a dry run.', {
    steps: list('In the order of the chain, without what stays as it is.', step),
    create: count('Number of resources.'),
    change: count('Number of resources.'),
    delete: count('Number of resources.')
  })
}

/** docs/findings.md: every id with its title. */
export function findingsDocument(): string {
  const areas = new Map<string, string[]>()
  for (const [id, title] of Object.entries(TITLES).toSorted()) {
    const [area = ''] = id.split('/')
    areas.set(area, [...(areas.get(area) ?? []), `| \`${id}\` | ${title} |`])
  }
  const tables = [...areas].map(
    ([area, rows]) => `## ${area}\n\n| Id | Meaning |\n| --- | --- |\n${rows.join('\n')}`
  )
  return `# Findings

Everything that Patless reports has one of these ids: in the log, in annotations, in the output \`findings\` and in the [report](report.md). A released id keeps its meaning. A reported finding also has expected, actual and remedy, filled with your own names.

<!-- Made from src/core/finding-titles/ by \`npm run manifests\`. -->

${tables.join('\n\n')}
`
}
