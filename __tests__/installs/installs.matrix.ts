/** Every way in which Argo CD comes into a cluster: built, left alone when right, mended when its owner took it back. */
import { describe, expect, test } from '@jest/globals'
import { wordsOf } from '../../sandbox/in-process.ts'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'
import { useWorld } from '../world.ts'

const world = useWorld()

const OPERATED = kindOf('argoproj.io', 'argocds') as Kind

/** As somebody does who installs Argo CD again from its source, which knows nothing of the identity. */
const RESTORED = {
  manifests: () => {
    world.twin.defect('label-removed')
    world.twin.defect('annotation-removed')
  },
  operator: () => {
    const { store } = world.twin.kubernetes
    for (const one of store.list(OPERATED)) store.update(OPERATED, one, { ...one, spec: {} })
  },
  extension: async () => {
    const { urls, ids } = world.twin.azure
    const asked = await fetch(`${urls.msi}/msi/token`, {
      method: 'POST',
      body: new URLSearchParams({ resource: 'https://management.azure.com' })
    })
    const { access_token: token } = (await asked.json()) as { access_token: string }
    const path = `${ids.clusterId}/providers/Microsoft.KubernetesConfiguration/extensions/argocd`
    const settings = { 'azure.workloadIdentity.enabled': 'false', 'workloadIdentity.enable': 'false' }
    await fetch(`${urls.arm}${path}?api-version=2025-03-01`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ properties: { configurationSettings: settings } })
    })
  }
} as const

interface Shape {
  readonly name: string
  readonly owner: keyof typeof RESTORED
  readonly namespace?: string
  readonly account?: string
  /** What is written beside the Secret, in order. */
  readonly writes: readonly RegExp[]
  /** What the user has to write into a source of his own. */
  readonly lasting?: RegExp
}

const PATCHES = (account: string, deployment: string): RegExp[] => [
  new RegExp(`PATCH .*/serviceaccounts/${account}$`),
  new RegExp(`PATCH .*/deployments/${deployment}$`)
]
const UPSTREAM = PATCHES('argocd-repo-server', 'argocd-repo-server')
const HELM = 'argo-cd-argocd-repo-server'
const VALUES = /podLabels: \{azure\.workload\.identity\/use: "true"\}/

const SHAPES: readonly Shape[] = [
  { name: 'argocd-3-2-0', owner: 'manifests', writes: UPSTREAM },
  { name: 'ha-install', owner: 'manifests', writes: UPSTREAM },
  { name: 'core-install', owner: 'manifests', writes: UPSTREAM },
  { name: 'unlabelled-install', owner: 'manifests', writes: UPSTREAM },
  { name: 'version-by-digest', owner: 'manifests', writes: UPSTREAM },
  { name: 'helm-install', owner: 'manifests', account: HELM, writes: PATCHES(HELM, HELM), lasting: VALUES },
  { name: 'helm-release-argocd', owner: 'manifests', writes: UPSTREAM, lasting: VALUES },
  {
    name: 'helm-default-account',
    owner: 'manifests',
    account: 'default',
    writes: PATCHES('default', HELM),
    lasting: VALUES
  },
  {
    name: 'self-managed-install',
    owner: 'manifests',
    writes: [...UPSTREAM, /PATCH .*\/applications\/argocd$/],
    lasting: /patches:\n.*\n.*azure\.workload\.identity\/client-id/
  },
  {
    name: 'operator-install',
    owner: 'operator',
    writes: [/POST .*\/serviceaccounts$/, /PATCH .*\/argocds\/argocd$/]
  },
  {
    name: 'openshift-install',
    owner: 'operator',
    namespace: 'openshift-gitops',
    account: 'openshift-gitops-repo-server',
    writes: [/POST .*\/serviceaccounts$/, /PATCH .*\/argocds\/openshift-gitops$/]
  },
  { name: 'extension-install', owner: 'extension', writes: [/PATCH .*\/extensions\/argocd$/] },
  {
    name: 'extension-0-0-install',
    owner: 'extension',
    writes: [/PATCH .*\/extensions\/argocd$/]
  }
]

/** Writes to Argo CD, the proof's own aside. */
const written = (): string[] =>
  world
    .writes()
    .filter(
      (one) => !/ManagedIdentity|^entitlements|\/secrets|patless-probe|POST .*\/applications$/.test(one)
    )

describe.each(SHAPES)(
  '$name',
  ({ name, owner, namespace = 'argocd', account = 'argocd-repo-server', writes, lasting }) => {
    test('fresh: written where it lasts, verified through Argo CD; then nothing to do, and no drift', async () => {
      world.twin.defect(name)
      const first = await world.apply()
      expect(first.verdict).toMatchObject({ exitCode: 0, summary: 'Changed, verified.' })
      expect(first.verifications.argocd?.result).toBe('verified')
      expect(first.outputs.subject).toBe(`system:serviceaccount:${namespace}:${account}`)
      expect(written()).toEqual(writes.map((one) => expect.stringMatching(one)))
      const notes = first.findings.map(({ remedy }) => remedy).join('\n')
      if (lasting) expect(notes).toMatch(lasting)
      world.twin.journal.clear()
      const again = await world.apply()
      expect(again.verdict.summary).toBe('Unchanged, verified.')
      expect(world.writes()).toEqual([])
      expect((await world.check({ verification: 'none' })).outputs).toMatchObject({ drift: 'false' })
    })

    test('taken back by its owner: drift at the workload, and fixed', async () => {
      world.twin.defect(name)
      await world.apply({ verification: 'none' })
      await RESTORED[owner]()
      const drift = await world.check({ verification: 'access' })
      expect(drift.verdict.exitCode).toBe(2)
      expect(drift.outputs).toMatchObject({ drift: 'true', verification: 'failed' })
      expect(wordsOf(drift)).toMatchObject({ workload: expect.stringMatching(/drifted|missing/) })
      const mended = await world.apply({ verification: 'access' })
      expect(mended.verdict.summary).toBe('Changed, verified.')
      expect((await world.check({ verification: 'none' })).outputs).toMatchObject({ drift: 'false' })
    })
  }
)
