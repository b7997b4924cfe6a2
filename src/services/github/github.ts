/**
 * What GitHub writes as the subject into the OIDC tokens of a repository's jobs. Sources: REST API for GitHub Actions
 * OIDC; OpenID Connect reference; changelog of 2026-04-23 (immutable subjects: `repo:owner@id/name@id`).
 */
import * as z from 'zod/mini'
import { HttpProblem, safe, Unreachable } from '../../http/errors.ts'
import { send, understood, type Request, type Wire } from '../../http/request.ts'
import { VERSION } from '../../core/version.ts'

const customizationShape = z.looseObject({
  use_default: z.boolean(),
  include_claim_keys: z.nullish(z.array(z.string().check(z.regex(/^\w{1,60}$/))).check(z.maxLength(30))),
  use_immutable_subject: z.nullish(z.boolean()),
  sub_claim_prefix: z.nullish(z.string().check(z.regex(/^repo:[\w.-]+(?:@\d+)?\/[\w.-]+(?:@\d+)?$/)))
})
const repositoryShape = z.looseObject({
  id: z.int(),
  owner: z.looseObject({ id: z.int() }),
  visibility: z.nullish(z.string().check(z.regex(/^\w{1,20}$/))),
  default_branch: z.optional(z.string())
})

const commitShape = z.looseObject({ sha: z.string().check(z.regex(/^[0-9a-f]{40}$/)) })

/** A repository, and the one place in it whose jobs are trusted. */
export interface GitHubPlace {
  readonly owner: string
  readonly name: string
  readonly branch: string
  /** When set, a job is trusted by this instead of by its branch. */
  readonly environment?: string | undefined
  /** Path of the workflow in the repository. */
  readonly workflow: string
}

export type Subject =
  | { readonly subject: string; readonly asked: true }
  /** GitHub did not say: its long-standing default. */
  | { readonly subject: string; readonly asked: false; readonly why: string }

/** The keys of a custom subject cannot be filled in from here. */
export class UnknownSubject extends Error {
  override readonly name = 'UnknownSubject'
  readonly keys: readonly string[]
  constructor(keys: readonly string[]) {
    super(`no value for ${keys.join(', ')}`)
    this.keys = keys
  }
}

export class GitHub {
  readonly #api: string
  readonly #token: string | undefined
  readonly #wire: Wire
  /** @param token may read the repository; absent: only public repositories answer */
  constructor(api: string, token: string | undefined, wire: Wire) {
    this.#api = api
    this.#token = token
    this.#wire = wire
  }

  /**
   * The subject of the tokens of this place's jobs, byte for byte as far as GitHub says it.
   *
   * @throws {UnknownSubject} for a custom template with other keys
   */
  async subject(place: GitHubPlace): Promise<Subject> {
    const { owner, name } = place
    try {
      const repository = this.#get(`/repos/${owner}/${name}`)
      const template = this.#get(`/repos/${owner}/${name}/actions/oidc/customization/sub`)
      const reply = understood(customizationShape, await send(this.#wire, template), template)
      const {
        id,
        owner: of,
        visibility
      } = understood(repositoryShape, await send(this.#wire, repository), repository)
      const ids = { owner: of.id, repository: id, visibility: visibility ?? 'private' }
      return { subject: subjectOf(place, reply, ids), asked: true }
    } catch (error) {
      const refused = error instanceof HttpProblem && [401, 403, 404].includes(error.status)
      if (!refused && !(error instanceof Unreachable)) throw error
      const why = refused ? `it answered ${error.status}: ${safe(error.detail, 100)}` : error.message
      return { subject: `repo:${owner}/${name}:${contextOf(place)}`, asked: false, why }
    }
  }

  /** The commit of a tag in a public repository; undefined when GitHub does not say. */
  async commit(owner: string, name: string, tag: string): Promise<string | undefined> {
    const request = this.#get(`/repos/${owner}/${name}/commits/${tag}`)
    try {
      return understood(commitShape, await send(this.#wire, request), request).sha
    } catch (error) {
      if (error instanceof HttpProblem || error instanceof Unreachable) return undefined
      throw error
    }
  }

  #get(path: string): Request {
    const { origin } = new URL(this.#api)
    const token = this.#token
    return {
      service: 'GitHub',
      method: 'GET',
      url: `${this.#api}${path}`,
      headers: {
        accept: 'application/vnd.github+json',
        'user-agent': `patless/${VERSION}`,
        'x-github-api-version': '2022-11-28'
      },
      ...(token === undefined
        ? {}
        : { bearer: { token: () => Promise.resolve(token), mayGoTo: (url: URL) => url.origin === origin } })
    }
  }
}

function subjectOf(
  place: GitHubPlace,
  { use_default: usual, include_claim_keys: keys, ...answer }: z.infer<typeof customizationShape>,
  ids: { readonly owner: number; readonly repository: number; readonly visibility: string }
): string {
  const { owner, name, branch, environment, workflow } = place
  const immutable = answer.use_immutable_subject === true
  const repo =
    answer.sub_claim_prefix ??
    (immutable ? `repo:${owner}@${ids.owner}/${name}@${ids.repository}` : `repo:${owner}/${name}`)
  const parts = new Map([
    ['repo', repo],
    ['context', contextOf(place)],
    ['ref', `ref:refs/heads/${branch}`],
    ['repository', `repository:${owner}/${name}`],
    ['repository_id', `repository_id:${ids.repository}`],
    ['repository_owner', `repository_owner:${owner}`],
    ['repository_owner_id', `repository_owner_id:${ids.owner}`],
    ['repository_visibility', `repository_visibility:${ids.visibility}`],
    ['job_workflow_ref', `job_workflow_ref:${owner}/${name}/${workflow}@refs/heads/${branch}`],
    ...(environment === undefined ? [] : [['environment', `environment:${encoded(environment)}`] as const])
  ])
  const wanted = usual || !keys || keys.length === 0 ? ['repo', 'context'] : keys
  const unknown = wanted.filter((key) => !parts.has(key))
  if (unknown.length > 0) throw new UnknownSubject(unknown)
  return wanted.map((key) => parts.get(key) ?? '').join(':')
}

function contextOf({ branch, environment }: GitHubPlace): string {
  return environment === undefined ? `ref:refs/heads/${branch}` : `environment:${encoded(environment)}`
}

/** GitHub writes a colon in a value as %3A, so that it does not end the value (OpenID Connect reference). */
function encoded(text: string): string {
  return text.replaceAll(':', '%3A')
}
