/** The examples as GitHub would run them, by a real runner on this machine: `uses: ./`, a step after it, no container. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFile, spawn } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gitHubJobOf } from '../../sandbox/twin.ts'
import { bindDiscovery, type World } from '../world.ts'

const exec = promisify(execFile)
const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export function actCases(here: () => World): void {
  describe('the examples, run by act', () => {
    let unbind: () => Promise<void>
    beforeAll(async () => {
      // They name no namespace, so Argo CD is looked for everywhere.
      unbind = await bindDiscovery(here())
    })
    afterAll(async () => {
      await here().run('github', { mode: 'remove' })
      await unbind()
    })

    test('apply.yml: verified, and the next step has the outputs', async () => {
      const { code, log } = await runWorkflow(here(), 'apply.yml')
      expect(code === 0 ? '' : log).toBe('')
      const { outputs } = await here().run('github', { mode: 'check' })
      expect(log).toContain(`Argo CD reads as ${outputs['client-id'] ?? 'nobody'}, verified`)
      expect(await here().ask()).toMatchObject({ connected: true })
    })

    test('check.yml: in order, so there is no issue to open', async () => {
      const { code, log } = await runWorkflow(here(), 'check.yml')
      expect(code === 0 ? '' : log).toBe('')
      expect(log).toMatch(/gh issue list/)
      expect(log).not.toMatch(/gh issue (?:create|edit)/)
    })

    test('check.yml: out of order, so one is opened, and the job fails', async () => {
      here().azure.defect('credential-deleted')
      const { code, log } = await runWorkflow(here(), 'check.yml')
      expect(code).toBe(1)
      expect(log).toMatch(/federated-credential +missing/)
      expect(log).toMatch(/gh issue create/)
    })
  })
}

interface Ran {
  readonly code: number | null
  readonly log: string
}

async function runWorkflow({ azure, folder, parts, places, inputs }: World, name: string): Promise<Ran> {
  // Apart: the runner copies the one for the job, and writes into the other.
  const [work, home] = [await mkdtemp(join(folder, 'workspace-')), await mkdtemp(join(folder, 'runner-'))]
  const workflow = join(work, '.github/workflows', name)
  await mkdir(dirname(workflow), { recursive: true })
  await cp(join(ROOT, 'action.yml'), join(work, 'action.yml'))
  await cp(join(ROOT, 'dist'), join(work, 'dist'), { recursive: true })
  const example = await readFile(join(ROOT, 'examples', name), 'utf8')
  await writeFile(workflow, forTheTwin(example, azure, inputs['kubeconfig']))
  const git = ['-C', work, '-c', 'user.name=e2e', '-c', 'user.email=e2e@contoso.example']
  await exec('git', ['init', '--quiet', work])
  await exec('git', [...git, 'commit', '--quiet', '--allow-empty', '--message', 'The runner wants one'])
  const bin = join(home, 'bin')
  await mkdir(bin, { recursive: true })
  await writeFile(join(bin, 'gh'), '#!/bin/sh\necho "gh $*" >&2\n')
  await chmod(join(bin, 'gh'), 0o755)
  const { PATH = '' } = process.env
  const environment = { ...gitHubJobOf(azure), ...places }
  const envFile = join(home, 'env')
  const ofTheHost = Object.entries(environment).filter(([key]) => isOfTheHost(key))
  await writeFile(envFile, ofTheHost.map(([key, value]) => `${key}=${value}\n`).join(''), { mode: 0o600 })
  const args = [
    'workflow_dispatch',
    '-W',
    workflow,
    '-P',
    'ubuntu-latest=-self-hosted',
    '--env-file',
    envFile
  ]
  const child = spawn(parts.act, args, {
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
function isOfTheHost(key: string): boolean {
  return !key.startsWith('INPUT_') && key !== 'GITHUB_ACTIONS'
}

/** An action of the workspace has to be checked out before it is used; the runner takes this folder for it. */
function forTheTwin(example: string, { ids }: World['azure'], kubeconfig: string | undefined): string {
  return example
    .replaceAll(/( *)- uses: patless\/patless@\S+/g, '$1- uses: actions/checkout@v5\n$1- uses: ./')
    .replace(/^( *)cluster: .*$/m, kubeconfig === undefined ? '$&' : `$&\n$1kubeconfig: ${kubeconfig}`)
    .replaceAll('https://dev.azure.com/contoso/shop/_git/app', ids.repositoryUrl)
    .replace(/AZURE_CLIENT_ID: \S+/, `AZURE_CLIENT_ID: ${ids.deployerClientId}`)
    .replace(/AZURE_TENANT_ID: \S+/, `AZURE_TENANT_ID: ${ids.tenantId}`)
    .replace(/AZURE_SUBSCRIPTION_ID: \S+/, `AZURE_SUBSCRIPTION_ID: ${ids.subscriptionId}`)
}
