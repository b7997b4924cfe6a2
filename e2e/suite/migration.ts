/** From a PAT over real git to workload identity, back, and over again: the real Argo CD reads at every step. */
import { describe, expect, test } from '@jest/globals'
import { NAMESPACE } from '../argocd.ts'
import { problemsOf, type World } from '../world.ts'

const SECRETS = { apiVersion: 'v1', resource: 'secrets', namespace: NAMESPACE } as const
const NAME = 'shop-by-pat'
/** All that Patless finds. */
const EVERYTHING = { 'repository-url': '' }

export function migrationCases(here: () => World): void {
  describe('from a PAT to the identity', () => {
    let end: ((how: 'revoked' | 'expired') => void) | undefined

    test('before: Argo CD reads with a PAT, by basic authentication', async () => {
      const { ask, azure, kube } = here()
      const token = azure.personalToken()
      ;({ end } = token)
      await kube.apply({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          name: NAME,
          namespace: NAMESPACE,
          labels: { 'argocd.argoproj.io/secret-type': 'repository' }
        },
        stringData: { type: 'git', url: azure.ids.repositoryUrl, username: 'anna', password: token.secret }
      })
      const { connected, revision, newest, message } = await ask()
      expect(message).toBe('')
      expect(connected).toBe(true)
      expect(revision).toBe(newest)
    })

    test('migrate: confirmed by Argo CD itself, without the PAT', async () => {
      const { ask, run } = here()
      const job = await run('github', { ...EVERYTHING, mode: 'migrate' })
      expect(problemsOf(job)).toEqual([])
      expect(job.stdout).toMatch(/✓ shop-by-pat: migrated/)
      expect(await keysOf(here())).toEqual(['type', 'url', 'useAzureWorkloadIdentity'])
      const { connected, revision, newest } = await ask()
      expect(connected).toBe(true)
      expect(revision).toBe(newest)
    })

    test('rollback: the PAT is back, and Argo CD reads with it', async () => {
      const { ask, run } = here()
      const job = await run('github', { ...EVERYTHING, mode: 'rollback' })
      expect(problemsOf(job)).toEqual([])
      expect(await keysOf(here())).toEqual(['password', 'type', 'url', 'username'])
      expect((await ask()).connected).toBe(true)
    })

    test('migrate again, then the PAT is revoked: Argo CD does not notice', async () => {
      const { ask, kube, run } = here()
      expect(problemsOf(await run('github', { ...EVERYTHING, mode: 'migrate' }))).toEqual([])
      end?.('revoked')
      expect((await ask()).connected).toBe(true)
      await kube.remove({ ...SECRETS, name: NAME })
      for (const { metadata } of await kube.list(SECRETS, 'patless/backup=true'))
        await kube.remove({ ...SECRETS, name: metadata.name })
      expect(problemsOf(await run('github', { mode: 'remove' }))).toEqual([])
    })
  })
}

async function keysOf({ kube }: World): Promise<string[]> {
  const { data } = await kube.get<{ data: Record<string, string> }>({ ...SECRETS, name: NAME })
  return Object.keys(data).toSorted()
}
