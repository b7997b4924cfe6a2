/**
 * Generates action.yml, task.json and docs/inputs.md from the inputs table, docs/findings.md and
 * docs/report.schema.json from the findings and the fields of the report, and the version in all files from package.json.
 * With `--check` it fails when a file differs.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { OUTPUTS } from '../src/config/outputs.ts'
import { MODES, type HostKind, type InputRow } from '../src/config/row.ts'
import { camelCase, INPUTS, inputsFor } from '../src/config/table.ts'
import { findingsDocument, reportSchema } from './report-schema.ts'
import { targetsSchema } from './targets-schema.ts'
import { troubleshootingDocument } from './troubleshooting.ts'
import { pinnedTo, versionedFiles } from './versioned.ts'

export function actionManifest(): string {
  const inputs = inputsFor('elsewhere').map((input) => [
    input.name,
    {
      description:
        'choices' in input ? `${input.description} (${input.choices.join(', ')})` : input.description,
      required: isAlwaysRequired(input),
      ...('default' in input ? { default: input.default } : {})
    }
  ])
  const manifest = {
    name: 'Patless',
    description:
      'Token-free read access for Argo CD to private Azure Repos: set up, verified and maintained.',
    author: 'Patless',
    branding: { icon: 'key', color: 'blue' },
    inputs: Object.fromEntries(inputs) as unknown,
    outputs: Object.fromEntries(OUTPUTS.map(({ name, description }) => [name, { description }])) as unknown,
    runs: { using: 'node24', main: 'dist/index.js' }
  }
  return `# Made from src/config/table.ts and outputs.ts by \`npm run manifests\`.\n${stringify(manifest, { lineWidth: 0 })}`
}

const GROUPS = {
  target: 'Cluster and identity',
  repository: 'Repository',
  argocd: 'Argo CD and verification',
  run: 'Run',
  login: 'Login'
} as const
const TYPES = {
  text: 'string',
  lines: 'multiLine',
  boolean: 'boolean',
  choice: 'pickList',
  seconds: 'string',
  number: 'string',
  file: 'string',
  connection: 'connectedService:AzureRM'
} as const

/** The task of Azure Pipelines. Its id and name must never change: pipelines refer to them. */
export function taskManifest(version: string): string {
  const [Major = 0, Minor = 0, Patch = 0] = version.split('.').map(Number)
  const label = (name: string): string =>
    name
      .replaceAll('-', ' ')
      .replace(/^./, (letter) => letter.toUpperCase())
      .replaceAll(/\b(Url|url|id|oidc|devops|argocd)\b/gi, (word) => LABELS[word.toLowerCase()] ?? word)
  const inputs = inputsFor('azure-pipelines').map((input) => ({
    name: camelCase(input.name),
    type: TYPES[input.kind],
    label: label(input.name),
    defaultValue: 'default' in input ? input.default : '',
    required: isAlwaysRequired(input),
    ...(input.group === 'login' ? {} : { groupName: input.group }),
    ...('choices' in input
      ? { options: Object.fromEntries(input.choices.map((choice) => [choice, choice])) }
      : {}),
    ...visibleRuleOf(input),
    helpMarkDown: escaped(inTaskNames(input.description))
  }))
  const manifest = {
    $schema: 'https://raw.githubusercontent.com/Microsoft/azure-pipelines-task-lib/master/tasks.schema.json',
    id: '6f9d2b54-3a0e-4c17-9e58-b1c4d7a2f063',
    name: 'Patless',
    friendlyName: 'Patless: repository access, no tokens',
    description:
      'Token-free read access for Argo CD to private Azure Repos: set up, verified and maintained.',
    helpMarkDown: 'Give the AKS cluster and the URL of the repository; the rest is derived.',
    category: 'Deploy',
    visibility: ['Build', 'Release'],
    author: 'Patless',
    version: { Major, Minor, Patch },
    minimumAgentVersion: '4.265.1',
    instanceNameFormat: 'Argo CD access: $(mode) on $(cluster)',
    showEnvironmentVariables: false,
    groups: Object.entries(GROUPS)
      .filter(([name]) => name !== 'login')
      .map(([name, displayName]) => ({
        name,
        displayName,
        isExpanded: name === 'target' || name === 'repository'
      })),
    inputs,
    outputVariables: OUTPUTS.map(({ name, description }) => ({ name: camelCase(name), description })),
    execution: { Node24: { target: 'dist/index.js' } },
    restrictions: { settableVariables: { allowed: OUTPUTS.map(({ name }) => camelCase(name)) } }
  }
  return `${JSON.stringify(manifest, null, 2)}\n`
}

const LABELS: Readonly<Record<string, string>> = {
  url: 'URL',
  id: 'id',
  oidc: 'OIDC',
  devops: 'Azure DevOps',
  argocd: 'Argo CD'
}

/** When the task shows an input: under its own condition, or in the modes that use it. */
function visibleRuleOf({ visible, modes }: InputRow): { readonly visibleRule?: string } {
  if (visible !== undefined) return { visibleRule: visible }
  if (modes === undefined) return {}
  const others = MODES.filter((mode) => !modes.includes(mode))
  const rule =
    others.length < modes.length
      ? others.map((mode) => `mode != ${mode}`).join(' && ')
      : modes.map((mode) => `mode = ${mode}`).join(' || ')
  return { visibleRule: rule }
}

/** Not, where another input may stand in for it: hosts know no such condition. */
function isAlwaysRequired({ required, unless }: InputRow): boolean {
  return required === true && unless === undefined
}

type Row = (typeof INPUTS)[number]

/** The value of an input that is left out, for docs/inputs.md. */
function defaultOf(input: Row): string {
  if ('required' in input) {
    const by = input.required === true ? '' : ` by ${input.required.join(', ')}`
    return `**required**${by}${'unless' in input ? ` without \`${input.unless}\`` : ''}`
  }
  if ('default' in input) return `\`${input.default}\``
  return 'derived' in input ? 'derived' : 'none'
}

/** Escapes plain text for Markdown, where `<name>` would be HTML and disappear. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Replaces the names of inputs with those of the task. */
function inTaskNames(text: string): string {
  const names = INPUTS.map(({ name }) => name).filter((name) => name.includes('-'))
  return text.replaceAll(new RegExp(`\\b(?:${names.join('|')})\\b`, 'g'), camelCase)
}

/** docs/inputs.md: all inputs by group, and all outputs, with their names on each host. */
export function inputsDocument(): string {
  const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
    [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  const nameOn = (input: Row, kind: HostKind, name: string): string =>
    'only' in input && input.only !== kind ? '–' : `\`${name}\``
  const groups = Object.entries(GROUPS).map(([group, title]) => {
    const rows = INPUTS.filter((input) => input.group === group).map((input) => {
      const notes = 'choices' in input ? ` (${input.choices.map((one) => `\`${one}\``).join(', ')})` : ''
      return [
        nameOn(input, 'elsewhere', input.name),
        nameOn(input, 'azure-pipelines', camelCase(input.name)),
        defaultOf(input),
        `${escaped(input.description)}${notes}`
      ]
    })
    return `### ${title}\n\n${table(['GitHub, terminal', 'Azure Pipelines', 'Default', 'Description'], rows)}`
  })
  const outputs = OUTPUTS.map(({ name, description }) => [
    `\`${name}\``,
    `\`${camelCase(name)}\``,
    escaped(description)
  ])
  return `# Inputs and outputs

<!-- Made from src/config/table.ts and outputs.ts by \`npm run manifests\`. -->

In a terminal an input is an option: \`--resource-group rg-gitops\`; a flag is \`--dry-run\` or \`--no-dry-run\`. \`patless help apply\` shows the same, for one mode.

*Derived* means: Patless finds the value, and the log says from what. Patless refuses an input that still contains \`$(…)\`, \`$[…]\`, \`\${{ … }}\` or \`\${…}\`, because its host did not expand it, and names that Azure DevOps does not allow. It does so before the first request, and lists all faults at once.

## Inputs

${groups.join('\n\n')}

## Outputs

${table(['GitHub', 'Azure Pipelines', 'Description'], outputs)}

The report is documented in [report.md](report.md).
`
}

/** @returns path → content, of everything that is made from the inputs table and from the version in package.json */
export function manifestFiles(): Record<string, string> {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  return {
    ...versionedFiles(version),
    'action.yml': actionManifest(),
    'task.json': taskManifest(version),
    'docs/report.schema.json': `${JSON.stringify(reportSchema(), null, 2)}\n`,
    'docs/targets.schema.json': `${JSON.stringify(targetsSchema(), null, 2)}\n`,
    'docs/findings.md': findingsDocument(),
    'docs/troubleshooting.md': troubleshootingDocument(),
    'docs/inputs.md': inputsDocument(),
    'README.md': pinnedTo(version, readFileSync('README.md', 'utf8'))
  }
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(manifestFiles())) {
    if (!process.argv.includes('--check')) writeFileSync(name, text)
    else if (!existsSync(name) || readFileSync(name, 'utf8') !== text) {
      process.stderr.write(`${name} differs from src/config/ or package.json: npm run manifests\n`)
      process.exitCode = 1
    }
  }
}
