/** Set-up again, half made, with fewer rights, beside what is not ours, and taken away. */
import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'
import { personAt, setUp, type Ran } from '../../sandbox/person.ts'
import { useWorld } from '../world.ts'
import { done, FILE, inputsIn, optionsFor } from './pipeline.ts'

const world = useWorld()

test('again, it finds everything and writes nothing', async () => {
  const person = personAt(world.twin)
  await done(world, person)
  world.twin.journal.clear()
  expect((await done(world, person)).log).toContain('Everything is set up.')
  expect(world.writes()).toEqual([])
})

describe('--output json', () => {
  const resultOf = ({ stdout }: Ran) => JSON.parse(stdout) as Result

  test('what was found, then made, then taken away; the log is on stderr', async () => {
    const person = personAt(world.twin)
    const run = (more: Readonly<Record<string, string>> = {}) =>
      setUp(person, optionsFor(world, { output: 'json', ...more }))
    const results = ({ resources }: Result) => new Set(resources.map(({ result }) => result))
    const planned = resultOf(await run({ 'dry-run': 'true' }))
    expect(planned).toMatchObject({ exitCode: 0, scripts: [] })
    expect(results(planned)).toEqual(new Set(['unchanged', 'missing', 'unknown']))
    const made = resultOf(await run())
    expect(results(made)).toEqual(new Set(['unchanged', 'created']))
    const login = made.resources.find(({ resource }) => resource === 'pipeline-identity')
    expect(login?.summary).toContain(inputsIn(person)['client-id'])
    expect(results(resultOf(await run()))).toEqual(new Set(['unchanged']))
    expect(results(resultOf(await run({ remove: 'true' })))).toEqual(new Set(['removed']))
  })

  test('a refusal has its finding, and what others must do is in it', async () => {
    const { tenantId, otherTenantId } = world.twin.azure.ids
    const printed: string[] = []
    const options = optionsFor(world, { output: 'json' })
    const undecided = personAt(world.twin, [tenantId, otherTenantId])
    await expect(setUp(undecided, options, undefined, printed)).rejects.toThrow('nobody can be asked')
    expect(resultOf({ stdout: printed.join('') } as Ran)).toMatchObject({
      exitCode: 1,
      findings: [{ id: 'setup/answer-needed', severity: 'error', remedy: 'give --tenant-id' }]
    })
    world.twin.defect('devops-not-admin')
    const part = resultOf(await setUp(personAt(world.twin), options))
    expect(part.exitCode).toBe(1)
    expect(part.scripts.join()).toContain('serviceprincipalentitlements')
    expect(part.findings.map(({ id }) => id)).toContain('setup/administrator-needed')
    world.twin.azure.grant({})
  })
})

describe('two tenants in the login', () => {
  test('are asked about', async () => {
    const { tenantId, otherTenantId } = world.twin.azure.ids
    const person = personAt(world.twin, [tenantId, otherTenantId])
    const options = optionsFor(world, { yes: 'false', 'dry-run': 'true' })
    const { questions } = await setUp(person, options, () => '')
    expect(questions[0]).toBe(
      `tenant (az is logged in to several) (${tenantId}, ${otherTenantId}) [${tenantId}]: `
    )
  })

  test('are never guessed', async () => {
    const { tenantId, otherTenantId } = world.twin.azure.ids
    const person = personAt(world.twin, [tenantId, otherTenantId])
    await expect(setUp(person, optionsFor(world))).rejects.toThrow(
      'tenant (az is logged in to several) is not known'
    )
    expect(await setUp(person, optionsFor(world, { 'tenant-id': tenantId }))).toMatchObject({ exitCode: 0 })
  })
})

/** Each is refused once, as by somebody who has not all rights yet. */
test.each([
  'roleDefinitions/',
  'roleAssignments/',
  'federatedIdentityCredentials/',
  'serviceprincipalentitlements',
  'rolebindings'
])('half made because of %s, it goes on where it stopped', async (path) => {
  const { journal } = world.twin
  const person = personAt(world.twin)
  const refused = {
    status: 403,
    body: { error: { code: 'Refused', message: 'not yet' }, message: 'not yet' }
  }
  journal.forge({ path, forge: (call, real) => (call.method === 'GET' ? real() : refused) })
  expect((await setUp(person, optionsFor(world))).exitCode).toBe(1)
  journal.calm()
  await done(world, person)
  expect((await world.apply(inputsIn(person))).outputs).toMatchObject({ verification: 'verified' })
})

describe('what is not ours stays', () => {
  const rbac = (resource: string): Kind => kindOf('rbac.authorization.k8s.io', resource) as Kind
  const cases: [what: string, make: () => void, said: string][] = [
    [
      'an identity of the same name',
      () => {
        world.twin.azure.foreignIdentity('id-patless-aks-gitops')
      },
      'There is an identity id-patless-aks-gitops in rg-gitops that Patless did not make'
    ],
    [
      'a Role of the same name',
      () => {
        world.twin.kubernetes.store.create(rbac('roles'), 'argocd', {
          apiVersion: '',
          kind: 'Role',
          metadata: { name: 'id-patless-aks-gitops' },
          rules: []
        })
      },
      'a Role or RoleBinding id-patless-aks-gitops in argocd that Patless did not make'
    ]
  ]
  test.each(cases)('%s', async (_what, make, said) => {
    make()
    const before = JSON.stringify(world.twin.state())
    const ran = await setUp(personAt(world.twin), optionsFor(world)).then(
      ({ log }) => log,
      (error: unknown) => String(error)
    )
    expect(ran).toContain(said)
    if (!said.includes('Role')) expect(JSON.stringify(world.twin.state())).toBe(before)
  })
})

test('who administers only Azure does that part, and gets the rest as scripts for the others', async () => {
  world.twin.defect('devops-not-admin')
  const person = personAt(world.twin)
  const { exitCode, stdout, log } = await setUp(person, optionsFor(world))
  expect(exitCode).toBe(1)
  expect(log).toContain('Part of it needs a Project Collection Administrator; what could be done is done.')
  expect(stdout).toContain('serviceprincipalentitlements')
  expect(stdout).not.toContain('az role assignment')
  expect(stdout).not.toContain('kubectl')
  world.twin.azure.grant({})
})

test('no az: the script only', async () => {
  const person = personAt(world.twin)
  const { ids } = world.twin.azure
  const environment = { ...person.environment, PATH: '/nonexistent' }
  const facts = {
    'tenant-id': ids.tenantId,
    'subscription-id': ids.subscriptionId,
    'resource-group': ids.resourceGroup,
    cluster: ids.cluster
  }
  const { exitCode, stdout, log } = await setUp({ ...person, environment }, optionsFor(world, facts))
  expect(exitCode).toBe(1)
  expect(log).toContain('az is not on PATH, or is not logged in')
  expect(stdout).toContain('az identity create')
  expect(world.writes()).toEqual([])
})

test('--remove takes away what set-up made, and nothing else', async () => {
  const person = personAt(world.twin)
  await done(world, person)
  const inputs = inputsIn(person)
  await world.apply(inputs)
  const { exitCode, log } = await setUp(person, optionsFor(world, { remove: 'true' }))
  expect(log).not.toContain('failed')
  expect(exitCode).toBe(0)
  expect(() => readFileSync(join(person.folder, FILE))).toThrow()
  const state = world.twin.state() as {
    azure: { identities: { name: string }[]; roleAssignments: unknown[] }
  }
  expect(state.azure.identities.map(({ name }) => name)).toEqual(['id-argocd-aks-gitops'])
  expect(state.azure.roleAssignments).toEqual([])
  // Argo CD itself still reads.
  expect((await world.check()).outputs).toMatchObject({ drift: 'false', verification: 'verified' })
  expect((await setUp(person, optionsFor(world, { remove: 'true' }))).log).toContain(
    'There is nothing to remove.'
  )
})

test.each(['roleAssignments/', 'rolebindings', 'serviceprincipalentitlements'])(
  'taken away half because of %s: --remove again takes the rest, and set-up makes it anew',
  async (path) => {
    const { journal } = world.twin
    const person = personAt(world.twin)
    await done(world, person)
    const refused = {
      status: 403,
      body: { error: { code: 'Refused', message: 'not yet' }, message: 'not yet' }
    }
    journal.forge({ path, forge: (call, real) => (call.method === 'DELETE' ? refused : real()) })
    expect((await setUp(person, optionsFor(world, { remove: 'true' }))).exitCode).toBe(1)
    journal.calm()
    expect((await setUp(person, optionsFor(world, { remove: 'true' }))).exitCode).toBe(0)
    expect((await setUp(person, optionsFor(world, { remove: 'true' }))).log).toContain('nothing to remove')
    await done(world, person)
  }
)

test('--remove of one of two pipelines keeps what both use', async () => {
  const person = personAt(world.twin)
  await done(world, person)
  await done(world, person, { branch: 'next', 'replace-file': 'true' })
  const { log } = await setUp(person, optionsFor(world, { branch: 'next', remove: 'true' }))
  expect(log).toMatch(/federated credential p-contoso-platform-\w+ of id-patless-aks-gitops/)
  expect(log).toContain('other pipelines log in with the same identity: p-contoso-platform-')
  const { exitCode } = await setUp(person, optionsFor(world, { 'replace-file': 'true' }))
  expect(exitCode).toBe(0)
  expect((await world.apply(inputsIn(person))).outputs).toMatchObject({ verification: 'verified' })
})

test('--self-service: the pipeline adds members itself', async () => {
  const person = personAt(world.twin)
  const { log } = await done(world, person, { 'self-service': 'true' })
  expect(log).toContain('Project Collection Administrators')
  const state = world.twin.state() as { azure: { identities: unknown[] } }
  expect(state.azure.identities).toHaveLength(1)
  expect((await world.apply(inputsIn(person))).outputs).toMatchObject({
    verification: 'verified',
    drift: 'false'
  })
})

test('the file audits, too, where this version can', async () => {
  const person = personAt(world.twin)
  await done(world, person)
  const workflow = readFileSync(join(person.folder, FILE), 'utf8')
  expect(workflow).toContain('options: [apply, check, audit]')
  await world.apply(inputsIn(person))
  const { verdict } = await world.run({ ...inputsIn(person, 1), 'repository-url': '', mode: 'audit' })
  expect(verdict.summary).not.toMatch(/right|permission|invalid/)
  expect(verdict.exitCode).toBe(0)
})

test('Azure Pipelines: the connection of somebody else is left, and the plan names another', async () => {
  const { ids } = world.twin.azure
  const person = personAt(world.twin)
  await done(world, person, { host: 'azure-pipelines' })
  const options = optionsFor(world, { host: 'azure-pipelines', 'login-name': 'id-other', yes: 'true' })
  await expect(setUp(person, options)).resolves.toMatchObject({ exitCode: 1 })
  const { log } = await setUp(person, {
    ...options,
    'service-connection': 'patless-2',
    'replace-file': 'true'
  })
  expect(log).not.toContain('✗')
  const { exitCode } = await setUp(person, optionsFor(world, { host: 'azure-pipelines', remove: 'true' }))
  expect(exitCode).toBe(0)
  const state = world.twin.state() as { azure: { serviceEndpoints: { name: string }[] } }
  expect(state.azure.serviceEndpoints.map(({ name }) => name)).toEqual(['patless-2'])
  expect(ids.project).toBe('shop')
})

describe('who may not look into the cluster', () => {
  test('does the rest with the namespace of Argo CD, and gets the part of the cluster as a script', async () => {
    world.twin.defect('rbac-none')
    const person = personAt(world.twin)
    const options = optionsFor(world, { 'argocd-namespace': 'argocd' })
    const { exitCode, stdout, log } = await setUp(person, options)
    expect(exitCode).toBe(1)
    expect(log).toContain('Part of it needs an administrator of the cluster; what could be done is done.')
    expect(stdout).toContain('kubectl')
    expect(stdout).not.toContain('az identity create')
    const { azure } = world.twin.state() as { azure: { roleAssignments: unknown[] } }
    expect(azure.roleAssignments).toHaveLength(2)
    expect(inputsIn(person)['argocd-namespace']).toBe('argocd')
  })

  test('is asked for the namespace, where somebody is there', async () => {
    world.twin.defect('rbac-none')
    const { questions } = await setUp(
      personAt(world.twin),
      optionsFor(world, { yes: 'false', 'dry-run': 'true' }),
      () => ''
    )
    expect(questions.at(-1)).toBe('namespace of Argo CD [argocd]: ')
  })

  test('names the option that it takes to go on', async () => {
    world.twin.defect('rbac-none')
    const { exitCode, log } = await setUp(personAt(world.twin), optionsFor(world))
    expect(exitCode).toBe(1)
    expect(log).toContain('give --argocd-namespace')
  })
})

interface Result {
  readonly exitCode: number
  readonly resources: readonly {
    readonly resource: string
    readonly result: string
    readonly summary?: string
  }[]
  readonly findings: readonly { readonly id: string }[]
  readonly scripts: readonly string[]
}
