/** A live run starts only where somebody said so. */
import { expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { NotStarted, settingsOf } from '../../live/settings.ts'

const SUBSCRIPTION = '9b0c7f7e-2d61-4c53-8a11-6f2f0c3a7d03'
const OTHER = '0d2a9a4e-6f27-4c0b-8f5e-7f5b2b1f9c02'
const cluster = (subscription: string): string =>
  `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks`
const GIVEN = {
  PATLESS_LIVE: SUBSCRIPTION,
  PATLESS_LIVE_CLUSTER: cluster(SUBSCRIPTION),
  PATLESS_LIVE_REPOSITORY: 'https://dev.azure.com/contoso/my%20shop/_git/app'
}

test('what is given is what is used', () => {
  expect(
    settingsOf({ ...GIVEN, PATLESS_LIVE: SUBSCRIPTION.toUpperCase(), HTTPS_PROXY: 'x', GITHUB_TOKEN: 'x' })
  ).toMatchObject({
    organization: 'contoso',
    project: 'my shop',
    identity: 'id-patless-live',
    inputs: { cluster: cluster(SUBSCRIPTION) },
    environment: {}
  })
})

test.each([
  ['nothing says so', { ...GIVEN, PATLESS_LIVE: undefined }, /PATLESS_LIVE=<subscription-id>/],
  ['it is empty', { ...GIVEN, PATLESS_LIVE: ' ' }, /PATLESS_LIVE=<subscription-id>/],
  ['it is a yes', { ...GIVEN, PATLESS_LIVE: 'true' }, /PATLESS_LIVE allows true/],
  [
    'the cluster is in another',
    { ...GIVEN, PATLESS_LIVE_CLUSTER: cluster(OTHER) },
    /PATLESS_LIVE_CLUSTER is in subscription/
  ],
  [
    'the second cluster is in another',
    { ...GIVEN, PATLESS_LIVE_CONFIGURE_CLUSTER: cluster(OTHER) },
    /CONFIGURE_CLUSTER is in/
  ],
  [
    'the third cluster is in another',
    { ...GIVEN, PATLESS_LIVE_EXTENSION_CLUSTER: cluster(OTHER) },
    /EXTENSION_CLUSTER is in/
  ],
  ['the login has selected another', { ...GIVEN, AZURE_SUBSCRIPTION_ID: OTHER }, /AZURE_SUBSCRIPTION_ID is/],
  ['the cluster is only a name', { ...GIVEN, PATLESS_LIVE_CLUSTER: 'aks' }, /not the resource id/],
  ['there is no cluster', { ...GIVEN, PATLESS_LIVE_CLUSTER: '' }, /PATLESS_LIVE_CLUSTER is not set/],
  ['the repository is none', { ...GIVEN, PATLESS_LIVE_REPOSITORY: 'https://github.com/a/b' }, /_git/]
])('it does not start when %s', (_why, environment, message) => {
  expect(() => settingsOf(environment)).toThrow(NotStarted)
  expect(() => settingsOf(environment)).toThrow(message)
})

test('npm run test:live without PATLESS_LIVE ends with 1 and one sentence', () => {
  const main = fileURLToPath(new URL('../../live/main.ts', import.meta.url))
  const { PATH = '', HOME = '' } = process.env
  const ended = spawnSync(process.execPath, ['--no-warnings', main], {
    env: { PATH, HOME },
    encoding: 'utf8'
  })
  expect(ended).toMatchObject({ status: 1, stdout: '' })
  expect(ended.stderr).toMatch(/^This suite creates and deletes .*\n$/)
})
