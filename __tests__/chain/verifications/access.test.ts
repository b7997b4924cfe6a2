/** The access itself: a token of the repo-server reads git, tried as long as a later try may do better. */
import { describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { kindOf, type Kind } from '../../../sandbox/kubernetes/objects.ts'
import { useWorld } from '../../world.ts'

const SECRETS = kindOf('', 'secrets') as Kind

const world = useWorld()

describe('the proof says what stands between', () => {
  test('access that works is not enough when a hop drifted', async () => {
    await world.applied()
    world.twin.defect('label-removed')
    const report = await world.check()
    expect(report.outputs).toMatchObject({ drift: 'true', verification: 'failed' })
    expect(report.verification.reason).toBe('the access itself works, but workload is drifted')
  })

  test('verification: none skips it, and says so', async () => {
    const report = await world.apply({ verification: 'none' })
    expect(report.outputs).toMatchObject({ changed: 'true', verification: 'skipped' })
    expect(world.twin.journal.entries.some(({ service }) => service === 'git')).toBe(false)
  })
})

test('waits for half a minute only, and says why once, when it wrote nothing that has to be heard of', async () => {
  await world.applied()
  world.printed.length = 0
  world.twin.defect('read-denied')
  const report = world.apply()
  const waits = (): string[] => world.printed.filter((line) => line.includes('Trying again'))
  while (waits().length < 2) await sleep(20)
  process.emit('SIGTERM')
  expect((await report).verdict.exitCode).toBe(1)
  expect(waits()[0]).toMatch(/does not show the repository.* (?:30|[12]\d|\d\.\d) s left/)
  expect(waits()[1]).toMatch(/^… Still the same/)
})

test('waits as long as it may after a run that was stopped before its proof', async () => {
  await world.applied()
  const { store } = world.twin.kubernetes
  for (const secret of store.list(SECRETS, 'argocd')) {
    if (secret.metadata.labels?.['argocd.argoproj.io/secret-type'] === 'repository')
      store.remove(SECRETS, 'argocd', secret.metadata.name)
  }
  world.twin.journal.order({ service: 'git', path: 'info/refs', kind: '500', times: 99 })
  world.printed.length = 0
  const report = world.apply({ 'verification-timeout': '200' })
  const wait = (): string | undefined => world.printed.find((line) => line.includes('Trying again'))
  while (wait() === undefined) await sleep(20)
  process.emit('SIGTERM')
  await report
  world.twin.journal.calm()
  expect(wait()).toMatch(/ (?:200|1\d\d) s left/)
})
