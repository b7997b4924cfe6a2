/** A user's path, on both hosts: nothing, apply, apply again, check, remove, nothing. */
import { describe, expect, test } from '@jest/globals'
import { NAMESPACE } from '../argocd.ts'
import { problemsOf, type HostName, type World } from '../world.ts'

const HOSTS: readonly HostName[] = ['github', 'azure-pipelines']
/** Output names of Azure Pipelines are those of GitHub in camelCase; these are the same in both. */
const quiet = { changed: 'false', drift: 'false', verification: 'verified' }

export function chainCases(here: () => World): void {
  describe.each(HOSTS)('%s: from nothing to nothing', (host) => {
    test('before: Argo CD cannot read the repository, and check says so', async () => {
      const { ask, run } = here()
      expect((await ask()).message).toMatch(/authentication required/)
      const { outputs } = await run(host, { mode: 'check' })
      expect(pick(outputs, ['drift', 'verification'])).toEqual({ drift: 'true', verification: 'failed' })
    })

    test('the first apply: verified, and the real Argo CD fetches the newest commit', async () => {
      const { ask, run } = here()
      const job = await run(host)
      expect(problemsOf(job)).toEqual([])
      expect(pick(job.outputs, ['changed', 'verification'])).toEqual({
        changed: 'true',
        verification: 'verified'
      })
      const { connected, revision, newest, message } = await ask()
      expect(message).toBe('')
      expect(connected).toBe(true)
      expect(revision).toBe(newest)
    })

    test('the second apply writes nothing: not in Azure, not in the cluster', async () => {
      const { azureWrites, run } = here()
      const before = await versions(here())
      azureWrites()
      const job = await run(host)
      expect(problemsOf(job)).toEqual([])
      expect(pick(job.outputs, Object.keys(quiet))).toEqual(quiet)
      expect(azureWrites()).toEqual([])
      expect(await versions(here())).toEqual(before)
    })

    test('check: in order', async () => {
      const job = await here().run(host, { mode: 'check' })
      expect(problemsOf(job)).toEqual([])
      expect(pick(job.outputs, Object.keys(quiet))).toEqual(quiet)
    })

    test('remove: everything is gone, and Argo CD cannot read any more', async () => {
      const { ask, kube, run } = here()
      const job = await run(host, { mode: 'remove' })
      expect(problemsOf(job)).toEqual([])
      expect((await ask()).message).toMatch(/authentication required/)
      const secrets = { apiVersion: 'v1', resource: 'secrets', namespace: NAMESPACE }
      expect(await kube.list(secrets, 'app.kubernetes.io/managed-by=patless')).toEqual([])
      const again = await run(host, { mode: 'remove' })
      expect(problemsOf(again)).toEqual([])
      expect(again.outputs['changed']).toBe('false')
    })
  })
}

function pick(
  outputs: Readonly<Record<string, string>>,
  names: readonly string[]
): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, outputs[name]]))
}

/** The state of everything that Patless may write in Argo CD's namespace. */
async function versions({ kube }: World): Promise<Record<string, string | undefined>> {
  const kinds = [
    ['apps/v1', 'deployments'],
    ['v1', 'pods'],
    ['v1', 'secrets'],
    ['v1', 'serviceaccounts']
  ] as const
  const all = await Promise.all(
    kinds.map(async ([apiVersion, resource]) => kube.list({ apiVersion, resource, namespace: NAMESPACE }))
  )
  return Object.fromEntries(
    all
      .flat()
      .map(({ metadata: { name, uid, resourceVersion } }) => [`${name} ${uid ?? ''}`, resourceVersion])
  )
}
