/** A run for one target of a file is the run that the same inputs make. */
import { expect, test } from '@jest/globals'
import { useWorld } from '../world.ts'
import { storePat, urlOf, useIt } from '../migration/pats.ts'
import { useTargetFiles } from './files.ts'

const world = useWorld()
const write = useTargetFiles()

/** The happy path as a file, with a second cluster that nobody may touch. */
function fileOf(more = ''): string {
  const { environment } = world.twin
  return write(`
defaults:
  repository-url: ${environment['SANDBOX_REPOSITORY_URL'] ?? ''}
targets:
  - name: north
    cluster: ${environment['SANDBOX_CLUSTER'] ?? ''}
    resource-group: ${environment['SANDBOX_RESOURCE_GROUP'] ?? ''}
    connection: repository
${more}  - name: south
    cluster: aks-south
    resource-group: rg-south
`)
}
/** The job of the twin has the inputs of its cluster; here they come from the file. */
const FROM_FILE = { cluster: '', 'resource-group': '', 'repository-url': '' }

test('apply, check, audit and remove on a target, each from the same file', async () => {
  const inputs = { ...FROM_FILE, targets: fileOf(), target: 'north' }
  const applied = await world.apply(inputs)
  expect(applied.verdict).toMatchObject({ exitCode: 0 })
  expect(applied.outputs.verification).toBe('verified')
  expect(applied.target).toMatchObject({ name: 'north' })
  expect(applied.target.plan).toMatch(/^[0-9a-f]{16}$/)
  const checked = await world.check(inputs)
  expect(checked.verdict).toMatchObject({ exitCode: 0 })
  expect(checked.target.plan).toBe(applied.target.plan)
  expect(await world.run({ ...inputs, mode: 'audit' })).toMatchObject({ verdict: { exitCode: 0 } })
  expect(await world.remove(inputs)).toMatchObject({ outputs: { changed: 'true' } })
})

test('dry-run, diagnose, export, migrate and rollback on a target, each from the same file', async () => {
  world.twin.defect('fifty-repositories')
  const inputs = { ...FROM_FILE, targets: fileOf(), target: 'north' }
  const name = { target: expect.objectContaining({ name: 'north' }) as unknown }
  const planned = await world.apply({ ...inputs, 'dry-run': 'true' })
  expect(planned).toMatchObject({ mode: 'dry-run', ...name })
  expect(world.writes()).toEqual([])
  await world.apply({ ...inputs, verification: 'none' })
  expect(await world.run({ ...inputs, mode: 'diagnose' })).toMatchObject({ mode: 'diagnose', ...name })
  const exported = await world.run({ ...inputs, mode: 'export' })
  expect(exported).toMatchObject({ verdict: { exitCode: 0 }, ...name })
  expect(exported.outputs.export).not.toBe('')
  // Only the Secrets for the URLs of the target are moved.
  for (const repository of ['app', 'service-1']) {
    storePat(world, `pat-${repository}`, urlOf(world, repository))
    useIt(world, `uses-${repository}`, urlOf(world, repository))
  }
  const moved = await world.run({ ...inputs, mode: 'migrate' })
  expect(moved).toMatchObject({ mode: 'migrate', ...name })
  expect(moved.migration?.moves.map((one) => one.name)).not.toContain('pat-service-1')
  expect(await world.run({ ...inputs, mode: 'rollback' })).toMatchObject({ mode: 'rollback', ...name })
})

test('faults of the file and of the target end the run before the first request', async () => {
  world.twin.journal.clear()
  const targets = fileOf('    application-revision: main\n')
  await expect(world.apply({ ...FROM_FILE, targets, target: 'north' })).rejects.toThrow(
    /application-name: .*application-revision is given without it/
  )
  await expect(world.apply({ ...FROM_FILE, targets, target: 'west' })).rejects.toThrow(/no target "west"/)
  await expect(world.apply({ targets: fileOf(), target: 'south' })).rejects.toThrow(
    /cluster: It contradicts line/
  )
  await expect(world.apply({ target: 'south' })).rejects.toThrow(
    /target: It names a target, but targets is empty/
  )
  expect(world.twin.journal.entries).toEqual([])
})

test('a fault that only a run can find names the line of the file', async () => {
  const targets = fileOf('    kubeconfig: /nowhere/config\n')
  await expect(world.apply({ ...FROM_FILE, targets, target: 'north' })).rejects.toThrow(
    /targets: \S*:9: kubeconfig of north: The file \/nowhere\/config cannot be read/
  )
})
