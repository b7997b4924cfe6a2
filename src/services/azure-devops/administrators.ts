/** The group Project Collection Administrators, whose members may do everything in the organization. */
import * as z from 'zod/mini'
import { assertDescriptor, type Organization } from './client.ts'
import { HttpProblem, UnexpectedReply } from '../../http/errors.ts'
import { orAbsent } from '../../http/request.ts'

const groupShape = z.looseObject({
  descriptor: z.string(),
  domain: z.nullish(z.string()),
  principalName: z.string(),
  origin: z.nullish(z.string())
})

export class Administrators {
  readonly #organization: Organization
  constructor(organization: Organization) {
    this.#organization = organization
  }

  /** @param member descriptor of the member */
  async has(member: string): Promise<boolean> {
    const request = { ...this.#organization.get(await this.#membership(member)), method: 'HEAD' } as const
    return (await orAbsent(this.#organization.send(request))) !== undefined
  }

  async add(member: string): Promise<void> {
    const request = this.#organization.get(await this.#membership(member))
    await this.#organization.send({ ...request, method: 'PUT' })
  }

  /** Succeeds when it is already gone. */
  async remove(member: string): Promise<void> {
    const request = this.#organization.get(await this.#membership(member))
    await orAbsent(this.#organization.send({ ...request, method: 'DELETE' }))
  }

  async #membership(member: string): Promise<string> {
    const { graph } = await this.#organization.places()
    const groups = await this.#organization.pages(`${graph}/_apis/graph/groups`, groupShape)
    // The group of the organization; anybody may give a group of a project the same name.
    const group = groups.find(
      ({ principalName, domain, origin }) =>
        origin === 'vsts' &&
        domain?.startsWith('vstfs:///Framework/') === true &&
        principalName.endsWith(']\\Project Collection Administrators')
    )
    if (!group) {
      throw new HttpProblem({
        service: 'Azure DevOps',
        request: 'GET graph/groups',
        status: 403,
        code: undefined,
        detail: 'the login does not see the group Project Collection Administrators'
      })
    }
    assertDescriptor(group.descriptor, 'GET graph/groups')
    if (!/^[\w.-]+$/.test(member)) throw new UnexpectedReply('Azure DevOps', 'a member', 'no descriptor')
    return `${graph}/_apis/graph/memberships/${member}/${group.descriptor}?api-version=7.1-preview.1`
  }
}
