/** What docs/security.md claims, as far as code can be held against it; and what the examples must not do. */
import { describe, expect, test } from '@jest/globals'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { AKS_SCOPE, AZURE_DEVOPS_SCOPE, endpointsOf } from '../../src/services/endpoints.ts'

const text = (path: string): string => readFileSync(path, 'utf8')
const security = text('docs/security.md')

/** The text below a heading, as far as the next one. */
function section(heading: string): string {
  const [, below = ''] = security.split(`\n## ${heading}\n`)
  return below.split('\n## ')[0] ?? ''
}
const filesBelow = (folder: string, ending: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))

describe('links', () => {
  const documents = [
    ...readdirSync('.').filter((name) => name.endsWith('.md')),
    ...filesBelow('docs', '.md'),
    'e2e/README.md'
  ]
  // As GitHub makes anchors of headings.
  const anchorsOf = (path: string): string[] => [
    ...[...text(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-')
    ),
    ...[...text(path).matchAll(/<a id="([\w-]+)"><\/a>/g)].map(([, id = '']) => id)
  ]

  test.each(documents)('%s leads to files and headings that exist', (path) => {
    for (const [, target = ''] of text(path).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [file = '', anchor] = target.split('#')
      const to = file === '' ? path : join(dirname(path), file)
      expect(`${target}: ${existsSync(to)}`).toBe(`${target}: true`)
      if (anchor !== undefined) expect(anchorsOf(to)).toContain(anchor)
    }
  })

  test('the README leads to both documents', () => {
    expect(text('README.md')).toContain('(docs/security.md)')
    expect(text('README.md')).toContain('(SECURITY.md)')
  })
})

describe('the table of every token', () => {
  const table = section('Every token')
  // Rules, the workload and what is read through commands name variables of pods; they read none.
  const sources = filesBelow('src', '.ts')
    .filter((path) => !/diagnosis|workload-differences|run-command.templates/.test(path))
    .map((path) => text(path))

  test('has every scope and audience that a token is asked for, of every cloud', () => {
    for (const cloud of ['public', 'usgovernment', 'china'] as const) {
      const { armScope, exchangeAudience } = endpointsOf(cloud, {})
      expect(table).toContain(`\`${armScope}\``)
      expect(table).toContain(`\`${exchangeAudience}\``)
    }
    for (const scope of [AKS_SCOPE, AZURE_DEVOPS_SCOPE]) expect(table).toContain(`\`${scope}\``)
    const literal = sources.flatMap((source) => source.match(/[\w-]+\/\.default|api:\/\/\w+/g) ?? [])
    expect(literal.length).toBeGreaterThan(4)
    for (const one of literal) expect(table).toContain(one)
  })

  test('has every variable from which a secret, or the place to get one, is read', () => {
    const names = sources.flatMap(
      (source) =>
        source.match(/'[A-Z_]*(?:TOKEN|SECRET|CERTIFICATE|OIDC|IDENTITY|MSI|SYSTEMVSSCONNECTION)[A-Z_]*'/g) ??
        []
    )
    expect(new Set(names).size).toBeGreaterThan(6)
    for (const name of names) expect(table).toContain(name.slice(1, -1))
  })

  test('has every endpoint that can be overridden with a bearer for it', () => {
    const [endpoints = ''] = sources.filter((source) => source.includes('export function endpointsOf('))
    for (const [name] of endpoints.matchAll(/AZURE_[A-Z_]+_URL/g)) expect(table).toContain(name)
  })

  test('says for each token who has it, where it goes, how long, and where it is masked', () => {
    const rows = table.split('\n').filter((line) => line.startsWith('| **'))
    expect(rows.length).toBeGreaterThanOrEqual(14)
    for (const row of rows) {
      const cells = row.split('|').slice(1, -1)
      expect(cells).toHaveLength(5)
      for (const cell of cells) expect(cell.trim()).not.toBe('')
    }
  })

  test('says how long the token of the service account lives, as it is asked for', () => {
    const [, seconds = ''] =
      sources.map((source) => /expirationSeconds: (\d+)/.exec(source)).find((found) => found) ?? []
    expect(table).toMatch(new RegExp(`^\\| \\*\\*Service account token\\*\\*.*\\b${seconds} seconds`, 'm'))
  })
})

describe('the table of rights', () => {
  const table = section("What the pipeline's login can do")

  test('has every action of the Azure roles', () => {
    const written = [...table.matchAll(/`(Microsoft\.\S+\/|…\/)(\S+)`/g)].map(([, , action]) => action)
    for (const path of filesBelow('docs/permissions', '.json')) {
      expect(table).toContain(path.replace('docs/', ''))
      const { Actions } = JSON.parse(text(path)) as { Actions: string[] }
      for (const action of Actions) {
        const found = written.some((one) => one !== undefined && action.endsWith(`/${one}`))
        expect(`${action}: ${found}`).toBe(`${action}: true`)
      }
    }
  })

  test('has every resource of the Kubernetes roles', () => {
    for (const path of filesBelow('docs/permissions', '.yaml')) {
      expect(table).toContain(path.replace('docs/', ''))
      for (const document of parseAllDocuments(text(path))) {
        const { rules } = document.toJS() as { rules: { resources: string[] }[] }
        for (const resource of rules.flatMap(({ resources }) => resources))
          expect(table).toContain(`\`${resource}\``)
      }
    }
  })
})

interface Workflow {
  readonly on: unknown
  readonly permissions?: Readonly<Record<string, string>>
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly permissions?: Readonly<Record<string, string>>
        readonly steps: readonly {
          readonly uses?: string
          readonly with?: Readonly<Record<string, unknown>>
        }[]
      }
    >
  >
}
const eventsOf = ({ on }: Workflow): string[] =>
  typeof on === 'string' ? [on] : Array.isArray(on) ? on.map(String) : Object.keys(on as object)

/** Why a workflow gives a stranger more than this document says. */
function faultsOf(workflow: Workflow): string[] {
  const events = eventsOf(workflow)
  const jobs = Object.values(workflow.jobs)
  const granted = [workflow.permissions, ...jobs.map((job) => job.permissions)].flatMap((one) =>
    one ? [one] : []
  )
  const fromOthers = events.filter((event) =>
    /^(?:pull_request|workflow_run|issue|discussion|fork)/.test(event)
  )
  return [
    ...events.filter((event) => ['pull_request_target', 'workflow_run'].includes(event)),
    ...(workflow.permissions === undefined ? ['permissions by default'] : []),
    ...(fromOthers.length > 0 && granted.some((one) => Object.values(one).includes('write'))
      ? [`write for ${fromOthers.join()}`]
      : [])
  ]
}

describe('workflows', () => {
  const own = filesBelow('.github/workflows', '.yml')
  const examples = readdirSync('examples')
    .filter((name) => name.endsWith('.yml'))
    .map((name) => `examples/${name}`)
  const [, inReadme = ''] = /```yaml\n([\s\S]*?)```/.exec(text('README.md')) ?? []

  test.each([
    ...own.map((path) => [path, text(path)]),
    ...examples.map((path) => [path, text(path)]),
    ['README.md', inReadme]
  ])('%s gives nothing to pull requests', (_path, source) => {
    expect(faultsOf(parse(source) as Workflow)).toEqual([])
    expect(source).not.toMatch(/\bsecrets\./)
  })

  test.each(own)('%s has the least rights, actions by commit, and leaves no login behind', (path) => {
    const workflow = parse(text(path)) as Workflow
    expect(workflow.permissions).toEqual({ contents: 'read' })
    const steps = Object.values(workflow.jobs).flatMap((job) => job.steps)
    for (const { uses, with: given } of steps) {
      if (uses === undefined) continue
      expect(uses).toMatch(/^[\w./-]+@[0-9a-f]{40}$/)
      expect(text(path)).toMatch(new RegExp(`${uses} # v\\d+\\.\\d+\\.\\d+\n`))
      if (uses.startsWith('actions/checkout@')) expect(given?.['persist-credentials']).toBe(false)
    }
  })

  test('a workflow that gives something to pull requests does not pass', () => {
    const jobs = { one: { steps: [] } }
    const read = { contents: 'read' }
    const login = { 'id-token': 'write' }
    for (const unsafe of [
      { on: 'pull_request_target', permissions: read, jobs },
      { on: { push: {}, pull_request_target: {} }, permissions: read, jobs },
      { on: ['workflow_run'], permissions: read, jobs },
      { on: ['pull_request'], permissions: login, jobs },
      { on: { issue_comment: {} }, permissions: read, jobs: { one: { permissions: login, steps: [] } } },
      { on: 'push', jobs }
    ])
      expect(faultsOf(unsafe)).not.toEqual([])
  })
})

describe('examples of Azure Pipelines', () => {
  test.each(filesBelow('examples/azure-pipelines', '.yml'))(
    '%s runs for no pull request, and checks out nothing but a file of targets',
    (path) => {
      const pipeline = parse(text(path)) as { pr: unknown }
      expect(pipeline.pr).toBe('none')
      const jobs = text(path).match(/^ *steps:$/gm) ?? []
      // A file of targets is in the repository; nothing else of it is read.
      const form = text(path).includes('targets: targets.yaml') ? 'self' : 'none'
      expect(text(path).match(new RegExp(`^ *- checkout: ${form}$`, 'gm'))).toHaveLength(jobs.length)
      expect(text(path)).not.toContain('persistCredentials')
    }
  )
})

describe('SECURITY.md', () => {
  test('says where to report, which versions get fixes, and what to expect', () => {
    const { version } = JSON.parse(text('package.json')) as { version: string }
    expect(text('SECURITY.md')).toMatch(/https:\/\/github\.com\/patless\/patless\/security\/advisories\/new/)
    expect(text('SECURITY.md')).toContain(`\`${version.split('.')[0] ?? ''}.x\``)
    expect(text('SECURITY.md')).toContain('## What to expect')
  })
})
