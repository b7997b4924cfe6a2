/** The service connection that a pipeline of Azure Pipelines logs in with, by workload identity federation. */
import type { FindingFacts } from '../../core/finding.ts'
import { word } from '../../core/shell.ts'
import { Problem } from '../../core/finding.ts'
import type { Connection, NewConnection } from '../../services/azure-devops/service-connections.ts'
import { MARK } from './settings.ts'
import type { SetupResource } from './services.ts'

interface Spec extends Omit<NewConnection, 'project' | 'description'> {
  readonly organization: string
  readonly project: string
}

interface State {
  readonly projectId: string
  readonly connection: Connection | undefined
}

/** Issuer and subject of the tokens of the connection, as Azure DevOps decided them. */
export type Trust = NonNullable<Connection['trust']>

export const serviceConnection: SetupResource<Spec, State, Trust> = {
  kind: 'service-connection',

  async read({ organization, project, name }, { devops, connections }) {
    const found = await devops(organization).projects.project(project)
    if (!found) throw noProject(project)
    return { projectId: found.id, connection: await connections(organization).named(project, name) }
  },

  assess(spec, { connection }) {
    const ours =
      connection?.description.startsWith(MARK) === true &&
      connection.clientId?.toLowerCase() === spec.clientId.toLowerCase() &&
      connection.trust !== undefined
    const summary = `${spec.name} in ${spec.project}`
    if (connection && !ours) {
      const blocked = taken(spec)
      const actual = connection.clientId ?? 'another kind of login'
      return {
        exists: true,
        differences: [{ field: 'logs in as', expected: spec.clientId, actual, blocked }],
        summary
      }
    }
    return {
      exists: connection !== undefined,
      differences: connection
        ? []
        : [{ field: 'service connection', expected: `${spec.name} in ${spec.project}`, actual: undefined }],
      ...(connection?.trust && { output: connection.trust }),
      summary
    }
  },

  async apply({ organization, name, project, ...login }, { projectId }, { connections }, { report }) {
    report(`Creating the service connection ${name} in ${project}.`)
    await connections(organization).create({
      ...{ name, description: MARK, project: { id: projectId, name: project } },
      ...login
    })
  },

  planDelete({ name, project }, { connection }) {
    if (!connection) return undefined
    const what = `service connection ${name} in ${project}`
    return connection.description.startsWith(MARK)
      ? { what }
      : { what, retain: `its description does not begin with "${MARK}"` }
  },

  async delete({ organization }, { connection, projectId }, { connections }) {
    if (connection) await connections(organization).remove(connection.id, projectId)
  }
}

function taken({ name, project }: Spec): FindingFacts {
  return {
    id: 'service-connection/name-taken',
    summary: `There is a service connection ${name} in ${project} that Patless did not make for this identity: it is left as it is.`,
    remedy: `choose another name: --service-connection ${word(`${name}-2`)}`
  }
}

function noProject(project: string): Problem {
  return new Problem({
    id: 'permission/project-missing',
    summary: `There is no project ${project} that your login can see.`,
    remedy: 'correct --devops-project, or have yourself added to the project'
  })
}
