/** Finds what set-up needs to know, and asks for the rest. */
import { organizationsOf, parseRepositories } from '../../config/repository-rules.ts'
import { InvalidInputs, type InputFault } from '../../config/inputs.ts'
import type { RepositoryUrl } from '../../config/repository-url.ts'
import { warning, type Finding, Problem } from '../../core/finding.ts'
import { UnknownSubject, type GitHub } from '../../services/github/github.ts'
import { VERSION } from '../../core/version.ts'
import type { Answers } from './answers.ts'
import type { Checkout } from './checkout.ts'
import * as form from './forms.ts'
import type { OptionName } from './options.ts'
import type { AzurePipeline, GitHubPipeline, Place, Settings } from './settings.ts'

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** A cluster that the person sees. */
export interface SeenCluster extends Place {
  readonly isDefault: boolean
}

const WORKFLOW = '.github/workflows/argocd-access.yml'
const PIPELINE = 'azure-pipelines/argocd-access.yml'
const ISSUER = 'https://token.actions.githubusercontent.com'

/** @throws {InvalidInputs} for URLs that are none, and for more organizations than a run takes */
export async function repositoriesOf(
  answers: Answers,
  environment: NodeJS.ProcessEnv
): Promise<Pick<Settings, 'repositories' | 'organizations'>> {
  const text = await answers.to({
    option: 'repository-url',
    what: 'https URL of the repository that Argo CD reads'
  })
  const faults: InputFault[] = []
  const fault = (input: string, problem: string, remedy: string): void => {
    faults.push({ input, problem, remedy })
  }
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const repositories = parseRepositories(lines, environment['AZURE_DEVOPS_URL'], fault)
  const organizations = organizationsOf(repositories, fault)
  if (faults.length > 0) throw new InvalidInputs(faults)
  return { repositories, organizations }
}

/** @param seen the clusters that the person sees; undefined: nobody is logged in */
export async function clusterOf(answers: Answers, seen: readonly SeenCluster[] | undefined): Promise<Place> {
  const [group, subscription, named] = [
    answers.checked('resource-group', form.resourceGroup),
    answers.checked('subscription-id', form.guid),
    answers.checked('cluster', form.clusterName)
  ]
  const fits = (one: string | undefined, other: string): boolean => one === undefined || same(one, other)
  const fitting = (seen ?? []).filter(
    (one) => fits(group, one.resourceGroup) && fits(subscription, one.subscriptionId) && fits(named, one.name)
  )
  const names = [...new Set(fitting.map(({ name }) => name))]
  const name = await answers.to({
    option: 'cluster',
    what: 'AKS cluster',
    found: names.length === 1 ? names[0] : undefined,
    ...(names.length > 0 && named === undefined && { choices: names }),
    fault: form.clusterName
  })
  const left = fitting.filter((one) => one.name === name)
  const groups = [...new Set(left.map((one) => one.resourceGroup))]
  const resourceGroup = await answers.to({
    option: 'resource-group',
    what: `resource group of ${name}`,
    found: groups.length === 1 ? groups[0] : undefined,
    ...(groups.length > 1 && { choices: groups }),
    fault: form.resourceGroup
  })
  const subscriptions = left
    .filter((one) => one.resourceGroup === resourceGroup)
    .map(({ subscriptionId }) => subscriptionId)
  const subscriptionId = await answers.to({
    option: 'subscription-id',
    what: `subscription of ${name}`,
    found: subscriptions.length === 1 ? subscriptions[0] : undefined,
    ...(subscriptions.length > 1 && { choices: subscriptions }),
    fault: form.guid
  })
  return { name, resourceGroup, subscriptionId }
}

/** @param tenants those of the az login, the default one first; empty: nobody is logged in */
export async function tenantOf(answers: Answers, tenants: readonly string[]): Promise<string> {
  const several = tenants.length > 1
  const [only] = tenants
  if (only !== undefined && !several && answers.option('tenant-id') === undefined) return only
  return answers.to({
    option: 'tenant-id',
    what: several ? 'tenant (az is logged in to several)' : 'tenant',
    // Which of several is never guessed; a person sees the default one first.
    found: several && !answers.asks ? undefined : only,
    ...(several && { choices: tenants }),
    fault: form.guid
  })
}

interface Known {
  readonly checkout: Checkout | undefined
  readonly repositories: readonly RepositoryUrl[]
  readonly github: GitHub
  readonly warn: (finding: Finding) => void
  /** Nothing of the token is needed. */
  readonly removing: boolean
}

export async function pipelineOf(answers: Answers, known: Known): Promise<GitHubPipeline | AzurePipeline> {
  const { checkout, repositories } = known
  const { remote } = checkout ?? {}
  const host = await answers.to({
    option: 'host',
    what: 'Where the pipeline runs',
    found: remote?.host ?? (answers.option('github-repository') === undefined ? undefined : 'github'),
    choices: ['github', 'azure-pipelines']
  })
  const branch = async (): Promise<string> =>
    answers.to({
      option: 'branch',
      what: 'branch whose jobs may log in',
      found: checkout?.branch ?? 'main',
      fault: form.branch
    })
  if (host === 'github') return gitHubPipeline(answers, known, await branch())
  const [first] = repositories
  const own = remote?.host === 'azure-pipelines' ? remote : undefined
  const organization = await answers.to({
    option: 'devops-organization',
    what: 'organization of the pipeline',
    found: own?.organization ?? first?.organization,
    fault: form.organization
  })
  const inOrganization = repositories.find((one) => same(one.organization, organization))
  const project = await answers.to({
    option: 'devops-project',
    what: 'project of the pipeline',
    found: own && same(own.organization, organization) ? own.project : inOrganization?.project,
    fault: form.project
  })
  const connection = await answers.to({
    option: 'service-connection',
    what: 'name of the service connection to make',
    found: 'patless',
    fault: form.connection
  })
  return { host: 'azure-pipelines', organization, project, connection, branch: await branch() }
}

async function gitHubPipeline(
  answers: Answers,
  { checkout, github, warn, removing }: Known,
  branch: string
): Promise<GitHubPipeline> {
  const { remote } = checkout ?? {}
  const full = await answers.to({
    option: 'github-repository',
    what: 'GitHub repository of the workflow (owner/name)',
    found: remote?.host === 'github' ? `${remote.owner}/${remote.name}` : undefined,
    fault: form.gitHubRepository
  })
  const [owner = '', name = ''] = full.split('/')
  const environment = answers.checked('environment', form.environment)
  const issuer = answers.checked('issuer', form.issuerUrl) ?? ISSUER
  const workflow = answers.checked('file', form.filePath) ?? WORKFLOW
  const given = answers.checked('subject', form.subject)
  const place = { owner, name, branch, environment, workflow }
  const subject = given ?? (await askedSubject(place, github, warn))
  const commit = removing ? undefined : await github.commit('patless', 'patless', `v${VERSION}`)
  if (commit === undefined && !removing) warn(warning(commitUnknown()))
  return { host: 'github', owner, name, branch, environment, issuer, subject, commit }
}

async function askedSubject(
  place: Parameters<GitHub['subject']>[0],
  github: GitHub,
  warn: Known['warn']
): Promise<string> {
  try {
    const answer = await github.subject(place)
    if (!answer.asked) warn(warning(assumed(answer.subject, answer.why)))
    return answer.subject
  } catch (error) {
    if (!(error instanceof UnknownSubject)) throw error
    throw new Problem({
      id: 'setup/subject-unknown',
      summary: `The tokens of ${place.owner}/${place.name} have a custom subject with ${error.keys.join(', ')}, which set-up does not know.`,
      remedy:
        'print a token of a job once (its sub claim), and give that as --subject; or take these keys out of the customization'
    })
  }
}

function assumed(subject: string, why: string) {
  return {
    id: 'setup/subject-assumed' as const,
    summary: `GitHub did not say what the subject of the repository's tokens is (${why}); the usual form is assumed.`,
    actual: subject,
    remedy:
      'set GH_TOKEN to a token that may read the repository (gh auth token) and run again, or give --subject; repositories made or renamed since July 2026 have ids in it'
  }
}

function commitUnknown() {
  return {
    id: 'setup/commit-unknown' as const,
    summary: `The commit of v${VERSION} could not be read from GitHub, so the workflow names the tag.`,
    remedy: `pin it by hand: git ls-remote https://github.com/patless/patless 'refs/tags/v${VERSION}^{}'`
  }
}

/** Names with defaults, and the rest of the options. */
export async function namesOf(
  answers: Answers,
  cluster: Place,
  host: Settings['pipeline']['host']
): Promise<
  Pick<Settings, 'identity' | 'login' | 'roleName' | 'access' | 'argocdNamespace' | 'selfService'> & {
    file: string
  }
> {
  const { subscriptionId } = cluster
  const resourceGroup =
    answers.checked('identity-resource-group', form.resourceGroup) ?? cluster.resourceGroup
  const identityName = answers.checked('identity-name', form.identityName) ?? `id-argocd-${cluster.name}`
  const kind = choice(answers, 'login', ['identity', 'application'])
  const loginName = await answers.to({
    option: 'login-name',
    what: `${kind} of the pipeline`,
    found: `id-patless-${cluster.name}`,
    fault: (text) =>
      form.identityName(text) ??
      (text.toLowerCase() === identityName.toLowerCase()
        ? "Argo CD's identity has this name; the pipeline needs one of its own."
        : undefined)
  })
  const access = choice(answers, 'access', ['project-readers', 'repository'])
  const file = await answers.to({
    option: 'file',
    what: 'file to write',
    found: host === 'github' ? WORKFLOW : PIPELINE,
    fault: form.filePath
  })
  return {
    identity: { subscriptionId, resourceGroup, name: identityName },
    login: { kind, subscriptionId, resourceGroup, name: loginName },
    roleName: answers.checked('role-name', form.roleName),
    access,
    argocdNamespace: answers.checked('argocd-namespace', form.namespace),
    selfService: answers.isSet('self-service'),
    file
  }
}

/** An option with few values, the first of which is the default. @throws {InvalidInputs} */
function choice<T extends string>(answers: Answers, name: OptionName, values: readonly [T, ...T[]]): T {
  const text = answers.option(name)
  const found = text === undefined ? values[0] : values.find((one) => one === text)
  if (found !== undefined) return found
  const problem = `"${text ?? ''}" is none of its values.`
  throw new InvalidInputs([{ input: `--${name}`, problem, remedy: `Choose ${values.join(' or ')}.` }])
}
