/** The install shapes that are possible here: built, left alone when right, removed. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { DEPLOYMENT, NAMESPACE, REPO_SERVER, rolledOut } from '../argocd.ts'
import { problemsOf, type World } from '../world.ts'
import type { V1Pod } from '@kubernetes/client-node'

interface Shape {
  readonly name: string
  /** Merge patches of the Deployment: to the shape, and back from it. */
  readonly made: object
  readonly unmade: object
  readonly pods: number
  /** What the user must write elsewhere, according to the log. */
  readonly note?: RegExp
}

const RELEASE = 'meta.helm.sh/release-name'
const SHAPES: readonly Shape[] = [
  {
    name: 'HA: two repo-servers',
    made: { spec: { replicas: 2 } },
    unmade: { spec: { replicas: 1 } },
    pods: 2
  },
  {
    name: 'owned by a Helm release',
    made: { metadata: { annotations: { [RELEASE]: 'argo-cd' } } },
    unmade: { metadata: { annotations: { [RELEASE]: null } } },
    pods: 1,
    note: /Helm owns argocd-repo-server \(release argo-cd\)/
  }
]

export function installCases(here: () => World): void {
  describe.each(SHAPES)('$name', ({ made, unmade, pods, note }) => {
    beforeAll(async () => {
      await here().kube.merge(DEPLOYMENT, made)
      await rolledOut(here().kube)
    })
    afterAll(async () => {
      await here().kube.merge(DEPLOYMENT, unmade)
      await rolledOut(here().kube)
    })

    test('apply: verified through Argo CD, and every pod carries the identity', async () => {
      const { ask, kube, run } = here()
      const job = await run('github')
      expect(problemsOf(job)).toEqual([])
      expect(job.outputs['verification']).toBe('verified')
      if (note) expect(job.stdout).toMatch(note)
      const place = { apiVersion: 'v1', resource: 'pods', namespace: NAMESPACE }
      const all = await kube.list<V1Pod>(place, `app.kubernetes.io/name=${REPO_SERVER}`)
      const carrying = all.filter(({ spec }) =>
        spec?.containers[0]?.env?.some(
          ({ name, value }) => name === 'AZURE_CLIENT_ID' && value === job.outputs['client-id']
        )
      )
      expect(carrying).toHaveLength(pods)
      expect(await ask()).toMatchObject({ connected: true, message: '' })
    })

    test('again and check: nothing to do; then removed', async () => {
      const { run } = here()
      expect((await run('github')).outputs).toMatchObject({ changed: 'false', verification: 'verified' })
      expect((await run('github', { mode: 'check' })).outputs).toMatchObject({ drift: 'false' })
      expect(problemsOf(await run('github', { mode: 'remove' }))).toEqual([])
    })
  })
}
