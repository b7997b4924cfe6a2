/** A service connection with a client secret: the warning about the day on which it ends, as far as Entra shows it. */
import { describe, expect, test } from '@jest/globals'
import type { Finding } from '../../src/core/finding.ts'
import { pageOf } from '../../src/host/service-connection.ts'
import type { Wire } from '../../src/http/request.ts'
import { endpointsOf } from '../../src/services/endpoints.ts'
import { byConnection } from '../../src/services/entra/by-connection.ts'
import { useTwin } from '../twin.ts'

const ID = '12345678-1234-4234-8234-123456789012'
const JOB = {
  SYSTEM_TEAMFOUNDATIONCOLLECTIONURI: 'https://dev.azure.com/contoso/',
  SYSTEM_TEAMPROJECT: 'My Platform'
}
const twin = useTwin()

/** A time of day after now, so that whole days have passed in between. */
const inDays = (days: number): string => new Date(Date.now() + (days + 0.5) * 86_400_000).toISOString()
const own = (): string => twin.azure.azurePipelines.secret.slice(0, 3)

async function logIn(environment: NodeJS.ProcessEnv = JOB, timeout = 20_000) {
  const page = pageOf(ID, environment)
  const { ids, azurePipelines } = twin.azure
  const masked: string[] = []
  const debug: string[] = []
  const wire: Wire = {
    policy: { deadline: Date.now() + 60_000, report: () => undefined, signal: new AbortController().signal },
    debug: (text) => debug.push(text),
    warn: () => undefined,
    timeout,
    proxyFor: () => undefined
  }
  const connection = {
    ...({ id: ID, scheme: 'secret', tenantId: ids.tenantId, clientId: ids.deployerClientId } as const),
    secret: azurePipelines.secret,
    ...(page !== undefined && { page })
  }
  const sources = { environment: {}, mask: (secret: string) => void masked.push(secret) }
  const login = await byConnection(connection, endpointsOf('public', twin.places), sources, wire)
  return { warning: login.warning as Finding, masked, debug, credential: login.credential }
}

describe('the end of the secret', () => {
  test('is said with the page where the connection is converted', async () => {
    twin.azure.clientSecrets([{ hint: own(), endDateTime: inDays(39) }])
    const { warning, masked } = await logIn()
    const day = inDays(39).slice(0, 10)
    expect(warning).toMatchObject({
      ...{ id: 'login/stored-secret', severity: 'warning', actual: `a client secret until ${day}` },
      summary: `The service connection ${ID} logs in with a client secret that expires on ${day} (in 39 days); every run fails from then on.`
    })
    expect(warning.remedy).toContain(
      `https://dev.azure.com/contoso/My%20Platform/_settings/adminservices?resourceId=${ID} > Convert`
    )
    expect(warning.command).toBeUndefined()
    expect(masked).toHaveLength(2)
  })

  test.each<[string, () => { hint: string | null; endDateTime: string }[], number | undefined]>([
    ['is that of the secret in use, not of another one', () => [of('xyz', 3), of(own(), 50)], 50],
    ['is the earlier one, where two begin alike', () => [of(own(), 50), of(own(), 20)], 20],
    ['is not that of one which has ended', () => [of(own(), -2), of(own(), 90)], 90],
    ['is that of an old secret, of which Entra shows nothing', () => [of('xyz', 3), of(null, 7)], 7],
    ['may be in a day', () => [of(own(), 1)], 1],
    ['may be today', () => [of(own(), 0)], 0],
    ['is not known where all are others', () => [of('xyz', 3)], undefined],
    ['is not known where it is no time', () => [{ hint: own(), endDateTime: 'soon' }], undefined],
    ['is not known where there is none', () => [], undefined]
  ])('%s', async (_what, secrets, days) => {
    twin.azure.clientSecrets(secrets())
    const { summary } = (await logIn()).warning
    const expected = days === undefined ? 'It expires one day' : `(in ${days} ${days === 1 ? 'day' : 'days'})`
    expect(summary).toContain(expected)
  })

  const of = (hint: string | null, days: number) => ({ hint, endDateTime: inDays(days) })
})

describe('where Entra does not show it', () => {
  test('the login works all the same, after one request, and says who may look', async () => {
    const { warning, credential, debug } = await logIn()
    expect(warning.summary).toBe(
      `The service connection ${ID} logs in with a client secret. It expires one day, and every run fails from then on.`
    )
    expect(warning.command).toBe(
      `az ad app credential list --id ${twin.azure.ids.deployerClientId} --query "[].{secret: displayName, ends: endDateTime}" --output table`
    )
    expect(debug.join('\n')).toContain('cannot be read')
    expect(twin.journal.entries.filter(({ service }) => service === 'msgraph')).toHaveLength(1)
    expect(await credential.getToken('https://management.azure.com/.default')).toHaveProperty('token')
  })

  test.each([500, 429, 404])('an answer %i is not asked for again', async (status) => {
    twin.journal.forge({ service: 'msgraph', path: '/applications', forge: () => ({ status, body: {} }) })
    expect((await logIn()).warning.summary).toContain('It expires one day')
    expect(twin.journal.entries.filter(({ service }) => service === 'msgraph')).toHaveLength(1)
  })

  test('no answer is not waited for', async () => {
    twin.journal.order({ service: 'msgraph', kind: 'hang' })
    expect((await logIn(JOB, 100)).warning.summary).toContain('It expires one day')
  })

  test.each([
    ['not JSON', { body: 'x' }],
    ['another shape', { body: { value: [{ passwordCredentials: 7 }] } }],
    ['two applications', { body: { value: [{ passwordCredentials: [] }, { passwordCredentials: [] }] } }]
  ])('an answer of %s is no answer', async (_what, answer) => {
    twin.journal.forge({
      service: 'msgraph',
      path: '/applications',
      forge: () => ({ status: 200, ...answer })
    })
    expect((await logIn()).warning.summary).toContain('It expires one day')
  })
})

test.each<[string, NodeJS.ProcessEnv]>([
  ['nothing', {}],
  ['no project', { ...JOB, SYSTEM_TEAMPROJECT: '' }],
  ['no URL', { ...JOB, SYSTEM_TEAMFOUNDATIONCOLLECTIONURI: 'x' }],
  ['another protocol', { ...JOB, SYSTEM_TEAMFOUNDATIONCOLLECTIONURI: 'javascript:alert(1)//' }]
])('where the job says %s of its place, the way through the pages is named', async (_what, environment) => {
  expect((await logIn(environment)).warning.remedy).toContain('Project settings > Service connections')
})
