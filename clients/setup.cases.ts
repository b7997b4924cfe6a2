/** The script that `patless setup --print` prints, run by bash with unmodified az and kubectl, makes what set-up makes. */
import { beforeAll, describe, expect, test } from '@jest/globals'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cloudByHand, handOf, has, logInByHand, loginOfAz, type Hand } from '../sandbox/by-hand.ts'
import { runGitHubJob } from '../sandbox/job.ts'
import { personAt, setUp } from '../sandbox/person.ts'
import { useTwin } from '../__tests__/twin.ts'

const withAz = has('az') && has('kubectl') ? describe : describe.skip

const twin = useTwin()
let hands: Hand
beforeAll(async () => {
  hands = handOf(twin)
  if (!has('az')) return
  await cloudByHand(twin, hands)
  await logInByHand(hands)
}, 60_000)

/** Runs the script in the checkout, as the person who is logged in. */
async function run(script: string, folder: string): Promise<void> {
  const file = join(hands.home, 'setup.sh')
  writeFileSync(file, script)
  const { devops, entitlements, graph, msgraph } = twin.azure.urls
  await hands.run('bash', ['-c', 'cd "$1" && bash "$2"', 'bash', folder, file], {
    ...loginOfAz(twin, hands.home),
    PATLESS_KUBECONFIG: twin.environment['KUBECONFIG'] ?? '',
    AZURE_DEVOPS_URL: devops,
    AZURE_DEVOPS_ENTITLEMENTS_URL: entitlements,
    AZURE_DEVOPS_GRAPH_URL: graph,
    MICROSOFT_GRAPH_URL: msgraph
  })
}

withAz('the printed script', () => {
  test('whole: Azure Pipelines, an application, two organizations, Azure RBAC in the cluster', async () => {
    twin.azure.useAzureRbac()
    const person = personAt(twin)
    const { ids, github } = twin.azure
    const { organization, secondOrganization, repositoryUrl } = ids
    const urls = [repositoryUrl, repositoryUrl.replace(`/${organization}/`, `/${secondOrganization}/`)]
    const options = {
      ...{ 'repository-url': urls.join('\n'), issuer: github.issuer, yes: 'true' },
      ...{ host: 'azure-pipelines', access: 'repository', login: 'application' }
    }
    const { stdout, exitCode } = await setUp(person, { ...options, print: 'true' })
    expect(exitCode).toBe(0)
    await run(stdout, person.folder)
    const again = await setUp(person, options)
    expect(again.log).toContain('Everything is set up.')
    expect(again.exitCode).toBe(0)
  }, 400_000)

  test('what is not ours stops it, and is left as it is', async () => {
    const person = personAt(twin)
    const { ids, github } = twin.azure
    const common = { 'repository-url': ids.repositoryUrl, issuer: github.issuer, yes: 'true', print: 'true' }
    twin.azure.foreignIdentity('id-of-others')
    twin.azure.foreignApplication('app-of-others')
    const before = JSON.stringify(twin.azure.state())
    for (const options of [
      { ...common, 'login-name': 'id-of-others', 'for-admin': 'azure' },
      { ...common, 'login-name': 'app-of-others', login: 'application', 'for-admin': 'entra' }
    ]) {
      const { stdout } = await setUp(person, options)
      await expect(run(stdout, person.folder)).rejects.toThrow('that Patless did not make')
    }
    expect(JSON.stringify(twin.azure.state())).toBe(before)
  }, 200_000)

  test('in parts, by each administrator, and then a job is green', async () => {
    const person = personAt(twin)
    const { ids, github } = twin.azure
    const options = { 'repository-url': ids.repositoryUrl, issuer: github.issuer, yes: 'true' }
    for (const audience of ['azure', 'azure-devops', 'kubernetes']) {
      const { stdout } = await setUp(person, { ...options, print: 'true', 'for-admin': audience })
      mkdirSync(join(person.folder, audience))
      await run(stdout, join(person.folder, audience))
    }
    // What is left is the file.
    const { exitCode, log } = await setUp(person, options)
    expect(exitCode).toBe(0)
    expect(log).toContain('Would create 1, change 0, delete 0.')
    const workflow = readFileSync(join(person.folder, '.github/workflows/argocd-access.yml'), 'utf8')
    const inputs = Object.fromEntries(
      [...workflow.matchAll(/^ {10}([\w-]+): "?([^"\n|$]+)"?$/gm)].map(([, name = '', value = '']) => [
        name,
        value
      ])
    )
    const job = await runGitHubJob({ environment: twin.environment, inputs: { ...inputs, mode: 'apply' } })
    expect(job.stdout).not.toContain('::error')
    expect(job.outputs).toMatchObject({ verification: 'verified', drift: 'false' })
  }, 300_000)
})
