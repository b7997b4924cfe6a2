/** Who else writes an object, by the marks that other tools leave. */
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { managerOf, ownerOf, secretPatch } from '../../src/argocd/managers.ts'

const owner = (kind: string, controller = true) => ({
  name: 'repo-app',
  ownerReferences: [{ apiVersion: 'x/v1', kind, name: 'source', uid: 'u', controller }]
})
const DATA = { useAzureWorkloadIdentity: 'true' }

describe('the manager of an object', () => {
  test.each([
    ['nobody', { name: 'repo-app' }, undefined],
    ['an owner that is no controller', owner('ConfigMap', false), undefined],
    ['ExternalSecret', owner('ExternalSecret'), ['ExternalSecret', true]],
    ['SealedSecret', owner('SealedSecret'), ['SealedSecret', true]],
    ['another controller', owner('VaultStaticSecret'), ['controller', true]],
    [
      'external-secrets, merged in',
      { annotations: { 'reconcile.external-secrets.io/data-hash': 'x' } },
      ['ExternalSecret', true]
    ],
    ['Helm', { annotations: { 'meta.helm.sh/release-name': 'r' } }, ['Helm', false]],
    [
      'Helm by labels',
      { labels: { 'app.kubernetes.io/managed-by': 'Helm', 'app.kubernetes.io/instance': 'r' } },
      ['Helm', false]
    ],
    [
      'Argo CD by annotation',
      { annotations: { 'argocd.argoproj.io/tracking-id': 'r:/Secret:a/b' } },
      ['Argo CD', false]
    ],
    ['Argo CD by label', { labels: { 'app.kubernetes.io/instance': 'r' } }, ['Argo CD', false]],
    ['Argo CD by a label of its own', { labels: { 'argocd.argoproj.io/instance': 'r' } }, ['Argo CD', false]],
    ['Flux', { labels: { 'helm.toolkit.fluxcd.io/name': 'r' } }, ['Flux', false]],
    ['Patless', { labels: { 'app.kubernetes.io/managed-by': 'patless' } }, undefined]
  ])('%s', (_who, metadata, expected) => {
    const found = managerOf(metadata)
    expect(found && [found.kind, found.reverts]).toEqual(expected)
  })
})

describe('Helm and Argo CD are read in the same way on the repo-server and on a Secret', () => {
  const application = { kind: 'application', namespace: 'argocd', name: 'r' }
  const helm = { 'app.kubernetes.io/managed-by': 'Helm' }
  test.each([
    ['nobody', {}, { kind: 'plain' }],
    ['Helm', { annotations: { 'meta.helm.sh/release-name': 'r' } }, { kind: 'helm', release: 'r' }],
    [
      'Helm by labels',
      { labels: { ...helm, 'app.kubernetes.io/instance': 'r' } },
      { kind: 'helm', release: 'r' }
    ],
    ['Helm without a release', { labels: helm }, { kind: 'plain' }],
    ['Argo CD by label', { labels: { 'app.kubernetes.io/instance': 'r' } }, application],
    ['Argo CD by a label of its own', { labels: { 'argocd.argoproj.io/instance': 'r' } }, application],
    [
      'a chart that Argo CD renders',
      {
        annotations: { 'argocd.argoproj.io/tracking-id': 'r:apps/Deployment:argocd/a' },
        labels: { ...helm, 'app.kubernetes.io/instance': 'chart' }
      },
      application
    ],
    [
      'an Application elsewhere',
      { annotations: { 'argocd.argoproj.io/tracking-id': 'apps_r:apps/Deployment:argocd/a' } },
      { ...application, namespace: 'apps' }
    ]
  ])('%s', (_who, metadata, expected) => {
    expect(
      ownerOf({ metadata: { namespace: 'argocd', ...metadata } }, 'quay.io/argoproj/argocd:v3.2.0')
    ).toEqual(expected)
  })
})

test('the patch for a kustomization names one Secret and only the keys', () => {
  const manager = managerOf({ labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } })
  const text = manager ? secretPatch(manager, 'argocd', 'repo-app', DATA).remedy : ''
  const { patches } = parse(text.slice(text.indexOf('\n') + 1)) as {
    patches: { target: object; patch: string }[]
  }
  expect(patches.map(({ target }) => target)).toEqual([{ kind: 'Secret', name: 'repo-app' }])
  expect(parse(patches[0]?.patch ?? '')).toEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'repo-app' },
    stringData: DATA
  })
})

test('the patch for an ExternalSecret keeps what it brings', () => {
  const manager = managerOf(owner('ExternalSecret'))
  expect(manager && secretPatch(manager, 'argocd', 'repo-app', DATA).command).toBe(
    `kubectl -n argocd patch externalsecret source --type merge -p '{"spec":{"target":{"template":{"mergePolicy":"Merge","data":{"useAzureWorkloadIdentity":"true"}}}}}'`
  )
})
