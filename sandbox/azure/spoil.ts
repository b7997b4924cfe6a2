/** What tests of rights take away from a login, and what somebody else made. */
import { randomUUID } from 'node:crypto'
import { IDS, type AzureState } from './state.ts'

export interface Spoiling {
  /** Somebody else made an identity of this name. */
  foreignIdentity(name: string): void
  /** Custom roles lose these actions. */
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
    takeAway(lost) {
      const all = state().roleDefinitions
      const left = all.map((one) => ({ ...one, actions: one.actions.filter((action) => !lost(action)) }))
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
