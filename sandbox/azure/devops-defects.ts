/** Mistakes in an Azure DevOps organization. Those about a member mean the first managed identity. */
import { randomUUID } from 'node:crypto'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gitToken, graphDescriptorOf, groupDescriptorOf, PROJECT, projectToken } from './devops-context.ts'
import { ENTITLEMENT_REFUSALS } from './entitlement-refusals.ts'
import { commitTo } from './git.ts'
import type { Member, Organization, Repository } from './organization.ts'
import { IDS, identityOf, legacyDescriptorOf, type AzureState } from './state.ts'

export const DEVOPS_DEFECTS: Readonly<
  Record<string, (organization: Organization, state: AzureState) => void>
> = {
  ...ENTITLEMENT_REFUSALS,
  'member-of-another-project': (organization, state) => {
    organization.projects[1]?.groups.get('Readers')?.add(memberOf(organization, state).descriptor)
  },
  'not-a-member': (organization, state) => {
    organization.removeMember(memberOf(organization, state))
  },
  stakeholder: (organization, state) => {
    memberOf(organization, state).licence = 'stakeholder'
  },
  'member-disabled': (organization, state) => {
    memberOf(organization, state).status = 'disabled'
  },
  'not-a-reader': (organization, state) => {
    for (const { groups } of organization.projects)
      for (const members of groups.values()) members.delete(memberOf(organization, state).descriptor)
    organization.entries.clear()
  },
  'read-denied': (organization, state) => {
    const [project] = organization.projects
    const token = project ? gitToken(project, project.repositories[0]).toLowerCase() : ''
    const entry = new Map([
      [legacyDescriptorOf(identityOf(state).principalId, organization.tenant), { allow: 0, deny: 2 }]
    ])
    organization.entries.set(token, entry)
  },
  /** The project does not show to the identity; its entries on repositories stay. */
  'project-hidden': (organization) => {
    for (const token of organization.entries.keys())
      if (token.startsWith('$project:')) organization.entries.delete(token)
  },
  'project-denied': (organization, state) => {
    const token = projectToken({ id: organization.projects[0]?.id ?? '' }).toLowerCase()
    const denied = { allow: 0, deny: PROJECT.read }
    organization.entries.set(
      token,
      new Map([[legacyDescriptorOf(identityOf(state).principalId, organization.tenant), denied]])
    )
  },
  /** Somebody lets the identity do more where it has an entry. */
  'entries-widened': (organization) => {
    for (const list of organization.entries.values())
      for (const [descriptor, { allow, deny }] of list) list.set(descriptor, { allow: allow | 512, deny })
  },
  'repository-disabled': (organization) => {
    for (const repository of repositoriesOf(organization)) repository.disabled = true
  },
  'read-denied-to-group': (organization) => {
    denyTo(organization, 'Readers')
  },
  /** The group that is denied has the Readers as a member. */
  'read-denied-to-group-of-groups': (organization) => {
    const [project] = organization.projects
    if (!project) throw new RangeError('this defect needs a project')
    const groups = new Map([
      ...project.groups,
      ['Auditors', new Set([graphDescriptorOf(project.id, 'Readers')])] as const
    ])
    organization.projects[0] = { ...project, groups }
    denyTo(organization, 'Auditors')
  },
  'repository-renamed': (organization) => {
    const all = repositoriesOf(organization)
    const [app] = all
    if (app) all[0] = { ...app, name: 'app-renamed' }
  },
  /** shop is now called store; URLs with the old name still lead there. */
  'project-renamed': renameProject,
  /** No URL with the old name leads there any more. */
  'project-renamed-strictly': (organization) => {
    renameProject(organization)
    organization.formerNames = 'refused'
  },
  /** Somebody gave the old name to a new project. */
  'project-name-reused': (organization) => {
    renameProject(organization)
    const groups = new Map(
      [...(organization.projects[0]?.groups.keys() ?? [])].map((name) => [name, new Set<string>()])
    )
    organization.projects.push({ id: randomUUID(), name: IDS.project, repositories: [], groups })
  },
  'project-deleted': (organization) => {
    organization.projects.splice(0, 1)
  },
  /** HEAD names a branch that does not exist. */
  'default-branch-missing': (organization) => {
    changeApp(organization, (folder) => {
      writeFileSync(join(folder, 'HEAD'), 'ref: refs/heads/master\n')
      return { defaultBranch: 'refs/heads/master' }
    })
  },
  /** Its kustomization has a base in another repository. */
  'kustomize-remote-base': (organization) => {
    changeApp(organization, (folder) => {
      const kustomization = 'resources:\n  - https://dev.azure.com/contoso/shop/_git/base\n'
      commitTo(folder, { 'deploy/kustomization.yaml': kustomization }, 'from refs/heads/main^0\n')
      return {}
    })
  },
  'member-without-licence': (organization, state) => {
    memberOf(organization, state).licence = 'none'
  },
  'git-network-refused': (organization) => {
    organization.gitBehaviour = 'network refused'
  },
  'git-throttled': (organization) => {
    organization.gitBehaviour = 'throttled'
  },
  'git-forbidden': (organization) => {
    organization.gitBehaviour = 'forbidden'
  },
  'repository-deleted': (organization) => {
    repositoriesOf(organization).splice(0, 1)
  },
  /** service-1 to service-50, each as `app` is. */
  'fifty-repositories': (organization) => {
    const all = repositoriesOf(organization)
    const [app] = all
    if (!app) throw new RangeError('this defect needs a repository')
    for (let count = 1; count <= 50; count += 1)
      all.push({ ...app, id: randomUUID(), name: `service-${count}` })
  },
  /** Projects team-1 to team-18 with service-1 to service-5 each, all of them as `app` is. */
  'many-projects': (organization) => {
    const [app] = repositoriesOf(organization)
    if (!app) throw new RangeError('this defect needs a repository')
    for (let team = 1; team <= 18; team += 1) {
      const groups = new Map(
        ['Readers', 'Contributors', 'Project Administrators'].map((group) => [group, new Set<string>()])
      )
      const repositories = Array.from({ length: 5 }, (_, nth) => ({
        ...app,
        id: randomUUID(),
        name: `service-${nth + 1}`
      }))
      organization.projects.push({ id: randomUUID(), name: `team-${team}`, repositories, groups })
    }
  },
  'repository-empty': (organization) => {
    const [app, , empty] = repositoriesOf(organization)
    if (app && empty) repositoriesOf(organization)[0] = { ...app, folder: empty.folder }
  },
  /** Somebody with a licence who reads both projects. */
  'devops-not-admin': (organization) => {
    organization.collectionAdministrator = false
    const deployer = organization.member(IDS.deployerPrincipalId)
    for (const { groups } of organization.projects)
      if (deployer) groups.get('Readers')?.add(deployer.descriptor)
  },
  /** The question for one's own permissions says no to everybody. */
  'devops-permissions-deaf': (organization) => {
    organization.permissionsAnswered = false
  },
  'organization-other-tenant': (organization) => {
    organization.tenant = IDS.otherTenantId
  },
  'git-signin-page': (organization) => {
    organization.gitBehaviour = 'sign-in page'
  },
  'git-redirect': (organization) => {
    organization.gitBehaviour = 'redirect'
  },
  'git-redirects-fresh-members': (organization) => {
    organization.freshMembers = 'redirected'
  }
}

/** Its id, groups and entries stay; a repository of the project's name is renamed, too (learn.microsoft.com: Rename a project). */
function renameProject({ projects }: Organization): void {
  const [project] = projects
  if (!project) throw new RangeError('this defect needs a project')
  const { name: former, formerNames = [] } = project
  const repositories = project.repositories.map((one) =>
    one.name === former ? { ...one, name: 'store' } : one
  )
  projects[0] = { ...project, name: 'store', formerNames: [...formerNames, former], repositories }
}

function memberOf(organization: Organization, state: AzureState): Member {
  const member = organization.member(identityOf(state).principalId)
  if (!member) throw new RangeError('this defect needs the identity as a member; it is none yet')
  return member
}

/** Read on the first repository, to a group of its project. */
function denyTo({ projects, entries }: Organization, group: string): void {
  const [project] = projects
  if (!project) throw new RangeError('this defect needs a project')
  const denied = new Map([[groupDescriptorOf(project.id, group), { allow: 0, deny: 2 }]])
  entries.set(gitToken(project, project.repositories[0]).toLowerCase(), denied)
}

/** Changes a copy, because later tests have the same folder. */
function changeApp(organization: Organization, change: (folder: string) => Partial<Repository>): void {
  const all = repositoriesOf(organization)
  const [app] = all
  if (!app) throw new RangeError('this defect needs a repository')
  const folder = `${app.folder}-${randomUUID()}`
  cpSync(app.folder, folder, { recursive: true })
  all[0] = { ...app, folder, ...change(folder) }
}

/** The repositories of its first project. */
function repositoriesOf({ projects }: Organization): Repository[] {
  return projects[0]?.repositories ?? []
}
