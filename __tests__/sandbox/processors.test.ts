/** The processors of the twin's application controller. */
import { expect, test } from '@jest/globals'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'
import { Processors } from '../../sandbox/argocd/processors.ts'
import { useWorld } from '../world.ts'

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))

test('run so many at a time, in order; a failure frees its place', async () => {
  const processors = new Processors(2)
  const begun: number[] = []
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<undefined>())
  const all = ends.map(({ promise }, nth) =>
    processors.run(() => {
      begun.push(nth)
      return promise
    })
  )
  expect([begun, processors.busy]).toEqual([[0, 1], 5])
  ends[1]?.reject(new Error('no'))
  await expect(all[1]).rejects.toThrow('no')
  expect([begun, processors.busy]).toEqual([[0, 1, 2], 4])
  processors.stop()
  for (const { resolve } of ends) resolve(undefined)
  await Promise.all([all[0], all[2]])
  await turn()
  expect([begun, processors.busy]).toEqual([[0, 1, 2], 0])
})

const world = useWorld()

test('of sixty Applications, twenty are compared at a time, and requests of others are answered meanwhile', async () => {
  await world.applied()
  const { store, token, access } = world.twin.kubernetes
  const { repositoryUrl } = world.twin.azure.ids
  const applications = kindOf('argoproj.io', 'applications') as Kind
  const destination = { server: 'https://kubernetes.default.svc', namespace: 'default' }
  world.twin.journal.clear()
  // Held back, so that they can be counted.
  const held = Promise.withResolvers<undefined>()
  world.twin.journal.gate = ({ by }) => (by === 'argocd' ? held.promise : undefined)
  const asked = (): number =>
    world.twin.journal.entries.filter(({ by, service }) => by === 'argocd' && service === 'entra').length
  for (let count = 0; count < 60; count += 1)
    store.create(applications, 'argocd', {
      apiVersion: '',
      kind: 'Application',
      metadata: { name: `app-${count}` },
      spec: { project: 'default', source: { repoURL: repositoryUrl, path: 'deploy' }, destination }
    })
  while (asked() < 20) await turn()
  const headers = { authorization: `Bearer ${token}` }
  const answer = await fetch(`${access.server}/apis/argoproj.io/v1alpha1/applications?limit=1`, { headers })
  expect(answer.status).toBe(200)
  expect(asked()).toBe(20)
  world.twin.journal.gate = undefined
  held.resolve(undefined)
  const compared = (): number =>
    store.list(applications).filter(({ status }) => (status as { sync?: object } | undefined)?.sync).length
  while (compared() < 60) await turn()
  // One clone, fetched once: the rest have it.
  const fetches = world.twin.journal.entries.filter(
    ({ by, method, service }) => by === 'argocd' && service === 'git' && method === 'POST'
  )
  expect(fetches).toHaveLength(1)
})

test('Azure Repos knows no protocol 2, and gives a commit that is no tip', async () => {
  await world.apply({ verification: 'none' })
  const { repositoryUrl } = world.twin.azure.ids
  const tokens = world.twin.issued()
  let refs: string | undefined
  for (const token of tokens) {
    const headers = { authorization: `Bearer ${token}`, 'git-protocol': 'version=2' }
    const answer = await fetch(`${repositoryUrl}/info/refs?service=git-upload-pack`, { headers })
    if (answer.status === 200) refs = await answer.text()
  }
  expect(refs).toContain('allow-reachable-sha1-in-want')
  expect(refs).toMatch(/ HEAD\0.*multi_ack/)
  expect(refs).not.toContain('version 2')
})
