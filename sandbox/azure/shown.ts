/** What the control API shows of Azure. */
import type { Organization } from './organization.ts'
import type { AzureState } from './state.ts'

/** The answer to `GET /state`: without tokens and secrets. */
export function shown(azure: AzureState): unknown {
  const { cluster, identities, organizations, extensions } = azure
  const [first, ...others] = organizations.map(organizationOf)
  return {
    cluster: cluster && { id: cluster.id, eTag: cluster.eTag, properties: cluster.properties },
    identities: identities.map(({ name, clientId, principalId, tags, credentials }) => ({
      name,
      clientId,
      principalId,
      tags,
      credentials: [...credentials.values()].map((one) => ({
        name: one.name,
        issuer: one.issuer,
        subject: one.subject,
        audiences: [one.audience]
      }))
    })),
    applications: azure.applications.map(({ credentials, ...one }) => ({
      ...one,
      credentials: [...credentials.values()].map(({ name, issuer, subject }) => ({ name, issuer, subject }))
    })),
    extensions: [...extensions.values()],
    registries: azure.registries.map(({ charts, ...one }) => ({ ...one, charts: [...charts.keys()] })),
    roleDefinitions: azure.roleDefinitions,
    roleAssignments: azure.roleAssignments,
    serviceEndpoints: organizations.flatMap(({ serviceEndpoints }) => serviceEndpoints),
    ...first,
    others
  }
}

function organizationOf({ name, members, projects, entries }: Organization) {
  return {
    organization: name,
    members: members.map(({ principalId, entitlementId, licence, status, descriptor }) => ({
      principalId,
      entitlementId,
      licence,
      status,
      groups: projects.flatMap((project) =>
        [...project.groups]
          .filter(([, own]) => own.has(descriptor))
          .map(([group]) => `[${project.name}]\\${group}`)
      )
    })),
    entries: [...entries].map(([token, list]) => ({ token, entries: Object.fromEntries(list) })),
    repositories: projects.flatMap(({ name: project, repositories }) =>
      repositories.map((one) => ({ project, name: one.name, id: one.id, disabled: one.disabled }))
    )
  }
}
