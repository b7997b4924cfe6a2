/** Whether what a finding tells a user to run can be run: the shell itself reads it, with functions for the programs. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FindingFacts } from '../../src/core/finding.ts'

const PROGRAMS = ['argocd', 'az', 'base64', 'gh', 'git', 'helm', 'jq', 'kubectl', 'timedatectl']

/** A command in the middle of a sentence; a bare name of a program is none, nor is "the az login". */
export const IN_PROSE =
  /(?<![\w./-])(?:kubectl (?:-|(?:annotate|apply|config|create|delete|describe|edit|exec|get|label|logs|patch|replace|rollout|scale|set) )|(?<!\b(?:the|an|new|this) )az (?:account|ad|aks|cloud|connectedk8s|group|identity|k8s-extension|lock|login|logout|network|policy|provider|quota|rest|role)(?![\w-])|argocd (?:app|cert|cluster|proj|repo) |git (?:clone|ls-remote|push|remote) |gh (?:auth|api|repo) |helm (?:install|upgrade|repo) |curl )/

/** @returns what is wrong with it, as far as it can be seen without running it */
export function faultsOf({ remedy, command = '' }: Pick<FindingFacts, 'remedy' | 'command'>): string[] {
  const prose = IN_PROSE.exec(remedy)?.[0]
  return [
    ...(prose === undefined ? [] : [`the remedy holds a command: ${prose}`]),
    ...(/undefined|\[object|NaN/.test(command) ? [`the command has a hole: ${command}`] : []),
    ...(/<[a-z]/.test(command) ? [`the command leaves to the user what is known: ${command}`] : [])
  ]
}

/**
 * Runs each command in a shell that has no program, in an empty folder.
 *
 * @returns the words that the programs were given, by command
 * @throws {Error} when the shell complains, or anything was written
 */
export function readByShell(commands: readonly string[]): string[][][] {
  const folder = mkdtempSync(join(tmpdir(), 'patless-runnable-'))
  try {
    const functions = PROGRAMS.map((name) => `${name}() { printf '%s\\0' "${name}" "$@"; printf '\\1\\0'; }`)
    const script = commands.map((command) => `${command}\nprintf '\\2\\0'`)
    const { stdout, stderr, status } = spawnSync('/bin/sh', ['-s'], {
      cwd: folder,
      input: [...functions, 'PATH=/nowhere', ...script].join('\n'),
      encoding: 'utf8',
      env: {}
    })
    const left = readdirSync(folder)
    if (status !== 0 || stderr !== '' || left.length > 0)
      throw new Error(`exit ${status ?? ''}, ${stderr}, files: ${left.join(', ')}`)
    return stdout
      .split('\u0002\0')
      .slice(0, -1)
      .map((of) =>
        of
          .split('\u0001\0')
          .slice(0, -1)
          .map((words) => words.split('\0').slice(0, -1))
      )
  } finally {
    rmSync(folder, { recursive: true })
  }
}
