/**
 * The identity may pull from container registries: a role on each of them, and nothing else of Azure. Which role depends
 * on the registry's mode: where permissions are of repositories, AcrPull gives none
 * (learn.microsoft.com/azure/container-registry/container-registry-rbac-abac-repository-permissions).
 */
import type { RegistryReference } from '../config/registry-reference.ts'
import { input } from '../core/input-name.ts'
import { note, warning, type Finding, type FindingFacts } from '../core/finding.ts'
import type { Difference } from '../engine/outcome.ts'
import { HttpProblem } from '../http/errors.ts'
import { Registries, type Registry } from '../services/azure/registries.ts'
import {
  assignmentName,
  definitionId,
  RoleAssignments,
  type RoleAssignment
} from '../services/azure/role-assignments.ts'
import type { Services } from '../services/services.ts'
import { readElsewhere } from './dependents.ts'
import type { ChainResource } from './resource.ts'

/** Built-in roles, by the registry's mode. */
export const ROLES = {
  whole: { name: 'AcrPull', id: '7f951dda-4ed3-4680-a7ca-43fe172d538d' },
  byRepository: {
    name: 'Container Registry Repository Reader',
    id: 'b93aa761-3e63-49ed-ac28-beffa264f7ac'
  }
} as const

/** A principal that no directory has. */
const NOBODY = '00000000-0000-0000-0000-000000000000'

interface Spec {
  readonly registries: readonly RegistryReference[]
  /** Where they are looked for, unless a line names the resource. */
  readonly subscriptions: readonly string[]
  /** Of the identity; undefined while it does not exist. */
  readonly principalId: string | undefined
}

/** One registry of the inputs. */
interface Seen {
  readonly host: string
  readonly registry: Registry | undefined
  /** Roles of the identity that hold there. */
  readonly assignments: readonly RoleAssignment[]
}

/** A registry that exists, and whether the identity has the role. */
export interface ReadRegistry extends Registry {
  readonly assigned: boolean
  /** Name and id of the role that counts there. */
  readonly role: { readonly name: string; readonly id: string }
  /** Name of its assignment on the registry itself; undefined: there is none, or one from above. */
  readonly assignment: string | undefined
}

export const registry: ChainResource<Spec, readonly Seen[], readonly ReadRegistry[]> = {
  kind: 'registry',

  async read(spec, services) {
    const { registries, roles } = clientsOf(services)
    const wanted = [...new Set(spec.registries.map(({ host }) => host))].map((host) => ({
      host,
      id: spec.registries.find((one) => one.host === host && one.id !== undefined)?.id
    }))
    const all = wanted.every(({ id }) => id !== undefined)
      ? []
      : (await Promise.all(spec.subscriptions.map((one) => listed(registries, one)))).flat()
    return Promise.all(
      wanted.map(async ({ host, id }): Promise<Seen> => {
        const found =
          id === undefined ? all.find(({ loginServer }) => loginServer === host) : await registries.get(id)
        // Asked before there is an identity, too: a missing right is to be found before the first write.
        const assignments = found ? await roles.effective(found.id, spec.principalId ?? NOBODY) : []
        return { host, registry: found, assignments }
      })
    )
  },

  assess(spec, state) {
    const known = state.flatMap((seen) => {
      const { registry: found, assignments } = seen
      if (!found) return []
      const role = roleOf(found)
      const own = assignments.find((one) => hasRole(one, role) && isAt(one, found))
      return [{ ...found, assigned: isAssigned(seen), role, assignment: own?.name }]
    })
    return {
      exists: known.some(({ assigned }) => assigned),
      differences: state.flatMap((seen) => differencesOf(seen, spec)),
      findings: state.flatMap(findingsOf),
      // What was not found has nothing to be verified or connected.
      ...(known.length === state.length && { output: known }),
      summary: state.map((seen) => `${roleOf(seen.registry).name} on ${seen.host}`).join(', ')
    }
  },

  async apply({ principalId }, state, services) {
    const { roles } = clientsOf(services)
    if (principalId === undefined) return
    for (const seen of state) {
      const { registry: found } = seen
      if (found && !isAssigned(seen)) await roles.assign(found.id, roleIdOf(found), principalId)
    }
  },

  planDelete(spec, state, { repositories, credentials }) {
    const { ours, theirs } = ownedAmong(spec, state)
    const what = ours.map(({ named }) => named).join(', ')
    const left = theirs.map(({ named }) => `${named}: not assigned by Patless`).join('; ')
    if (ours.length === 0)
      return theirs.length === 0
        ? undefined
        : {
            what: theirs.map(({ named }) => named).join(', '),
            retain: 'not assigned by Patless',
            detached: true
          }
    if (repositories.length > 0) return { what, retain: readElsewhere(repositories) }
    if (credentials.length > 0)
      return { what, retain: `the identity has other federated credentials: ${credentials.join(', ')}` }
    return left === '' ? { what } : { what, left, detached: true }
  },

  async delete(spec, state, services) {
    const { roles } = clientsOf(services)
    for (const { assignment } of ownedAmong(spec, state).ours) await roles.unassign(assignment)
  }
}

function clientsOf({ base: { identityArm } }: Services) {
  return { registries: new Registries(identityArm), roles: new RoleAssignments(identityArm) }
}

/** A login with rights in parts of a subscription may not list it: then only an id leads to the registry. */
async function listed(registries: Registries, subscriptionId: string): Promise<Registry[]> {
  return registries.list(subscriptionId).catch((error: unknown) => {
    if (error instanceof HttpProblem && error.status === 403) return []
    throw error
  })
}

function roleOf(found: Registry | undefined): (typeof ROLES)[keyof typeof ROLES] {
  return found?.byRepository === true ? ROLES.byRepository : ROLES.whole
}

/** In the subscription of the registry, as Azure itself names it there. */
function roleIdOf(found: Registry, role = roleOf(found)): string {
  return definitionId(found.id.split('/')[2] ?? '', role.id)
}

function hasRole({ roleDefinitionId }: RoleAssignment, role: { readonly id: string }): boolean {
  return roleDefinitionId.toLowerCase().endsWith(`/${role.id}`)
}

function isAt({ scope }: RoleAssignment, { id }: Registry): boolean {
  return scope.toLowerCase() === id.toLowerCase()
}

/** A role with a condition counts as well: whoever set that knows which charts are to be read. */
function isAssigned({ registry: found, assignments }: Seen): boolean {
  return found !== undefined && assignments.some((one) => hasRole(one, roleOf(found)))
}

function differencesOf(seen: Seen, { subscriptions }: Spec): Difference[] {
  const { host, registry: found } = seen
  if (!found)
    return [
      {
        field: `registry ${host}`,
        expected: 'a container registry',
        actual: undefined,
        blocked: notFound(host, subscriptions)
      }
    ]
  if (found.loginServer !== host)
    return [
      {
        field: `login server of ${host}`,
        expected: found.loginServer,
        actual: host,
        blocked: otherServer(host, found)
      }
    ]
  return isAssigned(seen)
    ? []
    : [{ field: `${roleOf(found).name} on ${host}`, expected: 'assigned', actual: undefined }]
}

function findingsOf(seen: Seen): Finding[] {
  const { host, registry: found, assignments } = seen
  if (!found) return []
  const conditional = assignments.filter((one) => hasRole(one, roleOf(found)))
  const idle = found.byRepository && assignments.some((one) => hasRole(one, ROLES.whole))
  return [
    ...(found.provisioningState === 'Succeeded' ? [] : [warning(notReady(host, found))]),
    ...(conditional.length > 0 && conditional.every((one) => one.conditional)
      ? [note(onlySome(host, found))]
      : []),
    ...(idle ? [note(ignored(host))] : []),
    ...(found.anonymous ? [note(open(host))] : [])
  ]
}

/** The assignments on the registry itself, in either mode: the mode may have changed since. */
function ownedAmong({ principalId }: Spec, state: readonly Seen[]) {
  const all = state.flatMap(({ host, registry: found, assignments }) =>
    found === undefined
      ? []
      : Object.values(ROLES).flatMap((role) =>
          assignments
            .filter((one) => hasRole(one, role) && isAt(one, found))
            .map((assignment) => ({
              assignment,
              named: `${role.name} on ${host}`,
              isOurs:
                principalId !== undefined &&
                assignment.name === assignmentName(found.id, roleIdOf(found, role), principalId)
            }))
        )
  )
  return { ours: all.filter(({ isOurs }) => isOurs), theirs: all.filter(({ isOurs }) => !isOurs) }
}

function notFound(host: string, subscriptions: readonly string[]): FindingFacts {
  return {
    id: 'registry/not-found',
    summary: `There is no container registry ${host} in subscription ${subscriptions.join(' or ')}, or the login may not read it.`,
    remedy: `correct ${input('registries')}, give the login Microsoft.ContainerRegistry/registries/read there (docs/permissions/azure-role-registries.json), or write the resource id of the registry after its name`,
    command: `az acr show --name ${host.split(/[.-]/)[0] ?? ''} --query id --output tsv`,
    link: 'https://learn.microsoft.com/azure/container-registry/container-registry-get-started-azure-cli'
  }
}

function otherServer(host: string, { id, loginServer }: Registry): FindingFacts {
  return {
    id: 'registry/other-login-server',
    summary: `The login server of ${id} is ${loginServer}, not ${host}.`,
    expected: loginServer,
    actual: host,
    remedy: `write "${loginServer} ${id}" in ${input('registries')}`
  }
}

function notReady(host: string, { provisioningState }: Registry): FindingFacts {
  return {
    id: 'registry/not-ready',
    summary: `Azure reports the state ${provisioningState} for ${host}: it may refuse to serve charts.`,
    expected: 'Succeeded',
    actual: provisioningState,
    remedy: 'wait until it is Succeeded; if it is Failed, update the registry once more, or ask Azure'
  }
}

function onlySome(host: string, found: Registry): FindingFacts {
  return {
    id: 'registry/conditional-role',
    summary: `${roleOf(found).name} on ${host} has a condition, so the identity may read only some of its repositories.`,
    remedy: `none is needed if the charts are among them; name one in ${input('registries')} to have it read: ${host}/charts/app:1.2.3`
  }
}

function ignored(host: string): FindingFacts {
  return {
    id: 'registry/role-ignored',
    summary: `The identity has AcrPull on ${host}, which has no effect there: its permissions are of repositories.`,
    remedy: 'remove that role assignment; Container Registry Repository Reader is what counts',
    link: 'https://learn.microsoft.com/azure/container-registry/container-registry-rbac-abac-repository-permissions'
  }
}

function open(host: string): FindingFacts {
  return {
    id: 'registry/anonymous-pull',
    summary: `${host} lets everybody pull without a login.`,
    remedy: 'if that is not meant, turn it off; Argo CD reads with its identity either way',
    command: `az acr update --name ${host.split(/[.-]/)[0] ?? ''} --anonymous-pull-enabled false`
  }
}
