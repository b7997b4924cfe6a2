/** The twin's Microsoft Graph refuses what the real one refuses. */
import { beforeEach, expect, test } from '@jest/globals'
import { AUDIENCES } from '../../sandbox/world.ts'
import { useTwin } from '../twin.ts'

const twin = useTwin()
let application = ''
const TRUST = {
  name: 'one',
  issuer: 'https://token.actions.githubusercontent.com',
  subject: 'repo:a/b:ref:refs/heads/main',
  audiences: ['api://AzureADTokenExchange']
}

async function ask(method: string, path: string, body?: object, audience: string = AUDIENCES.graph) {
  const token = await fetch(`${twin.azure.urls.msi}/msi/token?resource=${encodeURIComponent(audience)}`)
  const { access_token: bearer } = (await token.json()) as { access_token: string }
  const answer = await fetch(`${twin.azure.urls.msgraph}/v1.0${path}`, {
    method,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) })
  })
  const json = (answer.status === 204 ? {} : await answer.json()) as {
    id?: string
    appId?: string
    error?: { code: string; message: string }
  }
  return { status: answer.status, code: json.error?.code, message: json.error?.message, ...json }
}
const credentials = (): string => `/applications/${application}/federatedIdentityCredentials`

beforeEach(async () => {
  twin.azure.directoryRights('all')
  application = (await ask('POST', '/applications', { displayName: 'x' })).id ?? ''
})

test('a token for another service', async () => {
  expect(await ask('GET', '/applications', undefined, AUDIENCES.azureDevOps)).toMatchObject({
    status: 401,
    code: 'InvalidAuthenticationToken'
  })
})

test('a caller without the right, or of an application that it does not own; reading stays allowed', async () => {
  twin.azure.foreignApplication('theirs')
  const { value = [] } = (await ask('GET', `/applications?$filter=displayName eq 'theirs'`)) as {
    value?: { id: string }[]
  }
  twin.azure.directoryRights('owned')
  const denied = { status: 403, code: 'Authorization_RequestDenied' }
  expect(await ask('DELETE', `/applications/${value[0]?.id ?? ''}`)).toMatchObject(denied)
  expect((await ask('POST', credentials(), TRUST)).status).toBe(201)
  twin.azure.directoryRights('none')
  expect(await ask('POST', '/applications', { displayName: 'y' })).toMatchObject(denied)
  expect(await ask('POST', credentials(), { ...TRUST, name: 'two', subject: 'other' })).toMatchObject(denied)
  expect((await ask('GET', credentials())).status).toBe(200)
})

test('a second service principal, and one of an application that is none', async () => {
  const { appId } = await ask('POST', '/applications', { displayName: 'z' })
  expect((await ask('POST', '/servicePrincipals', { appId })).status).toBe(201)
  expect(await ask('POST', '/servicePrincipals', { appId })).toMatchObject({
    status: 409,
    code: 'Request_MultipleObjectsWithSameKeyValue'
  })
  expect((await ask('POST', '/servicePrincipals', { appId: 'none' })).message).toContain(
    'does not reference a valid application object'
  )
})

test('credentials: a name or a pair of issuer and subject twice, another name, two audiences, the 21st', async () => {
  const { id = '' } = await ask('POST', credentials(), TRUST)
  expect(await ask('POST', credentials(), { ...TRUST, subject: 'other' })).toMatchObject({
    status: 409,
    code: 'Request_MultipleObjectsWithSameKeyValue'
  })
  expect(await ask('POST', credentials(), { ...TRUST, name: 'two' })).toMatchObject({
    status: 400,
    code: 'InvalidFederatedIdentityCredentialValue'
  })
  expect((await ask('PATCH', `${credentials()}/${id}`, { name: 'renamed' })).status).toBe(400)
  expect((await ask('PATCH', `${credentials()}/${id}`, { subject: 'changed' })).status).toBe(204)
  const more = { ...TRUST, name: 'two', audiences: ['a', 'b'] }
  expect((await ask('POST', credentials(), more)).status).toBe(400)
  for (let at = 1; at < 20; at += 1)
    await ask('POST', credentials(), { ...TRUST, name: `n-${at}`, subject: `s${at}` })
  expect((await ask('POST', credentials(), { ...TRUST, name: 'n-21', subject: 's21' })).message).toContain(
    'limit of 20'
  )
})
