/** A script step, and whatever it starts, inherits the variables of its host: the bundle in it is a terminal. */
import { beforeAll, describe, expect, test } from '@jest/globals'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runBundle } from '../../sandbox/job.ts'
import { pathWithOnly } from '../../sandbox/search-path.ts'
import { useTwin } from '../twin.ts'

const twin = useTwin()
let path: string
beforeAll(() => {
  path = pathWithOnly(twin.temporary, 'git')
})

type Environment = Readonly<Record<string, string>>

const file = (name: string): string => join(twin.temporary, name)
/** What a `run:` step has (actions/runner), and a `script:` step (azure-pipelines-agent): no INPUT_* of a task. */
const GITHUB = (): Environment => ({
  GITHUB_ACTIONS: 'true',
  GITHUB_OUTPUT: file('output'),
  GITHUB_STEP_SUMMARY: file('summary'),
  RUNNER_TEMP: twin.temporary
})
const AGENT = (): Environment => ({
  SYSTEM_TEAMFOUNDATIONCOLLECTIONURI: 'https://dev.azure.com/contoso/',
  AGENT_ID: '7',
  AGENT_TEMPDIRECTORY: twin.temporary,
  TF_BUILD: 'True'
})
const COMMAND = /^\s*::|##(?:\[|vso)/m

describe.each([
  ['a run: step of GitHub', GITHUB],
  ['a script step of Azure Pipelines', AGENT],
  // PowerShell steps and steps of other tasks hand their own inputs on.
  [
    'a step of another task',
    (): Environment => ({ ...AGENT(), INPUT_SCRIPT: 'x', INPUT_TARGETTYPE: 'inline' })
  ],
  ['a step of another action', (): Environment => ({ ...GITHUB(), INPUT_TOKEN: 'x', INPUT_SCRIPT: 'y' })]
])('in %s', (_name, surroundings) => {
  const started = (...args: string[]) => {
    for (const name of ['output', 'summary']) writeFileSync(file(name), '')
    const login = { MSI_ENDPOINT: `${twin.azure.urls.msi}/msi/token` }
    const home = { HOME: twin.temporary, PATH: path }
    return runBundle({}, { ...twin.places, ...login, ...home, ...surroundings() }, args)
  }

  test.each(['--help', '-h'])('%s is the help, and a success', async (option) => {
    const { exitCode, stdout } = await started(option)
    expect(stdout).toContain('Usage: patless')
    expect(stdout).not.toMatch(COMMAND)
    expect(exitCode).toBe(0)
  })

  test.each([[[]], [['--clustr', 'x']], [['stray']]])('%j: the faults as text, exit code 1', async (args) => {
    const { exitCode, stdout, stderr } = await started(...args)
    expect(exitCode).toBe(1)
    expect(stderr).toContain('invalid; nothing was read or written')
    expect(stdout + stderr).not.toMatch(COMMAND)
    expect(twin.journal.entries).toEqual([])
  })

  test('options decide, and the step keeps its outputs, its summary and its result', async () => {
    const options = ['--cluster', twin.azure.ids.cluster, '--repository-url', twin.azure.ids.repositoryUrl]
    const { exitCode, stdout, stderr } = await started(...options, '--mode=check')
    expect([exitCode, stderr]).toEqual([2, ''])
    expect(stdout).toMatch(/^Outputs$/m)
    expect(stdout).not.toMatch(COMMAND)
    for (const name of ['output', 'summary']) expect(readFileSync(file(name), 'utf8')).toBe('')
    const [, report = ''] = /^ {2}report +(\S+)$/m.exec(stdout) ?? []
    expect(report.startsWith(twin.temporary) && existsSync(report)).toBe(true)
  })
})
