/**
 * A file in the person's checkout. The checkout is not trusted: a link in it must not lead the write elsewhere, and what
 * somebody else wrote, or edited since, is replaced only when the person says so.
 */
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, mkdir, open, realpath, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import { Problem, type FindingFacts } from '../../core/finding.ts'
import { readSmallFile, UnusableFile } from '../../core/small-file.ts'
import { word } from '../../core/shell.ts'
import { MARK, type WorkspaceFile } from './settings.ts'
import type { SetupResource } from './services.ts'

interface Spec extends WorkspaceFile {
  /** Without its first line, which is the mark. */
  readonly content: string
}

export const pipelineFile: SetupResource<Spec, string | undefined, object> = {
  kind: 'pipeline-file',

  async read(spec) {
    const path = join(spec.root, spec.path)
    const found = await lstat(path).catch(() => undefined)
    if (!found) return undefined
    await assertInside(spec)
    if (!found.isFile()) throw outside(spec)
    try {
      return readSmallFile(path)
    } catch (error) {
      throw error instanceof UnusableFile ? outside(spec) : error
    }
  },

  assess(spec, state) {
    const expected = marked(spec.content)
    const summary = spec.path
    if (state === expected) return { exists: true, differences: [], output: {}, summary }
    const change = {
      field: spec.path,
      expected: 'as this version writes it',
      actual: state === undefined ? undefined : 'other content'
    }
    const mayReplace = spec.replace || state === undefined || isOurs(state)
    const differences = [mayReplace ? change : { ...change, blocked: notOurs(spec) }]
    return { exists: state !== undefined, differences, output: {}, summary }
  },

  async apply(spec, _state, _services, { report }) {
    report(`Writing ${spec.path}.`)
    const path = join(spec.root, spec.path)
    await assertInside(spec)
    await mkdir(dirname(path), { recursive: true })
    await assertInside(spec)
    // Beside it and then renamed, so that whoever ends the process leaves no half of it.
    const beside = join(dirname(path), `.${basename(path)}.patless`)
    await rm(beside, { force: true })
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
    const file = await open(beside, flags, 0o644).catch((error: unknown) => {
      const { code } = error as NodeJS.ErrnoException
      throw code === 'EEXIST' || code === 'ELOOP' ? outside(spec) : notWritable(spec, code)
    })
    try {
      await file.writeFile(marked(spec.content))
    } finally {
      await file.close()
    }
    const found = await lstat(path).catch(() => undefined)
    if (found && !found.isFile()) {
      await rm(beside, { force: true })
      throw outside(spec)
    }
    await rename(beside, path)
  },

  planDelete(spec, state) {
    if (state === undefined) return undefined
    return isOurs(state)
      ? { what: spec.path }
      : { what: spec.path, retain: 'it was edited, or Patless did not write it' }
  },

  async delete(spec) {
    await rm(join(spec.root, spec.path), { force: true })
  }
}

/** With a first line that shows who wrote the rest, and that nobody has edited it. */
export function marked(content: string): string {
  return `# ${MARK}; ${digestOf(content)}. Once this line or the rest is edited, the file is yours.\n${content}`
}

function isOurs(text: string): boolean {
  const at = text.indexOf('\n')
  return text === marked(text.slice(at + 1))
}

function digestOf(content: string): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16)
}

/** The folder, or the nearest one above it that exists, may be a link, or lie below one. */
async function assertInside(spec: WorkspaceFile): Promise<void> {
  const nearest = async (folder: string): Promise<string> =>
    realpath(folder).catch(() =>
      folder === spec.root ? Promise.reject(outside(spec)) : nearest(dirname(folder))
    )
  const root = await realpath(spec.root)
  const folder = await nearest(dirname(join(spec.root, spec.path)))
  if (folder !== root && !folder.startsWith(`${root}${sep}`)) throw outside(spec)
}

function outside({ path }: WorkspaceFile): Problem {
  return new Problem({
    id: 'pipeline-file/outside',
    summary: `${path} leads out of the checkout, or to something that is no regular file.`,
    remedy: 'remove the link, or choose another path with --file'
  })
}

function notWritable({ path }: WorkspaceFile, code = 'an unknown reason'): Problem {
  return new Problem({
    id: 'pipeline-file/not-writable',
    summary: `${path} could not be written: ${code}.`,
    remedy: 'make its folder writable, or run set-up in a checkout of your own'
  })
}

function notOurs({ path }: WorkspaceFile): FindingFacts {
  return {
    id: 'pipeline-file/not-ours',
    summary: `${path} exists, and Patless did not write it, or somebody edited it since: it is left as it is.`,
    remedy: `choose another path (--file ${word(path.replace(/(\.\w+)?$/, '-2$1'))}), or have it replaced: --replace-file`
  }
}
