/** Independent, unmodified clients judge the twin: where they disagree with it, the twin is wrong. az, which takes long, is in clients/. */
import { beforeAll, describe, expect, test } from '@jest/globals'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { getBearerHandler, WebApi } from 'azure-devops-node-api'
import { handOf, has, type Hand } from '../../sandbox/by-hand.ts'
import { useTwin } from '../twin.ts'

const withKubectl = has('kubectl') ? describe : describe.skip

const twin = useTwin()
let hands: Hand
let home: string
beforeAll(() => {
  hands = handOf(twin)
  home = hands.home
})

async function devopsToken(): Promise<string> {
  const reply = await fetch(`${twin.azure.urls.msi}/msi/token`, {
    method: 'POST',
    body: new URLSearchParams({ resource: '499b84ac-1321-427f-aa17-267ca6975798' })
  })
  return ((await reply.json()) as { access_token: string }).access_token
}
const run: Hand['run'] = (...given) => hands.run(...given)
const kubectl: Hand['kubectl'] = (...args) => hands.kubectl(...args)

withKubectl('kubectl', () => {
  test('get prints the columns of the server', async () => {
    expect(await kubectl('get', 'pods', '-n', 'argocd')).toMatch(/NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\n/)
    expect(await kubectl('get', 'deploy', 'argocd-repo-server', '-n', 'argocd')).toMatch(
      /argocd-repo-server\s+1\/1\s+1\s+1/
    )
    expect(await kubectl('get', 'sa,secret', '-n', 'argocd', '-o', 'name')).toContain(
      'serviceaccount/argocd-repo-server'
    )
  })

  test('describe pod and service account', async () => {
    expect(await kubectl('describe', 'deploy/argocd-repo-server', '-n', 'argocd')).toMatch(
      /Replicas:\s+1 desired/
    )
    expect(await kubectl('describe', 'sa', 'argocd-repo-server', '-n', 'argocd')).toMatch(
      /Name:\s+argocd-repo-server/
    )
    expect(
      await kubectl('describe', 'pods', '-n', 'argocd', '-l', 'app.kubernetes.io/name=argocd-repo-server')
    ).toMatch(/Service Account:\s+argocd-repo-server/)
  })

  test('create token gives a token of the issuer', async () => {
    const token = await kubectl(
      '-n',
      'argocd',
      'create',
      'token',
      'argocd-repo-server',
      '--audience',
      'api://AzureADTokenExchange'
    )
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<
      string,
      unknown
    >
    expect(claims).toMatchObject({
      iss: twin.kubernetes.access.issuer,
      sub: 'system:serviceaccount:argocd:argocd-repo-server',
      aud: ['api://AzureADTokenExchange']
    })
  })

  test('annotate, patch, rollout status and restart: the webhook gives new pods the identity', async () => {
    await kubectl(
      '-n',
      'argocd',
      'annotate',
      'sa',
      'argocd-repo-server',
      'azure.workload.identity/client-id=abc',
      '--overwrite'
    )
    await kubectl(
      '-n',
      'argocd',
      'patch',
      'deploy',
      'argocd-repo-server',
      '--type',
      'merge',
      '-p',
      '{"spec":{"template":{"metadata":{"labels":{"azure.workload.identity/use":"true"}}}}}'
    )
    expect(
      await kubectl('-n', 'argocd', 'rollout', 'status', 'deploy/argocd-repo-server', '--timeout=20s')
    ).toContain('successfully rolled out')
    await kubectl('-n', 'argocd', 'rollout', 'restart', 'deploy/argocd-repo-server')
    await kubectl('-n', 'argocd', 'rollout', 'status', 'deploy/argocd-repo-server', '--timeout=20s')
    const pods = JSON.parse(
      await kubectl(
        '-n',
        'argocd',
        'get',
        'pods',
        '-l',
        'app.kubernetes.io/name=argocd-repo-server',
        '-o',
        'json'
      )
    ) as {
      items: { spec: { containers: { env: { name: string; value?: string }[] }[] } }[]
    }
    const variables = pods.items.map(
      ({ spec }) => spec.containers[0]?.env.find(({ name }) => name === 'AZURE_CLIENT_ID')?.value
    )
    expect(variables).toEqual(['abc'])
  })

  test('apply, create, label and delete a Secret; stringData ends in data', async () => {
    const file = join(home, 'secret.yaml')
    writeFileSync(
      file,
      'apiVersion: v1\nkind: Secret\nmetadata: {name: one, namespace: argocd}\nstringData: {url: https://x}\n'
    )
    await kubectl('apply', '-f', file)
    await kubectl('apply', '-f', file)
    await kubectl('-n', 'argocd', 'label', 'secret', 'one', 'argocd.argoproj.io/secret-type=repository')
    expect(await kubectl('-n', 'argocd', 'get', 'secret', 'one', '-o', 'jsonpath={.data.url}')).toBe(
      Buffer.from('https://x').toString('base64')
    )
    await kubectl('-n', 'argocd', 'create', 'secret', 'generic', 'two', '--from-literal=a=b')
    await kubectl('-n', 'argocd', 'delete', 'secret', 'one', 'two')
    await expect(kubectl('-n', 'argocd', 'get', 'secret', 'one')).rejects.toThrow(/secrets "one" not found/)
  })

  test('auth can-i asks the server', async () => {
    expect(await kubectl('auth', 'can-i', 'create', 'secrets', '-n', 'argocd')).toContain('yes')
  })
})

describe('git', () => {
  test('clones with a bearer of a member, and nobody else', async () => {
    const { azure } = twin
    const form = new URLSearchParams({ resource: '499b84ac-1321-427f-aa17-267ca6975798' })
    const reply = await fetch(`${azure.urls.msi}/msi/token`, { method: 'POST', body: form })
    const { access_token: token } = (await reply.json()) as { access_token: string }
    const bearer = {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'http.extraHeader',
      GIT_CONFIG_VALUE_0: `Authorization: Bearer ${token}`,
      GIT_TERMINAL_PROMPT: '0'
    }
    // Membership of the organization is not enough for who neither administers it nor reads the project.
    azure.grant({})
    await expect(run('git', ['clone', azure.ids.repositoryUrl, join(home, 'no')], bearer)).rejects.toThrow(
      /TF401019/
    )
    await expect(
      run('git', ['ls-remote', azure.ids.repositoryUrl], { GIT_TERMINAL_PROMPT: '0' })
    ).rejects.toThrow(/could not read Username/)
  })
})

describe('azure-devops-node-api', () => {
  const connected = (token: string): WebApi =>
    new WebApi(`${twin.azure.urls.devops}/contoso`, getBearerHandler(token), {
      cert: { caFile: twin.environment['SSL_CERT_FILE'] ?? '' }
    })

  test('finds the areas, the projects and the repositories', async () => {
    const api = connected(await devopsToken())
    const core = await api.getCoreApi()
    expect((await core.getProjects()).map(({ name }) => name)).toContain(twin.azure.ids.project)
    const git = await api.getGitApi()
    const [first] = await git.getRepositories(twin.azure.ids.project)
    expect(first).toMatchObject({ isDisabled: false, defaultBranch: 'refs/heads/main' })
    expect(await git.getRepository(first?.id ?? '', twin.azure.ids.project)).toEqual(first)
  })

  test('takes the 404 of a project that does not exist for nothing, as it does with the service', async () => {
    const git = await connected(await devopsToken()).getGitApi()
    expect(await git.getRepositories('nowhere')).toBeNull()
  })

  test('a token that is no token is refused', async () => {
    await expect(connected('no-token').getCoreApi()).rejects.toThrow(/401|not authorized/i)
  })
})
