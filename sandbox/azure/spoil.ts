/** What tests of rights take away from a login, and what somebody else made. */
import { randomUUID } from 'node:crypto'
import { IDS, type AzureState } from './state.ts'

export interface Spoiling {
  /** Somebody else made an identity of this name. */
  foreignIdentity(name: string): void
  /** Somebody else registered an application of this name, with these tags. */
  foreignApplication(name: string, tags?: readonly string[]): void
  /** Which applications the deployer may change. */
  directoryRights(applications: AzureState['directoryRights']['applications']): void
  /** What the deployer's application sees of its own secrets. */
  clientSecrets(secrets: AzureState['clientSecrets']): void
  /** Somebody else made a custom role of this name. */
  foreignRole(roleName: string): void
  /** The cluster authorizes by Azure RBAC, too. */
  useAzureRbac(): void
  /** Custom roles lose these actions, and data actions. */
  takeAway(lost: (action: string) => boolean): void
  /** A principal loses its role at identities, its membership, or its groups. */
  spoil(what: 'assignment' | 'member' | 'reader', principalId: string): void
}

export function spoilingOf(state: () => AzureState): Spoiling {
  return {
    foreignIdentity(name) {
      state().identities.push({
        name,
        subscriptionId: IDS.subscriptionId,
        resourceGroup: IDS.resourceGroup,
        location: IDS.location,
        tags: { team: 'payments' },
        clientId: randomUUID(),
        principalId: randomUUID(),
        createdAt: 0,
        credentials: new Map(),
        writing: false
      })
    },
    foreignApplication(displayName, tags = ['payments']) {
      state().applications.push({
        ...{ id: randomUUID(), appId: randomUUID(), displayName, tags, owners: [randomUUID()] },
        tenantId: IDS.tenantId,
        ...{ createdAt: 0, servicePrincipal: { id: randomUUID(), createdAt: 0 }, credentials: new Map() }
      })
    },
    clientSecrets(secrets) {
      state().clientSecrets = secrets
    },
    directoryRights(applications) {
      state().directoryRights = { applications }
    },
    foreignRole(roleName) {
      state().roleDefinitions.push({
        ...{ name: randomUUID(), roleName, description: 'of the payments team' },
        assignableScopes: [`/subscriptions/${IDS.subscriptionId}`],
        ...{ actions: ['Microsoft.Resources/subscriptions/read'], notActions: [], dataActions: [] }
      })
    },
    useAzureRbac() {
      const { cluster } = state()
      if (cluster) cluster.properties['aadProfile'] = { managed: true, enableAzureRBAC: true }
    },
    takeAway(lost) {
      const all = state().roleDefinitions
      const left = all.map((one) => ({
        ...one,
        actions: one.actions.filter((action) => !lost(action)),
        dataActions: one.dataActions.filter((action) => !lost(action))
      }))
      all.splice(0, Infinity, ...left)
    },
    spoil(what, principalId) {
      const { roleAssignments, organizations } = state()
      const at = roleAssignments.findIndex(
        (one) => one.principalId === principalId && /userAssignedIdentities/i.test(one.scope)
      )
      if (what === 'assignment') roleAssignments.splice(at, 1)
      for (const organization of what === 'assignment' ? [] : organizations) {
        const member = organization.member(principalId)
        if (member && what === 'member') organization.removeMember(member)
        for (const { groups } of organization.projects)
          for (const members of groups.values()) if (member) members.delete(member.descriptor)
      }
    }
  }
}
