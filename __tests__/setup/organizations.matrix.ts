/** One set-up for repositories of several organizations: a member, a license and a permission in each. */
import { expect, test } from '@jest/globals'
import { personAt, setUp } from '../../sandbox/person.ts'
import { useWorld } from '../world.ts'
import { done, inputsIn, optionsFor } from './pipeline.ts'

const world = useWorld()
const urlsOfBoth = (): string[] => {
  const { repositoryUrl, organization, secondOrganization } = world.twin.azure.ids
  return [repositoryUrl, repositoryUrl.replace(`/${organization}/`, `/${secondOrganization}/`)]
}

interface Members {
  readonly members: { principalId: string; licence: string; groups: string[] }[]
}
const membersIn = (): string[][][] => {
  const { azure } = world.twin.state() as { azure: Members & { others: Members[] } }
  return [azure, ...azure.others].map(({ members }) => members.slice(1).map(({ groups }) => groups))
}

test('two organizations: both identities are members of each, and the pipeline is green', async () => {
  const person = personAt(world.twin)
  const urls = urlsOfBoth()
  const { log } = await done(world, person, { 'repository-url': urls.join('\n') })
  expect(log).toContain('its membership in contoso, which takes one Basic license')
  expect(log).toContain("Argo CD's membership in fabrikam, which takes one Basic license")
  expect(log).toMatch(/Would create 15, change 0, delete 0[.]/)
  const [contoso, fabrikam] = membersIn()
  expect(contoso).toEqual([[expect.stringMatching(/Readers/)], [expect.stringMatching(/Readers/)]])
  expect(fabrikam).toEqual([[expect.stringMatching(/Readers/)], [expect.stringMatching(/Readers/)]])
  expect(inputsIn(person)['repository-url']?.trim().split('\n')).toEqual(urls)
  expect((await world.apply(inputsIn(person))).outputs).toMatchObject({
    verification: 'verified',
    drift: 'false'
  })
  expect((await done(world, person, { 'repository-url': urls.join('\n') })).log).toContain(
    'Everything is set up.'
  )
})

test('self-service: an administrator of each; --remove ends both memberships', async () => {
  const person = personAt(world.twin)
  const more = { 'repository-url': urlsOfBoth().join('\n'), 'self-service': 'true' }
  const { log } = await done(world, person, more)
  expect(log).toContain('Project Collection Administrators of contoso')
  expect(log).toContain('Project Collection Administrators of fabrikam')
  expect((await world.apply(inputsIn(person))).outputs).toMatchObject({ verification: 'verified' })
  const { exitCode } = await setUp(person, optionsFor(world, { ...more, remove: 'true' }))
  expect(exitCode).toBe(0)
  expect(membersIn().map(({ length }) => length)).toEqual([1, 1])
})

test('Azure Pipelines: the connection is in the organization of the pipeline', async () => {
  const person = personAt(world.twin)
  const options = {
    ...{ 'repository-url': urlsOfBoth().join('\n'), host: 'azure-pipelines' },
    ...{ 'devops-organization': 'fabrikam', 'devops-project': 'shop' }
  }
  await done(world, person, options)
  const { azure } = world.twin.state() as { azure: { serviceEndpoints: { name: string }[] } }
  expect(azure.serviceEndpoints).toHaveLength(1)
})
