/** The examples of a scheduled check: drift is filed, order closes it, and what was never checked is neither. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'

/** States of a Task in each process of Azure DevOps, with their categories. */
const PROCESSES = {
  Basic: [
    ['To Do', 'Proposed'],
    ['Doing', 'InProgress'],
    ['Done', 'Completed']
  ],
  Agile: [
    ['New', 'Proposed'],
    ['Active', 'InProgress'],
    ['Closed', 'Completed'],
    ['Removed', 'Removed']
  ],
  Scrum: [
    ['To Do', 'Proposed'],
    ['In Progress', 'InProgress'],
    ['Done', 'Completed'],
    ['Removed', 'Removed']
  ],
  CMMI: [
    ['Proposed', 'Proposed'],
    ['Active', 'InProgress'],
    ['Resolved', 'Resolved'],
    ['Closed', 'Completed']
  ],
  "somebody's own": [
    ['Neu', 'Proposed'],
    ["C'est fini", 'Completed']
  ]
} as const
type States = (typeof PROCESSES)[keyof typeof PROCESSES]
const BASIC = PROCESSES.Basic

/** A curl that answers as the service does; the body of a write, and of the query, is kept in files beside it. */
function curlWith(states: States, workItems: readonly { readonly id: number }[] = [{ id: 7 }]): string {
  const value = states.map(([name, category]) => ({ name, category }))
  // In a shell word, a quote ends the word.
  const answer = (json: unknown): string => `printf '%s' '${JSON.stringify(json).replaceAll("'", `'\\''`)}'`
  return `case "$*" in *wiql*) cat > '${join(folder, 'query')}'; ${answer({ workItems })};; *Task/states*) ${answer({ value })};; *) cat > '${join(folder, 'body')}';; esac`
}

let folder: string
let calls: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patless-example-'))
  calls = join(folder, 'calls')
  const answers = { gh: 'echo 7', curl: curlWith(BASIC) }
  for (const [name, answer] of Object.entries(answers)) {
    writeFileSync(join(folder, name), `#!/bin/sh\necho "$@" >> '${calls}'\n${answer}\n`)
    chmodSync(join(folder, name), 0o755)
  }
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const scriptOf = (path: string): string => {
  const text = JSON.stringify(parse(readFileSync(path, 'utf8')))
  const steps: string[] = []
  JSON.parse(text, (key, value: unknown) => {
    if ((key === 'run' || key === 'bash') && typeof value === 'string') steps.push(value)
    return value
  })
  return steps.at(-1) ?? ''
}
const done = (path: string, environment: Record<string, string>): { exit: number | null; calls: string } => {
  writeFileSync(calls, '')
  const { status } = spawnSync('bash', ['-e', '-c', scriptOf(path)], {
    cwd: folder,
    input: '',
    env: {
      PATH: `${folder}:${process.env['PATH'] ?? ''}`,
      RUNNER_TEMP: folder,
      ...{ REASON: 'r', DIFFERENCES: '[]', RUN: 'https://x.example/1', SYSTEM_ACCESSTOKEN: 'x' },
      ...{ SYSTEM_COLLECTIONURI: 'https://x.example/', SYSTEM_TEAMPROJECTID: 'p' },
      ...environment
    }
  })
  return { exit: status, calls: readFileSync(calls, 'utf8') }
}

describe('on GitHub', () => {
  const check = (OUTCOME: string, DRIFT: string) => done('examples/check.yml', { OUTCOME, DRIFT })

  test('refused before a report: the job fails, and no issue is touched', () => {
    expect(check('failure', '')).toEqual({ exit: 1, calls: '' })
  })
  test.each([
    ['failure', 'true', 1, 'issue edit 7'],
    ['failure', 'false', 1, 'issue edit 7'],
    ['success', 'true', 1, 'issue edit 7'],
    ['success', 'false', 0, 'issue close 7']
  ])('%s with drift %s', (outcome, drift, exit, call) => {
    const ended = check(outcome, drift)
    expect(ended.exit).toBe(exit)
    expect(ended.calls).toContain(call)
  })
})

describe('on Azure Pipelines', () => {
  const check = (JOB: string, DRIFT: string) => done('examples/azure-pipelines/check.yml', { JOB, DRIFT })

  test.each(['$(access.drift)', ''])('refused before a report, %j: no work item is touched', (drift) => {
    expect(check('Failed', drift)).toEqual({ exit: 1, calls: '' })
  })
  test.each([
    ['Succeeded', 'false', true],
    ['SucceededWithIssues', 'false', true],
    ['SucceededWithIssues', 'true', false],
    ['Failed', 'true', false],
    ['Failed', 'false', false]
  ])('%s with drift %s', (job, drift, closes) => {
    answering(BASIC)
    const ended = check(job, drift)
    expect(ended.exit).toBe(0)
    expect(ended.calls).toContain('-X PATCH')
    expect(ended.calls.includes('workitems/7')).toBe(true)
    expect(sent().some(({ path }) => path === '/fields/System.State')).toBe(closes)
  })

  const answering = (states: States, workItems?: readonly { readonly id: number }[]): void => {
    writeFileSync(
      join(folder, 'curl'),
      `#!/bin/sh\necho "$@" >> '${calls}'\n${curlWith(states, workItems)}\n`
    )
  }
  const sent = (): { path: string; value: string }[] =>
    JSON.parse(readFileSync(join(folder, 'body'), 'utf8')) as { path: string; value: string }[]

  test.each(Object.entries(PROCESSES))('in the process %s: closed by its own state', (_process, states) => {
    answering(states)
    expect(check('Succeeded', 'false').exit).toBe(0)
    const [completed = ''] = states.find(([, category]) => category === 'Completed') ?? []
    expect(sent()).toEqual([{ op: 'add', path: '/fields/System.State', value: completed }])
    const { query } = JSON.parse(readFileSync(join(folder, 'query'), 'utf8')) as { query: string }
    const over = states.filter(([, category]) => category === 'Completed' || category === 'Removed')
    const names = over.map(([name]) => `'${name.replaceAll("'", "''")}'`).join(', ')
    expect(query).toContain(`[System.State] NOT IN (${names})`)
    expect(query).toContain("[System.WorkItemType] = 'Task'")
  })

  test.each(['Scrum', 'CMMI'] as const)('in the process %s: a Task is opened on drift', (process) => {
    answering(PROCESSES[process], [])
    const ended = check('Failed', 'true')
    expect(ended.exit).toBe(0)
    expect(ended.calls).toContain('/workitems/$Task?')
    expect(sent().map(({ path }) => path)).toEqual(['/fields/System.Title', '/fields/System.Description'])
  })
})
