/** When the processes of a program count as ended. */
import { describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { end, forget, register } from '../../src/services/programs/group.ts'
import { statOf } from '../../src/services/programs/proc-stat.ts'

/** A process group of its own whose parent never collects it, as in a container without an init. */
async function orphaned(command: string): Promise<{ group: number; stop: () => void }> {
  const parent = spawn('sh', ['-c', `setsid ${command} & echo $!; exec sleep 30`])
  const [printed] = (await once(parent.stdout, 'data')) as [Buffer]
  return { group: Number(printed.toString()), stop: () => parent.kill() }
}
const stateOf = (pid: number) => statOf(readFileSync(`/proc/${pid}/stat`, 'latin1'))

const onLinux = process.platform === 'linux' ? describe : describe.skip
onLinux('a group is ended', () => {
  test('at once where only uncollected processes are left of it', async () => {
    const { group, stop } = await orphaned('true')
    try {
      while (!stateOf(group).isZombie) await sleep(10)
      expect(process.kill(-group, 0)).toBe(true)
      register(group, tmpdir(), [])
      // Less than a process gets between SIGTERM and SIGKILL.
      const first = await Promise.race([
        end(group).then(() => 'ended'),
        sleep(900).then(() => 'still waiting')
      ])
      expect(first).toBe('ended')
    } finally {
      forget(group)
      stop()
    }
  })

  test.each(['sleep 30', "sh -c 'trap : TERM; while :; do sleep 0.05; done'"])(
    'only after what runs was stopped: %s',
    async (command) => {
      const { group, stop } = await orphaned(command)
      try {
        while (stateOf(group).group !== group) await sleep(10)
        register(group, tmpdir(), [])
        await end(group)
        expect(stateOf(group).isZombie).toBe(true)
      } finally {
        forget(group)
        stop()
      }
    }
  )
})

test.each([
  ['1 (git) Z 0 7 7', { isZombie: true, group: 7 }],
  ['1 (git) S 0 7 7', { isZombie: false, group: 7 }],
  ['1 (a) Z 1 ) S 0 9 9', { isZombie: false, group: 9 }]
])('%s', (line, expected) => {
  expect(statOf(`${line}${' 0'.repeat(20)}`)).toMatchObject(expected)
})
