/** The script that an export writes, run by bash with unmodified az and kubectl, makes the same state in an empty place. */
import { beforeAll, describe, expect, test } from '@jest/globals'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cloudByHand, handOf, has, logInByHand, loginOfAz, type Hand } from '../sandbox/by-hand.ts'
import { useWorld } from '../__tests__/world.ts'

const withAz = has('az') && has('kubectl') ? describe : describe.skip

const world = useWorld()
let hands: Hand
beforeAll(async () => {
  hands = handOf(world.twin)
  if (!has('az')) return
  await cloudByHand(world.twin, hands)
  await logInByHand(hands)
}, 60_000)

withAz('the exported script', () => {
  test.each([
    ['one repository, and an Application', { access: 'repository', 'application-path': 'apps' }, 1],
    [
      'all of a project, by templates, and charts, twice',
      { connection: 'template', registries: 'contosocharts.azurecr.io/charts/app:1.2.3' },
      2
    ]
  ])(
    'with access to %s',
    async (_what, inputs, times) => {
      await world.apply(inputs)
      const { exports } = await world.run({ mode: 'export', ...inputs })
      world.twin.reset()
      expect(await world.check(inputs)).toMatchObject({ outputs: { drift: 'true' } })
      const file = join(hands.home, 'export.sh')
      writeFileSync(file, exports?.['export.sh'] ?? '')
      const { devops, entitlements, graph } = world.twin.azure.urls
      const environment = {
        ...loginOfAz(world.twin, hands.home),
        AZURE_DEVOPS_URL: devops,
        AZURE_DEVOPS_ENTITLEMENTS_URL: entitlements,
        AZURE_DEVOPS_GRAPH_URL: graph
      }
      // Again, it finds what exists.
      for (let time = 0; time < times; time += 1) await hands.run('bash', [file], environment)
      const report = await world.check({ ...inputs, verification: 'access' })
      expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([])
      expect(report.outputs).toMatchObject({ drift: 'false', verification: 'verified' })
    },
    300_000
  )
})
