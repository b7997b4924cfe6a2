/** What is printed for the source of an install, applied to manifests that hold other annotations and labels. */
import { describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { kustomizePatches } from '../../src/argocd/installs/manifests.ts'

type Tree = Readonly<Record<string, unknown>>

const PATCHES = kustomizePatches({
  deployment: 'argocd-repo-server',
  account: 'argocd-repo-server',
  clientId: 'c1'
})

const accountWith = (metadata: Tree): Tree => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'argocd-repo-server', ...metadata }
})
const deploymentWith = (labels: Tree, annotations: Tree): Tree => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'argocd-repo-server' },
  spec: {
    selector: { matchLabels: { app: 'x' } },
    template: {
      metadata: { labels: { app: 'x', ...labels }, annotations },
      spec: { containers: [{ name: 'argocd-repo-server', image: 'quay.io/argoproj/argocd:v3.2.0' }] }
    }
  }
})
const OTHER = { 'eks.amazonaws.com/role-arn': 'other', 'argocd.argoproj.io/sync-wave': '3' }

/** As kustomize merges maps; the patches hold no lists. */
function merged(base: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null) return patch
  const whole = (typeof base === 'object' && base !== null ? base : {}) as Tree
  return Object.entries(patch).reduce<Tree>(
    (made, [key, value]) => ({ ...made, [key]: merged(made[key], value) }),
    whole
  )
}

/** The resources after the printed patches, by kind. */
function patched(resources: readonly Tree[], by: 'kubectl' | 'merge'): Tree[] {
  if (by === 'merge') {
    const { patches } = parse(PATCHES) as { patches: { patch: string }[] }
    return resources.map((one) =>
      patches
        .map(({ patch }) => parse(patch) as Tree)
        .filter(({ kind }) => kind === one['kind'])
        .reduce<Tree>((made, patch) => merged(made, patch) as Tree, one)
    )
  }
  const folder = mkdtempSync(join(tmpdir(), 'patless-kustomize-'))
  try {
    writeFileSync(join(folder, 'all.yaml'), resources.map((one) => stringify(one)).join('---\n'))
    writeFileSync(join(folder, 'kustomization.yaml'), `resources: [all.yaml]\n${PATCHES}\n`)
    const { stdout, stderr, status } = spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    return parseAllDocuments(stdout).map((document) => document.toJS() as Tree)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const HAS_KUBECTL = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0

describe.each(HAS_KUBECTL ? (['merge', 'kubectl'] as const) : (['merge'] as const))('by %s', (by) => {
  test.each([
    ['other annotations', { annotations: OTHER }, OTHER],
    ['no annotations', {}, {}],
    ['another identity', { annotations: { 'azure.workload.identity/client-id': 'c0' } }, {}]
  ])('an account with %s keeps them', (_what, metadata, kept) => {
    const [account] = patched([accountWith(metadata), deploymentWith({}, {})], by)
    expect(account?.['metadata']).toEqual({
      name: 'argocd-repo-server',
      annotations: { ...kept, 'azure.workload.identity/client-id': 'c1' }
    })
  })

  test('a namespace that is written out is no obstacle', () => {
    const [account] = patched(
      [accountWith({ namespace: 'argocd', annotations: OTHER }), deploymentWith({}, {})],
      by
    )
    expect(account?.['metadata']).toHaveProperty('annotations', {
      ...OTHER,
      'azure.workload.identity/client-id': 'c1'
    })
  })

  test('pods keep their labels, annotations and containers', () => {
    const before = deploymentWith({ team: 'platform' }, OTHER)
    const all = patched([accountWith({}), before], by)
    const deployment = all.find(({ kind }) => kind === 'Deployment')
    expect(deployment).toEqual(
      deploymentWith({ team: 'platform', 'azure.workload.identity/use': 'true' }, OTHER)
    )
  })
})
