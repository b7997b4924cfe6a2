/** Finds where the pipeline runs, and what its tokens say, and asks for the rest. */
import type { RepositoryUrl } from '../../config/repository-url.ts'
import { warning, type Finding, Problem } from '../../core/finding.ts'
import { VERSION } from '../../core/version.ts'
import { UnknownSubject, type GitHub } from '../../services/github/github.ts'
import type { Answers } from './answers.ts'
import type { Checkout } from './checkout.ts'
import * as form from './forms.ts'
import type { AzurePipeline, GitHubPipeline } from './settings.ts'

export const WORKFLOW = '.github/workflows/argocd-access.yml'
const ISSUER = 'https://token.actions.githubusercontent.com'

/** Names of Azure and Azure DevOps are the same in any case. */
export function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
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
      'set GH_TOKEN to a token that may read the repository and run again, or give --subject; repositories made or renamed since July 2026 have ids in it',
    command: 'export GH_TOKEN="$(gh auth token)"'
  }
}

function commitUnknown() {
  return {
    id: 'setup/commit-unknown' as const,
    summary: `The commit of v${VERSION} could not be read from GitHub, so the workflow names the tag.`,
    remedy: 'pin the commit that the command shows by hand',
    command: `git ls-remote https://github.com/patless/patless 'refs/tags/v${VERSION}^{}'`
  }
}
