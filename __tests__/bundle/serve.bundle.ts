import { expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runBundle } from '../../sandbox/job.ts'

test('serve writes an environment that is a first apply, answers orders, and leaves nothing behind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'patless-serve-'))
  const file = join(folder, 'env')
  const server = spawn('npm', ['run', '--silent', 'sandbox', '--', 'serve', '--env-file', file], {
    stdio: 'ignore'
  })
  try {
    while (!existsSync(file) || !readFileSync(file, 'utf8').includes('SANDBOX_CONTROL_URL=')) await sleep(50)
    const text = readFileSync(file, 'utf8')
    expect(text).toMatch(/^(?:[A-Z][A-Z0-9_-]*=\S+\n)+$/)
    const environment = Object.fromEntries(
      text
        .trim()
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
    )
    const control = environment['SANDBOX_CONTROL_URL'] ?? ''
    const order = async (path: string, body?: unknown): Promise<unknown> => {
      const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
      return (await fetch(control + path, post)).json()
    }
    expect((await runBundle({}, environment)).exitCode).toBe(0)
    const { requests } = (await order('/requests')) as { requests: Record<string, unknown>[] }
    expect(Object.keys(requests[0] ?? {})).toEqual(['service', 'method', 'path', 'status', 'start', 'end'])
    const check = { ...environment, INPUT_MODE: 'check' }
    expect((await runBundle({}, check)).stdout).toContain('::set-output name=drift::false')
    await order('/defects', { name: 'credential-subject' })
    const drift = await runBundle({}, check)
    expect(drift.exitCode).toBe(2)
    expect(drift.stdout).toContain('::set-output name=drift::true')
    expect(drift.stdout).toContain(
      'subject: expected system:serviceaccount:argocd:argocd-repo-server, actual system:serviceaccount:default:argocd-repo-server'
    )
    expect(await order('/faults', { kind: 'nonsense' })).toHaveProperty('error')
    await order('/faults', { service: 'arm', kind: '503', times: 2 })
    await order('/reset', {})
    expect((await runBundle({}, check)).exitCode).toBe(2)
    const ca = environment['NODE_EXTRA_CA_CERTS'] ?? ''
    expect(existsSync(ca)).toBe(true)
    server.kill('SIGTERM')
    await new Promise((resolve) => server.once('close', resolve))
    for (let waited = 0; existsSync(ca) && waited < 30_000; waited += 50) await sleep(50)
    expect(existsSync(ca)).toBe(false)
  } finally {
    server.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)
