/** Projects of an organization, their repositories and their Readers. */
import { assertDescriptor, type Organization } from './client.ts'
import {
  descriptorShape,
  groupShape,
  list,
  namedShape,
  projectShape,
  refShape,
  repositoryShape
} from './shapes.ts'
import { orAbsent, understood, type Request } from '../../http/request.ts'

export interface Project {
  readonly id: string
  readonly name: string
}

export interface DevOpsRepository {
  readonly id: string
  readonly name: string
  readonly projectId: string
  /** As it is called now; URLs may still have a name from before a rename. */
  readonly projectName?: string
  readonly disabled: boolean
  /** As refs/heads/…; undefined for an empty repository. */
  readonly defaultBranch?: string
}

export class Projects {
  readonly #organization: Organization
  constructor(organization: Organization) {
    this.#organization = organization
  }

  /** @param name or id; a name from before a rename leads to the project as it is called now */
  project(name: string): Promise<Project | undefined> {
    return this.#organization.reads.once(`project ${name}`, () => this.#project(name))
  }

  async #project(name: string): Promise<Project | undefined> {
    const place = `${this.#organization.url}/_apis/projects/${encodeURIComponent(name)}?api-version=7.1`
    const now = this.#organization.get(place)
    const reply = await orAbsent(this.#organization.send(now))
    if (reply) return understood(projectShape, reply, now)
    // vsts-rest-api-specs: it then also searches projects that had the name.
    const ever = this.#organization.get(`${place}&includeHistory=true`)
    const renamed = await orAbsent(this.#organization.send(ever))
    return renamed && understood(projectShape, renamed, ever)
  }

  async repository(project: string, name: string): Promise<DevOpsRepository | undefined> {
    const path = `${encodeURIComponent(project)}/_apis/git/repositories/${encodeURIComponent(name)}`
    const request = this.#organization.get(`${this.#organization.url}/${path}?api-version=7.1`)
    const reply = await orAbsent(this.#organization.send(request))
    if (!reply) return undefined
    const {
      id,
      name: found,
      isDisabled,
      defaultBranch,
      project: owner
    } = understood(repositoryShape, reply, request)
    const branch = typeof defaultBranch === 'string' ? { defaultBranch } : {}
    const named = owner.name === undefined ? {} : { projectName: owner.name }
    return { id, name: found, projectId: owner.id, ...named, disabled: isDisabled ?? false, ...branch }
  }

  /** Names of the project's repositories, as they are written; undefined when there is no such project. */
  async names(project: string): Promise<string[] | undefined> {
    const path = `${encodeURIComponent(project)}/_apis/git/repositories`
    const request = this.#organization.get(`${this.#organization.url}/${path}?api-version=7.1`)
    const reply = await orAbsent(this.#organization.send(request))
    return reply && understood(list(namedShape), reply, request).value.map(({ name }) => name)
  }

  /** Names of the repository's branches, as refs/heads/…. */
  async branches(project: string, repositoryId: string): Promise<string[]> {
    const path = `${encodeURIComponent(project)}/_apis/git/repositories/${repositoryId}/refs`
    const request = this.#organization.get(`${this.#organization.url}/${path}?filter=heads&api-version=7.1`)
    const reply = await this.#organization.send(request)
    return understood(list(refShape), reply, request).value.map(({ name }) => name)
  }

  /** Names and ids of the project's repositories, in lower case; undefined when there is no such project. */
  async repositories(project: string): Promise<ReadonlySet<string> | undefined> {
    const path = `${encodeURIComponent(project)}/_apis/git/repositories`
    const request = this.#organization.get(`${this.#organization.url}/${path}?api-version=7.1`)
    const reply = await orAbsent(this.#organization.send(request))
    if (!reply) return undefined
    const { value } = understood(list(namedShape), reply, request)
    return new Set(value.flatMap(({ id, name }) => [id.toLowerCase(), name.toLowerCase()]))
  }

  /** Whether the member is directly in the project's Readers group, according to the graph. */
  async isReader(projectId: string, memberDescriptor: string): Promise<boolean> {
    const { graph } = await this.#organization.places()
    const scopeRequest = this.#organization.get(
      `${graph}/_apis/graph/descriptors/${projectId}?api-version=7.1-preview.1`
    )
    const { value: scope } = understood(
      descriptorShape,
      await this.#organization.send(scopeRequest),
      scopeRequest
    )
    const groups = await this.#organization.pages(
      `${graph}/_apis/graph/groups?scopeDescriptor=${scope}`,
      groupShape
    )
    const readers = groups.find(
      ({ displayName, principalName }) => displayName === 'Readers' || principalName?.endsWith('\\Readers')
    )
    if (!readers) return false
    assertDescriptor(readers.descriptor, 'GET groups')
    const path = `_apis/graph/memberships/${memberDescriptor}/${readers.descriptor}`
    const request: Request = {
      ...this.#organization.get(`${graph}/${path}?api-version=7.1-preview.1`),
      method: 'HEAD'
    }
    return (await orAbsent(this.#organization.send(request))) !== undefined
  }
}
