/** What set-up finds: the remote and branch of a checkout, the subject of GitHub's tokens; and the file that it writes. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkoutAt, remoteOf } from '../../src/commands/setup/checkout.ts'
import * as form from '../../src/commands/setup/forms.ts'
import { marked, pipelineFile } from '../../src/commands/setup/workspace-file.ts'
import type { SetupServices } from '../../src/commands/setup/services.ts'
import { GitHub, type GitHubPlace } from '../../src/services/github/github.ts'
import { subjectOf } from '../../sandbox/azure/github.ts'
import { useTwin } from '../twin.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patless-found-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('the remote of a checkout', () => {
  const github = { host: 'github', owner: 'contoso', name: 'platform' }
  const azure = { host: 'azure-pipelines', organization: 'contoso', project: 'Team X' }
  test.each([
    ['https://github.com/contoso/platform.git', github],
    ['https://ada@github.com/contoso/platform', github],
    ['git@github.com:contoso/platform.git', github],
    ['ssh://git@ssh.github.com:443/contoso/platform.git', github],
    ['https://contoso@dev.azure.com/contoso/Team%20X/_git/app', azure],
    ['https://contoso.visualstudio.com/Team%20X/_git/app', azure],
    ['git@ssh.dev.azure.com:v3/contoso/shop/app', { ...azure, project: 'shop' }],
    ['https://gitlab.com/contoso/platform.git', undefined],
    ['https://github.com.evil.example/contoso/platform', undefined],
    ['https://github.com/contoso/$(touch owned)', undefined],
    ['https://github.com/contoso/platform/more', undefined],
    ['../platform', undefined],
    ['', undefined]
  ])('%s', (url, remote) => {
    expect(remoteOf(url)).toEqual(remote)
  })

  test('is read from below it, from a worktree, and never by git', () => {
    const root = join(folder, 'repo')
    const linked = join(folder, 'linked')
    mkdirSync(join(root, '.git', 'refs', 'remotes', 'origin'), { recursive: true })
    mkdirSync(join(root, '.git', 'worktrees', 'linked'), { recursive: true })
    mkdirSync(join(root, 'a', 'b'), { recursive: true })
    mkdirSync(linked)
    // A program that git would run.
    const config = `[core]\n\tfsmonitor = touch ${folder}/owned\n[remote "fork"]\n\turl = https://github.com/evil/evil\n[remote "origin"]\n\turl = https://github.com/contoso/platform\n`
    writeFileSync(join(root, '.git', 'config'), config)
    writeFileSync(join(root, '.git', 'HEAD'), 'ref: refs/heads/topic\n')
    writeFileSync(join(linked, '.git'), `gitdir: ${root}/.git/worktrees/linked\n`)
    writeFileSync(join(root, '.git', 'worktrees', 'linked', 'commondir'), '../..\n')
    writeFileSync(join(root, '.git', 'worktrees', 'linked', 'HEAD'), 'ref: refs/heads/other\n')
    const remote = { host: 'github', owner: 'contoso', name: 'platform' }
    expect(checkoutAt(join(root, 'a', 'b'))).toEqual({ root, remote, branch: 'topic' })
    expect(checkoutAt(linked)).toEqual({ root: linked, remote, branch: 'other' })
    writeFileSync(join(root, '.git', 'refs', 'remotes', 'origin', 'HEAD'), 'ref: refs/remotes/origin/trunk\n')
    expect(checkoutAt(root)?.branch).toBe('trunk')
  })
})

describe('an answer', () => {
  test.each([
    [
      'branch',
      form.branch,
      ['main', 'feature/a+b', "it's"],
      ['-x', 'a..b', 'a b', 'x.lock', 'a\nb', '/a', 'a@{b', '${{ github.token }}', '$(x)']
    ],
    ['environment', form.environment, ['production', 'Prod (EU) 1'], ["it's", 'a/b', 'a\nb', '${{ x }}', '']],
    [
      'repository',
      form.gitHubRepository,
      ['a/b', 'a-b/c.d'],
      ['a', 'a/b/c', '../b', 'a/..', 'a/$(x)', 'a/b\n']
    ],
    [
      'file',
      form.filePath,
      ['a.yml', '.github/workflows/x.yaml'],
      ['../a.yml', '/a.yml', 'a', 'a/../../b.yml', 'a\\b.yml']
    ],
    ['connection', form.connection, ['patless', 'azure gitops'], ['$(x)', 'a"b', ' a', '${{ x }}']],
    ['cluster', form.clusterName, ['aks-gitops'], ['$(x)', "a'b", '-a', 'a b']]
  ] as const)('%s: nothing that means more than its text', (_name, check, good, bad) => {
    for (const one of good) expect([one, check(one)]).toEqual([one, undefined])
    for (const one of bad) expect([one, check(one) === undefined]).toEqual([one, false])
  })
})

const twin = useTwin()
const gitHub = (token: string | undefined): GitHub =>
  new GitHub(twin.azure.urls.github, token, {
    policy: { deadline: Date.now() + 5_000, report: () => undefined, signal: AbortSignal.timeout(5_000) },
    debug: () => undefined,
    warn: () => undefined,
    timeout: 5_000,
    proxyFor: () => undefined
  })
const PLACE: GitHubPlace = {
  owner: 'contoso',
  name: 'platform',
  branch: 'main',
  workflow: '.github/workflows/argocd-access.yml'
}

describe('the subject of a GitHub job, byte for byte as in its token', () => {
  test.each([
    ['by default', {}],
    ['with immutable ids', { immutable: true }],
    ['of an environment', { environment: 'production' }],
    ['of an environment, with immutable ids', { environment: 'production', immutable: true }],
    ['with keys of its own', { keys: ['repository_owner_id', 'repository_id', 'ref'] }],
    ['with the workflow', { keys: ['repo', 'context', 'job_workflow_ref'], immutable: true }]
  ])('%s', async (_case, settings) => {
    Object.assign(twin.azure.github.settings, settings)
    const { environment } = twin.azure.github.settings
    const place = { ...PLACE, ...(environment === undefined ? {} : { environment }) }
    expect(await gitHub(twin.azure.github.token).subject(place)).toEqual({
      subject: subjectOf(twin.azure.github.settings),
      asked: true
    })
  })

  test('with a key that cannot be known here', async () => {
    twin.azure.github.settings.keys = ['repo', 'run_id']
    await expect(gitHub(twin.azure.github.token).subject(PLACE)).rejects.toThrow('no value for run_id')
  })

  test('without a token the usual form is assumed, and it says so', async () => {
    expect(await gitHub(undefined).subject(PLACE)).toEqual({
      subject: 'repo:contoso/platform:ref:refs/heads/main',
      asked: false,
      why: 'it answered 404: Not Found'
    })
  })
})

describe('the file in the checkout', () => {
  const content = 'name: x\n'
  const services = {} as SetupServices
  const spec = (path: string, replace = false) => ({ root: folder, path, replace, content })
  const policy = {
    deadline: 0,
    budget: 0,
    report: () => undefined,
    signal: AbortSignal.timeout(5_000)
  }

  test('is written once, and replaced only while nobody edited it', async () => {
    const one = spec('w/x.yml')
    await pipelineFile.apply?.(one, undefined, services, policy)
    const written = readFileSync(join(folder, 'w/x.yml'), 'utf8')
    expect(written).toBe(marked(content))
    expect(pipelineFile.assess(one, written).differences).toEqual([])
    const other = { ...one, content: 'name: y\n' }
    expect(pipelineFile.assess(other, written).differences[0]?.blocked).toBeUndefined()
    for (const edited of [`${written}# mine\n`, 'name: mine\n', written.replace('x', 'z'), ''])
      expect(pipelineFile.assess(other, edited).differences[0]?.blocked?.id).toBe('pipeline-file/not-ours')
    expect(
      pipelineFile.assess({ ...other, replace: true }, 'name: mine\n').differences[0]?.blocked
    ).toBeUndefined()
  })

  test('what a killed run left beside it is no obstacle, and no way out', async () => {
    const outside = join(folder, 'theirs.txt')
    writeFileSync(outside, 'theirs\n')
    mkdirSync(join(folder, 'left'), { recursive: true })
    symlinkSync(outside, join(folder, 'left', '.x.yml.patless'))
    await pipelineFile.apply?.(spec('left/x.yml'), undefined, services, policy)
    expect(readFileSync(join(folder, 'left', 'x.yml'), 'utf8')).toBe(marked(content))
    expect(readFileSync(outside, 'utf8')).toBe('theirs\n')
    expect(readdirSync(join(folder, 'left'))).toEqual(['x.yml'])
  })

  test('a link in the checkout leads no write out of it', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'patless-outside-'))
    try {
      symlinkSync(outside, join(folder, 'linked-folder'))
      writeFileSync(join(outside, 'target.yml'), 'theirs\n')
      mkdirSync(join(folder, 'plain'), { recursive: true })
      symlinkSync(join(outside, 'target.yml'), join(folder, 'plain', 'link.yml'))
      for (const path of [
        'linked-folder/new.yml',
        'linked-folder/target.yml',
        'linked-folder/deep/new.yml',
        'plain/link.yml'
      ])
        await expect(
          pipelineFile.apply?.(spec(path, true), undefined, services, policy)
        ).rejects.toMatchObject({ facts: { id: 'pipeline-file/outside' } })
      expect(readFileSync(join(outside, 'target.yml'), 'utf8')).toBe('theirs\n')
      expect(readdirSync(outside)).toEqual(['target.yml'])
    } finally {
      rmSync(outside, { recursive: true, force: true })
    }
  })
})
