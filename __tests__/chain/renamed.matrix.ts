/** A project of Azure DevOps gets another name: its id and its members stay, and URLs with the former name may still lead there. */
import { describe, expect, test } from '@jest/globals'
import type { Report } from '../../src/report/report.ts'
import { useWorld } from '../world.ts'

const world = useWorld()
const RENAMED = 'permission/project-renamed'
const SOON = { 'verification-timeout': '2' }
const renamedIn = ({ findings }: Report) => findings.filter(({ id }) => id === RENAMED)
const renewed = (): string => world.twin.azure.ids.repositoryUrl.replace('/shop/', '/store/')

describe.each(['project-readers', 'repository'])('access: %s', (access) => {
  test('check says so, with the new URL, and stays green while the former name still leads there', async () => {
    await world.apply({ access })
    world.twin.defect('project-renamed')
    const report = await world.check({ access })
    expect(report.outputs).toMatchObject({ verification: 'verified', drift: 'false' })
    expect(renamedIn(report)).toMatchObject([{ severity: 'warning', expected: renewed() }])
    expect(renamedIn(report)[0]?.remedy).toContain(renewed())
  })

  test('where the former name leads nowhere, check and apply fail at once, with the new URL', async () => {
    await world.apply({ access })
    world.twin.defect('project-renamed-strictly')
    for (const report of [await world.check({ access, ...SOON }), await world.apply({ access, ...SOON })]) {
      expect(report.verdict.exitCode).toBe(1)
      expect(renamedIn(report)).toMatchObject([{ severity: 'error', expected: renewed() }])
      expect(report.findings.map(({ id }) => id)).not.toContain('permission/repository-missing')
    }
  })

  test('apply with the new URL connects it, and nothing is said any more', async () => {
    await world.apply({ access })
    world.twin.defect('project-renamed')
    const report = await world.apply({ access, 'repository-url': renewed() })
    expect(report.verdict.summary).toBe('Changed, verified.')
    expect(renamedIn(report)).toEqual([])
  })
})

test('a first apply by the former name works, and says so', async () => {
  world.twin.defect('project-renamed')
  const report = await world.apply()
  expect(report.outputs).toMatchObject({ verification: 'verified' })
  expect(renamedIn(report)).toHaveLength(1)
})

test('a new project of the former name is another one', async () => {
  await world.applied()
  world.twin.defect('project-name-reused')
  const report = await world.check(SOON)
  expect(renamedIn(report)).toEqual([])
  expect(report.verdict.exitCode).not.toBe(0)
  expect(report.findings.map(({ id }) => id)).toContain('permission/repository-missing')
})
