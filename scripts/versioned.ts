/** Everything that names the version, from the one in package.json. task.json has it too: manifests.ts writes that. */
import { readdirSync, readFileSync } from 'node:fs'

/** Forms in which a text names the current version. The pinned form is for people to copy; a commit follows the `@`. */
const NAMED = [
  /(?<=patless\/patless@(?:<commit>|[0-9a-f]{40}) # v)\d+\.\d+\.\d+/g,
  /(?<=\bpatless-)\d+\.\d+\.\d+(?=\.(?:tgz|vsix)\b)/g,
  /(?<=\bpatless@)\d+\.\d+\.\d+\b/g
]

/** @returns the text with every pinned form at this version */
export function pinnedTo(version: string, text: string): string {
  return NAMED.reduce((done, form) => done.replaceAll(form, version), text)
}

/** Texts besides the README in which users find a version to copy. The one for maintainers has only examples. */
export const GUIDES = ['docs', 'examples', 'examples/azure-pipelines', 'extension'].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => /\.(?:md|yml)$/.test(name) && name !== 'releasing.md')
    .map((name) => `${folder}/${name}`)
)

/** @returns path → content, of every file that has the version and nothing of the inputs table */
export function versionedFiles(version: string): Record<string, string> {
  const extension = readFileSync('vss-extension.json', 'utf8')
  return {
    'vss-extension.json': extension.replace(/^( *"version": ").*(",)$/m, `$1${version}$2`),
    'src/core/version.ts': `/** From package.json, by \`npm run manifests\`. */\nexport const VERSION = '${version}'\n`,
    ...Object.fromEntries(GUIDES.map((path) => [path, pinnedTo(version, readFileSync(path, 'utf8'))]))
  }
}
