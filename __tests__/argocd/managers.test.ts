/** Who else writes an object, by the marks that other tools leave. */
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { managerOf, secretPatch } from '../../src/argocd/managers.ts'

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
    ['Flux', { labels: { 'helm.toolkit.fluxcd.io/name': 'r' } }, ['Flux', false]],
    ['Patless', { labels: { 'app.kubernetes.io/managed-by': 'patless' } }, undefined]
  ])('%s', (_who, metadata, expected) => {
    const found = managerOf(metadata)
    expect(found && [found.kind, found.reverts]).toEqual(expected)
  })
})

test('the patch for a kustomization names one Secret and only the keys', () => {
  const manager = managerOf({ labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } })
  const text = manager ? secretPatch(manager, 'argocd', 'repo-app', DATA) : ''
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
  expect(manager && secretPatch(manager, 'argocd', 'repo-app', DATA)).toContain(
    `kubectl -n argocd patch externalsecret source --type merge -p '{"spec":{"target":{"template":{"mergePolicy":"Merge","data":{"useAzureWorkloadIdentity":"true"}}}}}'`
  )
})
