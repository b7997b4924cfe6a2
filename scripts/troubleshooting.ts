/** Makes docs/troubleshooting.md from the rules of the diagnosis and the titles of all findings. */
import { TITLES, type FindingId } from '../src/core/finding-titles.ts'
import { anchorOf } from '../src/core/help.ts'
import { asInYaml, nameInputs } from '../src/core/input-name.ts'
import { RULES } from '../src/diagnosis/registry.ts'
import { explanationOf } from './explained/index.ts'
import { findingOf, LINKS, type Certainty, type Rule } from '../src/diagnosis/rule.ts'

const IDS = Object.keys(TITLES).toSorted() as FindingId[]
const RULE_OF: ReadonlyMap<string, Rule> = new Map(RULES.map((rule) => [rule.id, rule]))

export function troubleshootingDocument(): string {
  return [
    `# Troubleshooting

What can be wrong on the way from Argo CD to a private Azure Repos repository: by the text that you see, and by the part of the chain. The names in the remedies are examples; a run of Patless prints them with your own, and shows the cause first and what follows from it after that.

For the debug log, run again with "Enable debug logging" on GitHub, with "Enable system diagnostics" on Azure Pipelines, or with \`PATLESS_DEBUG=1\` in the terminal.

<!-- Made from src/diagnosis/rules by \`npm run manifests\`. -->
`,
    '## By error text\n',
    '| You see | Look at |',
    '| --- | --- |',
    ...textRows(),
    '\n## By part of the chain\n',
    ...[...LINKS, ...OTHERS].flatMap(placeList),
    '\n## All findings\n',
    ...IDS.map(entry)
  ].join('\n')
}

function textRows(): string[] {
  const rows = RULES.flatMap(({ id, texts }) => texts.map((text) => ({ id, text })))
  const texts = [...new Set(rows.map(({ text }) => text))].toSorted((a, b) => a.localeCompare(b, 'en'))
  return texts.map((text) => {
    const ids = rows.filter((row) => row.text === text).map(({ id }) => linkTo(id))
    return `| ${code(text)} | ${[...new Set(ids)].join(', ')} |`
  })
}

/** What a run meets beside the chain, by the area of the id. */
const OTHERS = [...new Set(IDS.filter((id) => !isOfChain(id)).map(areaOf))].toSorted()

function placeList(place: string): string[] {
  const ids = IDS.filter((id) => placeOf(id) === place)
  if (ids.length === 0) return []
  return [`**${place}**\n`, ...ids.map((id) => `- ${linkTo(id)}: ${escaped(TITLES[id])}`), '']
}

function placeOf(id: FindingId): string {
  return RULE_OF.get(id)?.link ?? areaOf(id)
}

function areaOf(id: FindingId): string {
  return id.split('/')[0] ?? ''
}

function isOfChain(id: FindingId): boolean {
  return RULE_OF.has(id) || LINKS.some((link) => link === areaOf(id))
}

function entry(id: FindingId): string {
  const head = `### <a id="${anchorOf(id)}"></a>${id}\n\n${escaped(TITLES[id])}.\n`
  const rule = RULE_OF.get(id)
  if (!rule) return explained(id, head)
  const [example] = rule.examples
  const { remedy, command } = example ? findingOf(rule, example) : { remedy: '' }
  return `${head}
- **Symptom:** ${escaped(rule.symptom)}
- **Cause:** ${escaped(rule.cause)}
- **Remedy:** ${remedyOf(remedy, command)}
- **Certainty:** ${certaintyOf(rule.certainty)}
- **Source:** ${rule.sources.map((source) => `<${source}>`).join(', ')}
`
}

/** Of a finding that the run itself meets. */
function explained(id: FindingId, head: string): string {
  const { symptom, cause, remedy, certainty, source } = explanationOf(id)
  return `${head}
- **Symptom:** ${escaped(symptom)}
- **Cause:** ${escaped(cause)}
- **Remedy:** ${escaped(remedy)}
- **Certainty:** ${certainty === undefined ? 'proved: the run has read or met it itself' : certaintyOf(certainty)}
- **Source:** <${source}>
`
}

/** The command as a block, so that it can be copied. */
function remedyOf(remedy: string, command: string | undefined): string {
  const text = escaped(nameInputs(remedy, asInYaml)).replaceAll('\n', ' ')
  if (command === undefined) return text
  return `${text}\n\n  \`\`\`sh\n${command.replaceAll(/^/gm, '  ')}\n  \`\`\`\n`
}

function certaintyOf(certainty: Certainty): string {
  if (certainty === 'proved') return 'proved by the evidence'
  if (certainty === 'likely') return 'likely: the usual explanation, others are possible'
  return `cannot be observed from outside; ${escaped(certainty.tell)}`
}

function linkTo(id: FindingId): string {
  return `[${id}](#${anchorOf(id)})`
}

/** As a code span in a table cell. */
function code(text: string): string {
  const fence = text.includes('`') ? '``' : '`'
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : ''
  return `${fence}${pad}${text.replaceAll('|', '\\|').replaceAll('\n', ' ')}${pad}${fence}`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('|', '\\|')
}
