/**
 * The one inputs table → action.yml and the README's tables. `node scripts/manifests.ts` writes them;
 * with `--check` it fails when a file differs.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { INPUTS, OUTPUTS } from '../src/inputs/table.ts'

export function actionManifest(): string {
  const inputs = INPUTS.map((input) => [
    input.name,
    {
      description:
        'choices' in input ? `${input.description} (${input.choices.join(', ')})` : input.description,
      required: 'required' in input,
      ...('default' in input ? { default: input.default } : {})
    }
  ])
  const manifest = {
    name: 'Patless',
    description: 'Token-free read access for Argo CD to private Azure Repos: built, proved and kept.',
    author: 'Patless',
    branding: { icon: 'key', color: 'blue' },
    inputs: Object.fromEntries(inputs) as unknown,
    outputs: Object.fromEntries(OUTPUTS.map(({ name, description }) => [name, { description }])) as unknown,
    runs: { using: 'node24', main: 'dist/index.js' }
  }
  return `# Made from src/inputs/table.ts by \`npm run manifests\`.\n${stringify(manifest, { lineWidth: 0 })}`
}

/** The README with its two tables as the inputs table says. */
export function readmeWith(text: string): string {
  const inputs = INPUTS.map((input) => {
    const notes = 'choices' in input ? ` (${input.choices.map((choice) => `\`${choice}\``).join(', ')})` : ''
    const value =
      'required' in input ? '**required**' : 'default' in input ? `\`${input.default}\`` : 'derived'
    return `| \`${input.name}\` | ${value} | ${input.description}${notes} |`
  })
  const outputs = OUTPUTS.map(({ name, description }) => `| \`${name}\` | ${description} |`)
  const between = (source: string, name: string, lines: readonly string[]): string => {
    const mark = new RegExp(`(<!-- ${name}:begin -->\n)[\\s\\S]*?(<!-- ${name}:end -->)`)
    return source.replace(mark, (_all, begin: string, end: string) => `${begin}${lines.join('\n')}\n${end}`)
  }
  const withInputs = between(text, 'inputs', [
    '| Input | Default | What it is |',
    '| --- | --- | --- |',
    ...inputs
  ])
  return between(withInputs, 'outputs', ['| Output | What it is |', '| --- | --- |', ...outputs])
}

if (import.meta.main) {
  const readme = readFileSync('README.md', 'utf8')
  const files = [
    ['action.yml', actionManifest()],
    ['README.md', readmeWith(readme)]
  ] as const
  for (const [name, text] of files) {
    if (!process.argv.includes('--check')) writeFileSync(name, text)
    else if (readFileSync(name, 'utf8') !== text) {
      process.stderr.write(`${name} differs from src/inputs/table.ts: npm run manifests\n`)
      process.exitCode = 1
    }
  }
}
