/** The pipeline's user in Azure DevOps: Basic, and Readers of the project; an administrator only for self-service. */
import { entitlement } from '../../chain/entitlement.ts'
import { permission } from '../../chain/permission.ts'
import type { Member } from '../../services/azure-devops/members.ts'
import type { SetupResource } from './services.ts'
import { sharedLogin } from './settings.ts'

type MemberSpec = Parameters<typeof entitlement.read>[0]
type MemberState = Awaited<ReturnType<typeof entitlement.read>>

/** A membership carries no mark: it belongs to whoever made the identity. */
export const pipelineUser: SetupResource<MemberSpec, MemberState, Member> = {
  kind: 'pipeline-user',
  read: (spec, services, options) => entitlement.read(spec, services, options),
  assess: (spec, state) => entitlement.assess(spec, state),
  apply: async (spec, state, services, policy) => {
    policy.report(`Adding ${spec.principalId} to ${spec.organization} with Basic.`)
    await entitlement.apply?.(spec, state, services, policy)
  },
  planDelete({ organization }, { member }, { credentials }) {
    if (!member) return undefined
    const what = `${member.accessLevel} license and membership of the pipeline in ${organization}`
    return { what, ...sharedLogin(credentials) }
  },
  delete: async (spec, state, services, policy) => entitlement.delete?.(spec, state, services, policy)
}

type ReaderSpec = Parameters<typeof permission.read>[0]
type ReaderState = Awaited<ReturnType<typeof permission.read>>

/** Readers of the projects, whatever Argo CD's identity may read: the pipeline looks the repositories up. */
export const pipelineReader: SetupResource<ReaderSpec, ReaderState, object> = {
  kind: 'pipeline-reader',
  read: (spec, services, options) => permission.read(spec, services, options),
  assess: (spec, state) => {
    const { exists, differences, findings = [], summary } = permission.assess(spec, state)
    return { exists, differences, findings, output: {}, ...(summary === undefined ? {} : { summary }) }
  },
  apply: async (spec, state, services, policy) => {
    policy.report('Giving the pipeline read access to the projects.')
    await permission.apply?.(spec, state, services, policy)
  }
}

interface AdministratorSpec {
  readonly organization: string
  readonly member: Member
}

export const pipelineAdministrator: SetupResource<AdministratorSpec, boolean, object> = {
  kind: 'pipeline-administrator',
  read: ({ organization, member }, { administrators }) => administrators(organization).has(member.descriptor),
  assess: ({ organization }, isMember) => ({
    exists: isMember,
    differences: isMember
      ? []
      : [{ field: 'Project Collection Administrators', expected: 'member', actual: undefined }],
    output: {},
    summary: `in Project Collection Administrators of ${organization}`
  }),
  async apply({ organization, member }, _state, { administrators }, { report }) {
    report(`Adding the pipeline to Project Collection Administrators of ${organization}.`)
    await administrators(organization).add(member.descriptor)
  },
  planDelete({ organization }, isMember, { credentials }) {
    const what = `the pipeline's membership in Project Collection Administrators of ${organization}`
    return isMember ? { what, ...sharedLogin(credentials) } : undefined
  },
  async delete({ organization, member }, _state, { administrators }) {
    await administrators(organization).remove(member.descriptor)
  }
}
