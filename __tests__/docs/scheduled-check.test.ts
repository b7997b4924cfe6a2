/** The examples of a scheduled check: drift is filed, order closes it, and what was never checked is neither. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'

let folder: string
let calls: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patless-example-'))
  calls = join(folder, 'calls')
  const answers = { gh: 'echo 7', curl: `case "$*" in *wiql*) echo '{"workItems":[{"id":7}]}';; esac` }
  for (const [name, answer] of Object.entries(answers)) {
    writeFileSync(join(folder, name), `#!/bin/sh\necho "$@" >> '${calls}'\ncat > /dev/null\n${answer}\n`)
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
    const ended = check(job, drift)
    expect(ended.exit).toBe(0)
    expect(ended.calls).toContain('-X PATCH')
    expect(ended.calls.includes('workitems/7')).toBe(true)
    expect(closedBy(job, drift)).toBe(closes)
  })

  /** What is sent is in the fields that jq makes: the fake curl keeps it here. */
  const closedBy = (JOB: string, DRIFT: string): boolean => {
    const body = join(folder, 'body')
    writeFileSync(
      join(folder, 'curl'),
      `#!/bin/sh\necho "$@" >> '${calls}'\ncase "$*" in *wiql*) cat > /dev/null; echo '{"workItems":[{"id":7}]}';; *) cat > '${body}';; esac\n`
    )
    done('examples/azure-pipelines/check.yml', { JOB, DRIFT })
    return readFileSync(body, 'utf8').includes('System.State')
  }
})
