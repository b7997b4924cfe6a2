/** What real clients (Argo CD's MSAL, the API server) rely on in Entra's documents. */
import { beforeAll, expect, test } from '@jest/globals'
import { Kube } from '../../e2e/kube.ts'
import { useTwin } from '../twin.ts'

const twin = useTwin({ shared: true })
let entra: Kube
beforeAll(() => {
  // Any JSON over https will do.
  entra = Kube.of({ server: twin.azure.urls.entra, ca: twin.tls.ca, token: 'none' })
})

test.each(['/v2.0/.well-known/openid-configuration', '/.well-known/openid-configuration'])(
  'a tenant that there is not: %s',
  async (path) => {
    const { status, body } = await entra.request('GET', `/00000000-0000-0000-0000-00000000beef${path}`)
    expect(status).toBe(400)
    expect(body).toMatchObject({ error: 'invalid_request', error_codes: [90002] })
  }
)

test('the document of version 1.0 names the issuer that tokens have, that of 2.0 the host that was asked', async () => {
  const { tenantId } = twin.azure.ids
  const first = await entra.request('GET', `/${tenantId}/.well-known/openid-configuration`)
  expect(first.body).toMatchObject({ issuer: `https://sts.windows.net/${tenantId}/` })
  const second = await entra.request('GET', `/${tenantId}/v2.0/.well-known/openid-configuration`)
  expect(second.body).toMatchObject({ issuer: `${twin.azure.urls.entra}/${tenantId}/v2.0` })
})

test.each([
  ['login.microsoftonline.com', 200],
  ['login.microsoftonline.us', 200],
  ['login.attacker.example', 400],
  ['localhost:1', 400]
])('the discovery of the instance %s: %d', async (host, expected) => {
  const asked = encodeURIComponent(`https://${host}/tenant/oauth2/v2.0/authorize`)
  const { status, body } = await entra.request(
    'GET',
    `/common/discovery/instance?api-version=1.1&authorization_endpoint=${asked}`
  )
  expect(status).toBe(expected)
  if (expected === 400) expect(body).toMatchObject({ error: 'invalid_instance', error_codes: [50049] })
})
