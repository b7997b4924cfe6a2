/**
 * The release in a real runner: the whole workflow without publishing, and the action from a checkout of its tag, under
 * the name that users write.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setDefaultCACertificates } from 'node:tls'
import { promisify, stripVTControlCharacters } from 'node:util'
import { parse } from 'yaml'
import { makeTarball } from '../scripts/release/assets.ts'
import { commitTree, copyTree } from '../__tests__/release/tree.ts'
import { personAt } from '../sandbox/person.ts'
import { startTwin } from '../sandbox/twin.ts'
import { findProgram } from './parts.ts'
import { inTheTwin, isOfTheHost, runAct } from './runner.ts'

const exec = promisify(execFile)
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }

/**
 * Replacements for actions that need a network. They do what the workflow relies on: pass files between jobs, and
 * provide the requested version of Node (from PATH). Of the two actions that publish only the name is needed, because
 * their steps are skipped. actions/checkout is the runner's own.
 */
const STAND_INS: Readonly<Record<string, string>> = {
  'actions/setup-node': 'node --version | grep "^v${{ inputs.node-version }}[.]"',
  'actions/upload-artifact':
    'mkdir -p "$ARTIFACTS/${{ inputs.name }}" && cp -R "${{ inputs.path }}/." "$ARTIFACTS/${{ inputs.name }}"',
  'actions/download-artifact':
    'mkdir -p "${{ inputs.path }}" && cp -R "$ARTIFACTS/${{ inputs.name }}/." "${{ inputs.path }}"',
  'actions/attest-build-provenance': 'echo "a stand-in was asked to attest" && exit 1',
  'azure/login': 'echo "a stand-in was asked to log in" && exit 1'
}

let folder: string
let act: string
let tag: string
beforeAll(async () => {
  act = await findProgram('act', process.env)
  folder = mkdtempSync(join(tmpdir(), 'patless-release-'))
  const tree = join(folder, 'tree')
  copyTree(tree, { packages: false })
  const git = commitTree(tree)
  git('tag', `v${version}`)
  tag = join(folder, 'tag')
  git('-c', 'advice.detachedHead=false', 'clone', '--quiet', '--branch', `v${version}`, tree, tag)
}, 60_000)
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('release: a dry run of the whole workflow is green, and publishes nothing', async () => {
  const workflow = join(tag, '.github/workflows/release.yml')
  const { jobs } = parse(readFileSync(workflow, 'utf8')) as {
    jobs: Record<string, { steps: { uses?: string; name?: string; if?: string }[] }>
  }
  const steps = Object.values(jobs).flatMap((job) => job.steps)
  const used = steps.flatMap(({ uses }) => (uses === undefined ? [] : uses))
  const actions = Object.fromEntries(
    Object.entries(STAND_INS).flatMap(([name, script]) =>
      used.filter((one) => one.startsWith(`${name}@`)).map((one) => [one, standIn(name, script)])
    )
  )
  const artifacts = join(folder, 'artifacts')
  const environment = { ...registryOf(process.env), ARTIFACTS: artifacts }
  const { code, log } = await runAct(act, {
    work: tag,
    workflow,
    home: join(folder, 'home'),
    environment,
    actions
  })
  expect(code === 0 ? '' : log).toBe('')
  for (const name of Object.keys(jobs))
    expect(log).toMatch(new RegExp(`^\\[Release/${name}\\s*\\].*Job succeeded`, 'm'))
  expect(log).toContain(`Patless ${version} may be released.`)
  expect(stripVTControlCharacters(log)).toContain(`npm notice filename: patless-${version}.tgz`)
  expect(log).not.toMatch(/a stand-in was asked|^gh |published extension/im)
  for (const { name } of steps.filter((step) => step.if !== undefined && step.name !== undefined))
    expect(log).not.toContain(`Run Main ${name ?? ''}`)
  const made = readFileSync(join(artifacts, 'release/assets/SHA256SUMS'), 'utf8')
  expect(made).toContain(`patless-${version}.tgz`)
}, 600_000)

test.each([
  ['apply.yml', undefined, /Argo CD reads as [0-9a-f-]{36}, verified/],
  ['many-clusters.yml', 'cluster:aks-gitops', /Argo CD on aks-gitops reads as [0-9a-f-]{36}, verified/],
  ['many-clusters-shared.yml', 'cluster:aks-gitops', /Argo CD on aks-gitops reads as [0-9a-f-]{36}, verified/]
])(
  'release: `uses: patless/patless@v0` from a checkout of the tag: %s builds and proves the chain',
  async (name, matrix, said) => {
    const twin = await startTwin()
    try {
      const work = mkdtempSync(join(folder, 'user-'))
      const workflow = join(work, '.github/workflows', name)
      mkdirSync(dirname(workflow), { recursive: true })
      const example = readFileSync(join('examples', name), 'utf8')
      expect(example).toContain('uses: patless/patless@v0\n')
      // The twin has one cluster and one resource group.
      const there = example.replace('rg-identities', 'rg-gitops')
      writeFileSync(workflow, inTheTwin(there, twin.azure))
      commitTree(work)
      const environment = Object.fromEntries(
        Object.entries(twin.environment).filter(([key]) => isOfTheHost(key))
      )
      const { code, log } = await runAct(act, {
        work,
        workflow,
        home: mkdtempSync(join(folder, 'runner-')),
        environment,
        actions: { 'patless/patless@v0': tag },
        ...(matrix !== undefined && { matrix })
      })
      expect(code === 0 ? '' : log).toBe('')
      expect(log).toMatch(said)
      expect(log).not.toContain('aks-north reads')
    } finally {
      await twin.close()
    }
  }
)

test('release: from nothing, `npx <tarball> setup --yes`, and the workflow that it writes is green', async () => {
  const twin = await startTwin()
  try {
    setDefaultCACertificates([twin.tls.ca])
    const person = personAt(twin)
    const { ids, github } = twin.azure
    const options = ['--repository-url', ids.repositoryUrl, '--issuer', github.issuer, '--yes']
    const { stderr: said } = await exec(
      'npx',
      ['--yes', `file:${makeTarball(folder)}`, 'setup', ...options],
      {
        cwd: person.folder,
        env: { ...registryOf(process.env), ...person.environment }
      }
    )
    expect(said).toContain('Would create 11, change 0')
    const workflow = join(person.folder, '.github/workflows/argocd-access.yml')
    const [, used = ''] =
      /uses: (patless\/patless@[0-9a-f]{40}) # v/.exec(readFileSync(workflow, 'utf8')) ?? []
    rmSync(join(person.folder, '.git'), { recursive: true })
    commitTree(person.folder)
    const environment = Object.entries(twin.environment).filter(([key]) => isOfTheHost(key))
    const { code, log } = await runAct(act, {
      work: person.folder,
      workflow,
      home: join(folder, 'runner-of-setup'),
      environment: Object.fromEntries(environment),
      actions: { [used]: tag }
    })
    expect(code === 0 ? '' : log).toBe('')
    expect(log).toContain('Changed, verified.')
  } finally {
    await twin.close()
  }
})

/** npm's registry settings and cache on this machine. */
function registryOf(environment: NodeJS.ProcessEnv): Record<string, string> {
  const own = Object.entries(environment).flatMap(([name, value = '']): [string, string][] =>
    /^(?:npm_config_(?:cache|cafile|registry)$|https?_proxy$|no_proxy$|NODE_EXTRA_CA_CERTS$)/i.test(name)
      ? [[name, value]]
      : []
  )
  return {
    npm_config_cache: join(homedir(), '.npm'),
    npm_config_prefer_offline: 'true',
    ...Object.fromEntries(own)
  }
}

/** Creates an action with those inputs of the real one that the workflow uses, in its own folder. */
function standIn(name: string, script: string): string {
  const place = join(folder, 'actions', name)
  mkdirSync(place, { recursive: true })
  const inputs = ['name', 'path', 'node-version'].map((input) => `  ${input}: { required: false }`).join('\n')
  const steps = `runs:\n  using: composite\n  steps:\n    - shell: bash\n      run: |\n        ${script}\n`
  writeFileSync(join(place, 'action.yml'), `name: ${name}\ninputs:\n${inputs}\n${steps}`)
  return place
}
