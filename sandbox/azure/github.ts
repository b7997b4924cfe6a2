/**
 * GitHub's API, as far as it says what a job's OIDC token has as its subject (docs.github.com, OpenID Connect
 * reference; REST API for GitHub Actions OIDC). The tokens of the twin's jobs follow the same settings.
 */
import { randomUUID } from 'node:crypto'
import type { Journal } from '../journal.ts'
import { listen, type Listening, type Tls } from '../server.ts'
import type { Answer, Call } from '../wire.ts'

/** The settings of the one repository, and of the job that asks for a token. */
export interface GitHubSettings {
  owner: string
  name: string
  ownerId: number
  repositoryId: number
  /** Keys of the customized subject; undefined: GitHub's default. */
  keys: readonly string[] | undefined
  immutable: boolean
  branch: string
  environment: string | undefined
}

export interface GitHubApi extends Listening {
  readonly settings: GitHubSettings
  /** A token that may read the private repository. */
  readonly token: string
  reset(): void
}

const USUAL: GitHubSettings = {
  owner: 'contoso',
  name: 'platform',
  ownerId: 5544123,
  repositoryId: 821093847,
  keys: undefined,
  immutable: false,
  branch: 'main',
  environment: undefined
}

export async function startGitHubApi({
  journal,
  tls,
  issued
}: {
  journal: Journal
  tls: Tls
  issued: string[]
}): Promise<GitHubApi> {
  const settings = { ...USUAL }
  const token = `gho_${randomUUID().replaceAll('-', '')}`
  issued.push(token)
  /** A private repository does not exist for others. */
  const guarded =
    (handler: () => Answer) =>
    ({ headers, params }: Call): Answer => {
      const same = (one: string | undefined, other: string): boolean =>
        one?.toLowerCase() === other.toLowerCase()
      const known = same(params['owner'], settings.owner) && same(params['name'], settings.name)
      const { authorization } = headers
      if (authorization !== undefined && authorization !== `Bearer ${token}`)
        return { status: 401, body: { message: 'Bad credentials' } }
      if (headers['user-agent'] === undefined) return { status: 403, body: 'User-Agent header required.' }
      return known && authorization !== undefined
        ? handler()
        : { status: 404, body: { message: 'Not Found' } }
    }
  const listening = await listen({
    journal,
    tls,
    service: 'github',
    routes: [
      [
        'GET',
        '/repos/patless/patless/commits/:ref',
        ({ params }) =>
          /^v\d+\.\d+\.\d+$/.test(params['ref'] ?? '')
            ? { status: 200, body: { sha: '6dcb09b5b57875f334f61aebed695e2e4193db5e' } }
            : { status: 422, body: { message: `No commit found for SHA: ${params['ref'] ?? ''}` } }
      ],
      [
        'GET',
        '/repos/:owner/:name',
        guarded(() => ({
          status: 200,
          body: {
            id: settings.repositoryId,
            full_name: `${settings.owner}/${settings.name}`,
            owner: { login: settings.owner, id: settings.ownerId },
            private: true,
            visibility: 'private',
            default_branch: 'main'
          }
        }))
      ],
      [
        'GET',
        '/repos/:owner/:name/actions/oidc/customization/sub',
        guarded(() => ({
          status: 200,
          body: {
            use_default: settings.keys === undefined,
            ...(settings.keys && { include_claim_keys: settings.keys }),
            use_immutable_subject: settings.immutable,
            sub_claim_prefix: prefixOf(settings)
          }
        }))
      ]
    ],
    otherwise: () => ({ status: 404, body: { message: 'Not Found' } }),
    errorBody: (status) => ({ message: `The service answered ${status}.` })
  })
  return {
    ...listening,
    settings,
    token,
    reset() {
      Object.assign(settings, USUAL)
    }
  }
}

function prefixOf({ owner, name, ownerId, repositoryId, immutable }: GitHubSettings): string {
  return immutable ? `repo:${owner}@${ownerId}/${name}@${repositoryId}` : `repo:${owner}/${name}`
}

/** The subject of a job's token. */
export function subjectOf(settings: GitHubSettings): string {
  const { owner, name, ownerId, repositoryId, branch, environment, keys } = settings
  const ref = `refs/heads/${branch}`
  const context = environment === undefined ? `ref:${ref}` : `environment:${environment}`
  const parts: Readonly<Record<string, string>> = {
    repo: prefixOf(settings),
    context,
    ref: `ref:${ref}`,
    repository: `repository:${owner}/${name}`,
    repository_id: `repository_id:${repositoryId}`,
    repository_owner: `repository_owner:${owner}`,
    repository_owner_id: `repository_owner_id:${ownerId}`,
    repository_visibility: 'repository_visibility:private',
    job_workflow_ref: `job_workflow_ref:${owner}/${name}/.github/workflows/argocd-access.yml@${ref}`,
    ...(environment === undefined ? {} : { environment: `environment:${environment}` })
  }
  return (keys ?? ['repo', 'context']).map((key) => parts[key] ?? `${key}:`).join(':')
}
