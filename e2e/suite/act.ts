/** Runs the examples like GitHub, with a real runner on this machine: `uses: ./`, a step after it, no container. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gitHubJobOf } from '../../sandbox/twin.ts'
import { inTheTwin, isOfTheHost, runAct, type Ran } from '../runner.ts'
import { bindDiscovery, type World } from '../world.ts'

const exec = promisify(execFile)
const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export function actCases(here: () => World): void {
  describe('the examples, run by act', () => {
    let unbind: () => Promise<void>
    beforeAll(async () => {
      // The examples name no namespace, so Patless searches the whole cluster for Argo CD.
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

async function runWorkflow({ azure, folder, parts, places, inputs }: World, name: string): Promise<Ran> {
  const work = await mkdtemp(join(folder, 'workspace-'))
  const workflow = join(work, '.github/workflows', name)
  await mkdir(dirname(workflow), { recursive: true })
  await cp(join(ROOT, 'action.yml'), join(work, 'action.yml'))
  await cp(join(ROOT, 'dist'), join(work, 'dist'), { recursive: true })
  const example = await readFile(join(ROOT, 'examples', name), 'utf8')
  await writeFile(workflow, forTheTwin(example, azure, inputs['kubeconfig']))
  const git = ['-C', work, '-c', 'user.name=e2e', '-c', 'user.email=e2e@contoso.example']
  await exec('git', ['init', '--quiet', work])
  await exec('git', [...git, 'commit', '--quiet', '--allow-empty', '--message', 'The runner wants one'])
  const environment = { ...gitHubJobOf(azure), ...places }
  return runAct(parts.act, {
    work,
    workflow,
    home: await mkdtemp(join(folder, 'runner-')),
    environment: Object.fromEntries(Object.entries(environment).filter(([key]) => isOfTheHost(key)))
  })
}

/** An action in the workspace must be checked out before its use; the runner uses this folder as its checkout. */
function forTheTwin(example: string, azure: World['azure'], kubeconfig: string | undefined): string {
  return inTheTwin(example, azure)
    .replaceAll(/( *)- uses: patless\/patless@\S+/g, '$1- uses: actions/checkout@v5\n$1- uses: ./')
    .replace(/^( *)cluster: .*$/m, kubeconfig === undefined ? '$&' : `$&\n$1kubeconfig: ${kubeconfig}`)
}
