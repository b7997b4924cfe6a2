/** act as a runner on this machine: steps are processes, without a container. */
import { spawn } from 'node:child_process'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Twin } from '../sandbox/twin.ts'

const ROOT = fileURLToPath(new URL('../', import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly log: string
}

interface ActRun {
  /** The checkout: a git repository. The runner copies it for each job. */
  readonly work: string
  readonly workflow: string
  /** The folder for the runner's own files, separate from `work`. */
  readonly home: string
  /** The environment of every step. */
  readonly environment: Readonly<Record<string, string>>
  /** Only these jobs of a matrix: `key:value`. */
  readonly matrix?: string
  /** owner/name@ref → the folder that replaces this action, so that nothing is downloaded. */
  readonly actions?: Readonly<Record<string, string>>
}

/** Started manually (workflow_dispatch). `gh` only prints its arguments. */
export async function runAct(act: string, run: ActRun): Promise<Ran> {
  const { work, workflow, home, environment, matrix, actions = {} } = run
  const bin = join(home, 'bin')
  await mkdir(bin, { recursive: true })
  await writeFile(join(bin, 'gh'), '#!/bin/sh\necho "gh $*" >&2\n')
  await chmod(join(bin, 'gh'), 0o755)
  const { PATH = '' } = process.env
  const envFile = join(home, 'env')
  const lines = Object.entries(environment).map(([key, value]) => `${key}=${value}\n`)
  await writeFile(envFile, lines.join(''), { mode: 0o600 })
  const args = [
    ...['workflow_dispatch', '-W', workflow, '-P', 'ubuntu-latest=-self-hosted', '--env-file', envFile],
    ...(matrix === undefined ? [] : ['--matrix', matrix]),
    ...Object.entries(actions).flatMap(([name, folder]) => ['--local-repository', `${name}=${folder}`])
  ]
  const child = spawn(act, args, {
    cwd: work,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: `${bin}:${join(ROOT, 'node_modules/.bin')}:${PATH}`,
      HOME: home,
      XDG_CACHE_HOME: join(home, 'cache'),
      XDG_CONFIG_HOME: join(home, 'config')
    }
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (log += text))
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  return { code, log }
}

/** INPUT_* come from the workflow, GITHUB_ACTIONS from the runner. */
export function isOfTheHost(key: string): boolean {
  return !key.startsWith('INPUT_') && key !== 'GITHUB_ACTIONS'
}

/** An example, changed to the names of the twin. */
export function inTheTwin(example: string, { ids }: Twin['azure']): string {
  return example
    .replaceAll('https://dev.azure.com/contoso/shop/_git/app', ids.repositoryUrl)
    .replace(/AZURE_CLIENT_ID: \S+/, `AZURE_CLIENT_ID: ${ids.deployerClientId}`)
    .replace(/AZURE_TENANT_ID: \S+/, `AZURE_TENANT_ID: ${ids.tenantId}`)
    .replace(/AZURE_SUBSCRIPTION_ID: \S+/, `AZURE_SUBSCRIPTION_ID: ${ids.subscriptionId}`)
}
