/** Which version of Argo CD an image is: its own tag says so, and only the name of Argo CD's own builds counts. */
import { expect, test } from '@jest/globals'
import { versionOfImage } from '../../src/argocd/version.ts'

test.each([
  ['quay.io/argoproj/argocd:v3.2.0', '3.2.0'],
  ['argocd:v3.0.13', '3.0.13'],
  ['registry.example:5000/mirror/argoproj/argocd:3.5.1@sha256:00ff', '3.5.1'],
  ['mcr.microsoft.com/oss/v2/argoproj/argocd:v3.4.4', '3.4.4'],
  ['quay.io/argoproj/argocd:v3.3.0-rc2', '3.3.0-rc2'],
  ['docker.io/rancher/argo-cd:3.1.1', '3.1.1']
])('%s is %s', (image, version) => {
  expect(versionOfImage(image)).toBe(version)
})

test.each([
  'quay.io/argoproj/argocd@sha256:00ff',
  'quay.io/argoproj/argocd:latest',
  // Builds of somebody: what is in them, nobody says.
  'registry.example/argocd:v3.2.0-contoso.1',
  'docker.io/bitnami/argo-cd:3.2.0-debian-12-r0',
  'quay.io/argoproj/argocd:v3.2.0-alpine',
  'registry.example/platform/gitops:3.2.0',
  'registry.example/my-argocd:v3.2.0',
  'registry.example/argocd-with-plugins:v3.2.0',
  'registry.example/argocd/repo-server:v3.2.0',
  'argocd:v3.2.0/other:v1',
  '',
  undefined
])('%s is of no known version', (image) => {
  expect(versionOfImage(image)).toBeUndefined()
})
