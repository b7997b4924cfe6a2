/**
 * Commits, and refs other than branches and tags, which a pinned revision may name. Azure DevOps' own client knows the
 * routes, negotiates versions and reads the answers. Our HTTP client replaces its own, so that every request has the
 * same limits: no redirect, a time limit, a bounded body, the bearer for one host only.
 */
import { HttpProblem } from '../../http/errors.ts'
import { send, type Pace, type Request, type Wire } from '../../http/request.ts'
import type { Endpoints } from '../endpoints.ts'

interface Repository {
  readonly organization: string
  readonly project: string
  readonly repository: string
}

type Headers = Readonly<Record<string, unknown>>

export class History {
  readonly #endpoints: Endpoints
  readonly #wire: Wire
  readonly #pace: Pace | undefined
  /** @param pace that of the reader */
  constructor(endpoints: Endpoints, wire: Wire, pace?: Pace) {
    this.#endpoints = endpoints
    this.#wire = wire
    this.#pace = pace
  }

  /**
   * The commit of a revision: a full ref name (pull requests, annotated tags peeled), or a full or abbreviated commit
   * id in the repository.
   *
   * @param token the reader's token
   * @returns undefined when the repository has no such revision
   * @throws {HttpProblem}
   */
  async resolve(
    { organization, project, repository }: Repository,
    revision: string,
    token: string
  ): Promise<string | undefined> {
    const git = await this.#client(organization, token)
    if (/^[0-9a-f]{7,40}$/i.test(revision)) {
      const commit = (await git.getCommit(revision, repository, project)) as { commitId?: string } | null
      return commit?.commitId
    }
    const name = revision.replace(/^refs\//, '')
    const refs = await git.getRefs(repository, project, name, false, false, false, false, true)
    const ref = (refs as typeof refs | null)?.find((one) => one.name === `refs/${name}`)
    return ref?.peeledObjectId ?? ref?.objectId
  }

  async #client(organization: string, token: string) {
    const { GitApi } = await import('azure-devops-node-api/GitApi.js')
    const own = `${this.#endpoints.devops}/${organization}`
    const git = new GitApi(own, [], { allowRedirects: false })
    const ask = async (method: Request['method'], url: string, headers: Headers = {}) => {
      const request: Request = {
        service: 'Azure DevOps',
        method,
        url,
        bearer: {
          token: () => Promise.resolve(token),
          mayGoTo: ({ origin }) => origin === new URL(own).origin
        },
        ...(this.#pace && { pace: this.#pace }),
        headers: { accept: String(headers['Accept']), 'x-tfs-fedauthredirect': 'Suppress' }
      }
      try {
        const { status, text } = await send(this.#wire, request)
        return { message: { statusCode: status, headers: {} }, readBody: () => Promise.resolve(text) }
      } catch (error) {
        if (!(error instanceof HttpProblem) || error.status !== 404) throw error
        return { message: { statusCode: 404, headers: {} }, readBody: () => Promise.resolve('') }
      }
    }
    Object.assign(git.rest, {
      client: {
        get: (url: string, headers?: Headers) => ask('GET', url, headers),
        options: (url: string, headers?: Headers) => ask('OPTIONS', url, headers)
      }
    })
    return git
  }
}
