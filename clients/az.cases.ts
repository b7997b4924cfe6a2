/** Unmodified az and kubectl build the chain by hand; then check of the bundle uses the az login and finds no drift. */
import { beforeAll, describe, expect, test } from '@jest/globals'
import {
  buildByHand,
  cloudByHand,
  handOf,
  has,
  logInByHand,
  loginOfAz,
  proveByHand,
  type Hand
} from '../sandbox/by-hand.ts'
import { runGitHubJob } from '../sandbox/job.ts'
import { useTwin } from '../__tests__/twin.ts'

const withAz = has('az') && has('kubectl') ? describe : describe.skip

const twin = useTwin()
let hands: Hand
beforeAll(() => {
  hands = handOf(twin)
})

withAz('az, and a chain built by hand', () => {
  beforeAll(async () => {
    await cloudByHand(twin, hands)
    await logInByHand(hands)
  }, 60_000)

  test('az and kubectl build what check then finds in order', async () => {
    await buildByHand(twin, hands)
    expect(await proveByHand(twin, hands)).toMatch(/^[0-9a-f]{40}$/)
    const { resourceGroup: group } = twin.azure.ids
    const name = twin.environment['SANDBOX_IDENTITY'] ?? ''
    const list = ['identity', 'federated-credential', 'list', '-g', group, '--identity-name', name]
    expect(JSON.parse(await hands.az(...list))).toHaveLength(1)
    const check = await runGitHubJob({
      environment: twin.environment,
      inputs: { mode: 'check', verification: 'access' }
    })
    expect(check.stdout).not.toContain('::error')
    expect(check.outputs).toMatchObject({ drift: 'false', verification: 'verified' })
  }, 120_000)

  test('the run logs in as az is logged in, whose login lies in its folder alone', async () => {
    const environment = { ...twin.environment, ...loginOfAz(twin, hands.home) }
    const { stdout, outputs } = await runGitHubJob({
      environment,
      inputs: { 'client-id': '', 'tenant-id': '', verification: 'access' }
    })
    expect(stdout).toContain('login: the az login, as ')
    expect(outputs).toMatchObject({ verification: 'verified' })
  }, 60_000)

  test('az hears of what does not exist, and of what is not allowed', async () => {
    const { resourceGroup: group } = twin.azure.ids
    await expect(hands.az('identity', 'show', '-g', group, '-n', 'nobody')).rejects.toThrow(
      /ResourceNotFound/
    )
    twin.defect('arm-reader-only')
    await expect(
      hands.az('identity', 'create', '-g', group, '-n', 'somebody', '-l', 'westeurope')
    ).rejects.toThrow(/AuthorizationFailed/)
  }, 60_000)
})
