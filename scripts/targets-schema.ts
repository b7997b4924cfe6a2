/** Makes docs/targets.schema.json from the inputs table: editors complete a file of targets with it. */
import { TARGET_INPUTS } from '../src/config/targets/file.ts'
import type { InputRow } from '../src/config/row.ts'
import { list, record, type Schema } from './schema.ts'

export function targetsSchema(): Schema {
  const inputs = Object.fromEntries(TARGET_INPUTS.map((row) => [row.name, valueOf(row)]))
  const name: Schema = {
    type: 'string',
    pattern: '^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,78}[A-Za-z0-9])?$',
    description: 'Its name in logs, jobs and reports. Derived: the name of the cluster.'
  }
  const optional = Object.keys(inputs)
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://raw.githubusercontent.com/patless/patless/main/docs/targets.schema.json',
    title: 'Targets of Patless',
    ...record(
      'Clusters with their repositories; every name but `name` is that of an input (docs/inputs.md).',
      {
        defaults: record('Values of every target that has none of its own.', inputs, optional),
        identities: {
          type: 'integer',
          minimum: 1,
          maximum: 500,
          description:
            'How many identities the targets share, named by identity-name under defaults and a number. If left out: identity-name as it is, or one identity per cluster.'
        },
        query: {
          type: 'string',
          minLength: 1,
          maxLength: 10_000,
          description:
            'Further targets: the clusters that Azure Resource Graph finds with this query, in its language (KQL). Those under targets say what is different for one of them.'
        },
        targets: {
          ...list('One per Argo CD.', record('A target.', { name, ...inputs }, ['name', ...optional])),
          minItems: 1
        }
      },
      ['defaults', 'identities', 'query', 'targets']
    ),
    anyOf: [{ required: ['targets'] }, { required: ['query'] }]
  }
}

/** `null` takes back a default. */
function valueOf({ kind, description, choices, pattern, range }: InputRow): Schema {
  if (kind === 'boolean') return { type: ['boolean', 'null'], description }
  if (kind === 'choice') return { enum: [...(choices ?? []), null], description }
  if (kind === 'lines')
    return { type: ['array', 'string', 'null'], items: { type: ['string', 'number'] }, description }
  if (kind === 'seconds' || kind === 'number')
    return { type: ['number', 'null'], minimum: range?.[0], maximum: range?.[1], description }
  // Numbers, since a name may be one.
  return {
    type: ['string', 'number', 'null'],
    // Flags are not part of a JSON Schema; without them, a pattern would refuse what the parser accepts.
    ...(pattern && pattern.flags === '' && { pattern: pattern.source }),
    description
  }
}
