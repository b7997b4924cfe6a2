/** Every file that names the version, which comes from package.json. manifests.ts writes the one in task.json. */
import { readdirSync, readFileSync } from 'node:fs'

/** How texts name the current version. Users copy the pinned form, in which a commit follows the `@`. */
const NAMED = [
  /(?<=patless\/patless@(?:<commit>|[0-9a-f]{40}) # v)\d+\.\d+\.\d+/g,
  /(?<=\bpatless-)\d+\.\d+\.\d+(?=\.(?:tgz|vsix)\b)/g,
  /(?<=\bpatless@)\d+\.\d+\.\d+\b/g
]

/** @returns the text with every pinned form at this version */
export function pinnedTo(version: string, text: string): string {
  return NAMED.reduce((done, form) => done.replaceAll(form, version), text)
}

/**
 * Texts besides the README that may contain a version to copy. releasing.md has only examples; findings.md is generated
 * and would be overwritten with its old text.
 */
export const GUIDES = ['docs', 'docs/how-to', 'examples', 'examples/azure-pipelines', 'extension'].flatMap(
  (folder) =>
    readdirSync(folder)
      .filter(
        (name) =>
          /\.(?:md|yml)$/.test(name) &&
          !['releasing.md', 'findings.md', 'inputs.md', 'troubleshooting.md'].includes(name)
      )
      .map((name) => `${folder}/${name}`)
)

/** @returns path → content, of every file that has the version and is not generated from a table */
export function versionedFiles(version: string): Record<string, string> {
  const extension = readFileSync('vss-extension.json', 'utf8')
  return {
    'vss-extension.json': extension.replace(/^( *"version": ").*(",)$/m, `$1${version}$2`),
    'src/core/version.ts': `/** \`npm run manifests\` copies it from package.json. */\nexport const VERSION = '${version}'\n`,
    ...Object.fromEntries(GUIDES.map((path) => [path, pinnedTo(version, readFileSync(path, 'utf8'))]))
  }
}
