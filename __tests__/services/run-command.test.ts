/** Azure's part of a command in a cluster: what is waited for, and for how long. */
import { expect, test } from '@jest/globals'
import { ArmWire } from '../../src/services/azure/arm-wire.ts'
import { RunCommands } from '../../src/services/azure/run-command.ts'
import { endpointsOf } from '../../src/services/endpoints.ts'
import { partsOf } from '../../src/services/kubernetes/run-command/script.ts'
import type { Wire } from '../../src/http/request.ts'
import { useTwin } from '../twin.ts'

const twin = useTwin()

/** @param seconds of the whole run */
async function commands(seconds: number): Promise<{ run: (command: string) => Promise<string> }> {
  const reply = await fetch(`${twin.azure.urls.msi}/msi/token`, {
    method: 'POST',
    body: new URLSearchParams({ resource: 'https://management.azure.com' })
  })
  const { access_token: token } = (await reply.json()) as { access_token: string }
  const policy = {
    deadline: Date.now() + seconds * 1_000,
    report: () => undefined,
    signal: new AbortController().signal
  }
  const wire: Wire = {
    policy,
    debug: () => undefined,
    warn: () => undefined,
    timeout: 5_000,
    proxyFor: () => undefined
  }
  const endpoints = endpointsOf('public', { AZURE_RESOURCE_MANAGER_URL: twin.azure.urls.arm })
  const client = new RunCommands(new ArmWire(endpoints, () => Promise.resolve(token), wire))
  return { run: (command) => client.run(twin.azure.ids.clusterId, command, 'a token', policy) }
}

test('what a command printed comes when it has ended', async () => {
  const { run } = await commands(20)
  expect(await run('sleep 0.4; echo one; echo two >&2')).toBe('one\ntwo\n')
})

test('a command that fails is a finding with its code and its words', async () => {
  const { run } = await commands(20)
  await expect(run('echo no such thing; exit 3')).rejects.toMatchObject({
    facts: {
      id: 'run-command/failed',
      summary: 'The command that Azure ran in aks-gitops failed with 3: no such thing'
    }
  })
})

test('one that does not end is given up in time', async () => {
  twin.defect('run-command-never-ends')
  const { run } = await commands(1)
  await expect(run('true')).rejects.toMatchObject({ facts: { id: 'run-command/late' } })
})

const WHOLE = [
  ...['', '-----patless 0', '{"a":1}', '{"b":2}', '', '-----patless 0 0', '', '-----patless 0 end'],
  ...['', '-----patless 1', '', '-----patless 1 12', 'no', '-----patless 1 end', '']
].join('\n')

test('what was printed whole is read whole', () => {
  expect(partsOf(WHOLE, 2)).toEqual([
    { lines: ['{"a":1}', '{"b":2}'], ended: { code: 0, error: '' } },
    { lines: [], ended: { code: 12, error: 'no' } }
  ])
})

test('what was cut, wherever it was, is never taken as whole', () => {
  const whole = partsOf(WHOLE, 2)
  for (let end = 0; end < WHOLE.length; end += 1) {
    const parts = partsOf(WHOLE.slice(0, end), 2) ?? []
    parts.forEach(({ lines, ended }, index) => {
      const known = whole?.[index]
      // A line is there as it was, or not at all; how a part ended is said by its last line.
      expect(known?.lines.slice(0, lines.length)).toEqual(lines)
      if (ended) expect({ lines, ended }).toEqual(known)
    })
  }
})

test('without its beginning nothing is taken', () => {
  for (let begin = 2; begin < 16; begin += 1) expect(partsOf(WHOLE.slice(begin), 2)).toBeUndefined()
})
