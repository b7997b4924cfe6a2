/** An application of Entra as the login, on request: made, taken up again, refused, shared and taken away. */
import { expect, test } from '@jest/globals'
import { personAt, setUp } from '../../sandbox/person.ts'
import { useWorld } from '../world.ts'
import { done, inputsIn, optionsFor } from './pipeline.ts'

const world = useWorld()
const APPLICATION = { login: 'application' }

interface Shown {
  readonly azure: {
    readonly identities: { name: string }[]
    readonly applications: {
      appId: string
      displayName: string
      tags: string[]
      servicePrincipal?: object
      credentials: { name: string; issuer: string; subject: string }[]
    }[]
    readonly roleAssignments: unknown[]
  }
}
const shown = (): Shown['azure'] => (world.twin.state() as Shown).azure

test('from nothing: one application with one credential, and a pipeline that is green with it', async () => {
  const person = personAt(world.twin)
  const { log } = await done(world, person, APPLICATION)
  expect(log).toContain('+ application id-patless-aks-gitops in Entra with its service principal')
  expect(log).toMatch(/Would create 11[\s\S]*Creating the application id-patless-aks-gitops/)
  expect(shown().identities.map(({ name }) => name)).toEqual(['id-argocd-aks-gitops'])
  const [{ appId, ...application }] = shown().applications as [Shown['azure']['applications'][0]]
  expect(application).toMatchObject({
    displayName: 'id-patless-aks-gitops',
    tags: ['managed-by:patless'],
    servicePrincipal: expect.anything(),
    credentials: [{ subject: 'repo:contoso/platform:ref:refs/heads/main' }]
  })
  const inputs = inputsIn(person)
  expect(inputs['client-id']).toBe(appId)
  expect((await world.apply(inputs)).outputs).toMatchObject({ verification: 'verified', drift: 'false' })
  world.twin.journal.clear()
  expect((await done(world, person, APPLICATION)).log).toContain('Everything is set up.')
  expect(world.writes()).toEqual([])
})

test('as a service connection of Azure Pipelines', async () => {
  const person = personAt(world.twin)
  await done(world, person, { ...APPLICATION, host: 'azure-pipelines' })
  const [application] = shown().applications
  expect(application?.credentials).toMatchObject([{ subject: expect.stringMatching(/^sc:\/\/|^\//) }])
})

test('a service principal that the directory does not know yet is waited for', async () => {
  const person = personAt(world.twin)
  const early = {
    status: 400,
    body: {
      error: {
        code: 'Request_BadRequest',
        message: "The appId 'x' of the service principal does not reference a valid application object."
      }
    }
  }
  let times = 0
  world.twin.journal.forge({
    path: '/v1.0/servicePrincipals',
    forge: (call, real) => (call.method === 'POST' && (times += 1) < 3 ? early : real())
  })
  expect((await setUp(person, optionsFor(world, APPLICATION))).exitCode).toBe(0)
  expect(times).toBe(3)
})

test('an application that a list does not show yet is not made twice', async () => {
  const person = personAt(world.twin)
  let lists = 0
  world.twin.journal.forge({
    path: '/v1.0/applications$',
    forge: (call, real) =>
      call.method === 'GET' && (lists += 1) < 4 ? { status: 200, body: { value: [] } } : real()
  })
  await setUp(person, optionsFor(world, APPLICATION))
  expect(shown().applications).toHaveLength(1)
})

test.each(['none', 'owned'] as const)(
  'who may change %s of the applications does the rest, and gets this part as a script',
  async (rights) => {
    const person = personAt(world.twin)
    if (rights === 'owned') {
      // Somebody else made it with set-up, and owns it.
      world.twin.azure.foreignApplication('id-patless-aks-gitops', ['managed-by:patless'])
    }
    world.twin.azure.directoryRights(rights)
    const { exitCode, log, stdout } = await setUp(person, optionsFor(world, APPLICATION))
    expect(exitCode).toBe(1)
    expect(log).toContain('Entra does not let your login change this application')
    expect(log).toContain('an Application Administrator in Entra')
    expect(stdout).toContain('https://graph.microsoft.com')
    expect(stdout).not.toContain('kubectl apply')
    world.twin.azure.directoryRights('all')
    await done(world, person, APPLICATION)
    expect((await world.apply(inputsIn(person))).outputs).toMatchObject({ verification: 'verified' })
  }
)

test.each(['/v1.0/servicePrincipals', '/federatedIdentityCredentials'])(
  'half made because of %s, it goes on where it stopped',
  async (path) => {
    const person = personAt(world.twin)
    const refused = {
      status: 403,
      body: { error: { code: 'Authorization_RequestDenied', message: 'not yet' } }
    }
    world.twin.journal.forge({
      path,
      forge: (call, real) => (call.method === 'POST' ? refused : real())
    })
    expect((await setUp(person, optionsFor(world, APPLICATION))).exitCode).toBe(1)
    world.twin.journal.calm()
    await done(world, person, APPLICATION)
    expect(shown().applications).toMatchObject([{ credentials: [{}], servicePrincipal: {} }])
  }
)

test('one of the same name that is not ours is refused without a person, and asked about with one', async () => {
  const person = personAt(world.twin)
  world.twin.azure.foreignApplication('id-patless-aks-gitops')
  const before = JSON.stringify(world.twin.state())
  await expect(setUp(person, optionsFor(world, APPLICATION))).rejects.toThrow(
    'There is an application id-patless-aks-gitops in Entra that Patless did not make'
  )
  expect(JSON.stringify(world.twin.state())).toBe(before)
  const { questions, exitCode } = await setUp(
    person,
    optionsFor(world, { ...APPLICATION, yes: 'false' }),
    (question) => (question.startsWith('Carry') ? 'y' : '')
  )
  expect(exitCode).toBe(0)
  expect(questions).toContain('another name for the login [id-patless-aks-gitops-2]: ')
  const [foreign, own] = shown().applications
  expect(foreign?.credentials).toEqual([])
  expect(own?.displayName).toBe('id-patless-aks-gitops-2')
})

test('with 20 credentials there is no room, and it says so before the first write', async () => {
  const person = personAt(world.twin)
  await done(world, person, APPLICATION)
  const others = Array.from({ length: 20 }, (_one, at) => ({
    ...{ id: `00000000-0000-4000-8000-0000000000${10 + at}`, name: `other-${at}` },
    ...{ issuer: 'https://issuer.example', subject: `s${at}`, audiences: ['api://AzureADTokenExchange'] }
  }))
  world.twin.journal.forge({
    path: '/federatedIdentityCredentials',
    forge: (call, real) => (call.method === 'GET' ? { status: 200, body: { value: others } } : real())
  })
  world.twin.journal.clear()
  await expect(setUp(person, optionsFor(world, APPLICATION))).rejects.toThrow(
    'id-patless-aks-gitops already has 20 federated credentials'
  )
  expect(world.writes()).toEqual([])
})

test('--remove takes it away with its credential, and leaves one that is not ours', async () => {
  const person = personAt(world.twin)
  world.twin.azure.foreignApplication('other')
  await done(world, person, APPLICATION)
  const { exitCode, log } = await setUp(person, optionsFor(world, { ...APPLICATION, remove: 'true' }))
  expect(exitCode).toBe(0)
  expect(log).toContain('application id-patless-aks-gitops')
  expect(shown().applications.map(({ displayName }) => displayName)).toEqual(['other'])
  expect(shown().roleAssignments).toEqual([])
})
