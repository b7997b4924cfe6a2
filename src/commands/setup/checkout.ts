/**
 * What the person's checkout says: its remote and its branch. The files are read instead of running git, because a
 * checkout may make git run programs.
 */
import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { organizationInHost, segmentsOfSsh } from '../../core/azure-repos.ts'
import { readSmallFile } from '../../core/small-file.ts'

export interface Checkout {
  /** Absolute path. */
  readonly root: string
  readonly branch: string | undefined
  readonly remote: Remote | undefined
}

export type Remote =
  | { readonly host: 'github'; readonly owner: string; readonly name: string }
  | { readonly host: 'azure-pipelines'; readonly organization: string; readonly project: string }

/** @returns undefined outside of a checkout */
export function checkoutAt(folder: string): Checkout | undefined {
  for (let root = resolve(folder); ; root = dirname(root)) {
    const git = gitFolder(root)
    if (git !== undefined) {
      const common = commonFolder(git)
      const remote = remoteOf(originIn(textOf(join(common, 'config'))))
      return { root, remote, branch: defaultBranch(common) ?? branchIn(textOf(join(git, 'HEAD'))) }
    }
    if (dirname(root) === root) return undefined
  }
}

/** In a worktree or a submodule, `.git` is a file that names the folder. */
function gitFolder(root: string): string | undefined {
  const path = join(root, '.git')
  if (!existsSync(path)) return undefined
  if (statSync(path).isDirectory()) return path
  const [, folder] = /^gitdir: (.+)$/m.exec(textOf(path)) ?? []
  return folder === undefined ? undefined : resolve(root, folder.trim())
}

function commonFolder(git: string): string {
  const common = textOf(join(git, 'commondir')).trim()
  return common === '' ? git : resolve(git, common)
}

function defaultBranch(common: string): string | undefined {
  const [, branch] =
    /^ref: refs\/remotes\/origin\/(.+)$/m.exec(textOf(join(common, 'refs/remotes/origin/HEAD'))) ?? []
  return branch?.trim()
}

function branchIn(head: string): string | undefined {
  const [, branch] = /^ref: refs\/heads\/(.+)$/m.exec(head) ?? []
  return branch?.trim()
}

/** The URL of the remote `origin` in git's configuration. */
function originIn(config: string): string {
  let inside = false
  for (const line of config.split('\n')) {
    if (/^\s*\[/.test(line)) inside = /^\s*\[remote "origin"\]\s*$/.test(line)
    const [, url] = /^\s*url\s*=\s*(\S+)\s*$/.exec(line) ?? []
    if (inside && url !== undefined) return url
  }
  return ''
}

const NAME = /^[\w.-]{1,100}$/

/** @returns undefined for a URL that is neither GitHub's nor that of Azure Repos */
export function remoteOf(url: string): Remote | undefined {
  const scp = /^(?:[\w-]+@)?([\w.-]+):(?!\/)([^:]+)$/.exec(url)
  const parsed = URL.parse(scp ? `ssh://${scp[1] ?? ''}/${scp[2] ?? ''}` : url)
  if (!parsed) return undefined
  const segments = parsed.pathname.replace(/^\//, '').split('/').map(decoded)
  if (/^(?:ssh\.)?github\.com$/.test(parsed.hostname)) {
    const [owner = '', last = ''] = segments
    const name = last.replace(/\.git$/, '')
    return NAME.test(owner) && NAME.test(name) && segments.length === 2
      ? { host: 'github', owner, name }
      : undefined
  }
  const ssh = segmentsOfSsh(url)
  const [organization, project] = ssh
    ? [ssh[0], ssh[1]]
    : parsed.hostname === 'dev.azure.com'
      ? [segments[0], segments[1]]
      : [organizationInHost(parsed.hostname), segments[0]]
  if (organization === undefined || project === undefined || project === '_git') return undefined
  return { host: 'azure-pipelines', organization, project }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function textOf(path: string): string {
  try {
    return readSmallFile(path)
  } catch {
    return ''
  }
}
