/**
 * What Entra compares of a token that a login presents: issuer, subject and audience, byte for byte. They are no secrets.
 * What a subject says of the job that may log in with it is known for the two CI systems.
 */
import * as z from 'zod/mini'
import { jsonOf } from '../../http/request.ts'

export interface Claims {
  readonly issuer: string
  readonly subject: string
  readonly audience: string
}

const claim = z.string().check(z.minLength(1), z.maxLength(2_000))
const claimsShape = z.looseObject({
  iss: claim,
  sub: claim,
  aud: z.union([claim, z.tuple([claim], claim)])
})

/** @returns the claims of a JWT, which nobody has verified; undefined for any other text */
export function claimsOf(token: string): Claims | undefined {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')
  const { data } = claimsShape.safeParse(jsonOf(payload))
  if (!data) return undefined
  return { issuer: data.iss, subject: data.sub, audience: Array.isArray(data.aud) ? data.aud[0] : data.aud }
}

/**
 * Which jobs have this subject, and why an older credential may not match it; empty for a subject of another kind.
 *
 * Sources: docs.github.com "OpenID Connect reference" and "immutable subject claims" (default for repositories created
 * or renamed since July 2026); learn.microsoft.com "Convert service connections" (issuers of Azure Pipelines).
 */
export function notesOn({ issuer, subject }: Claims): string[] {
  const host = URL.parse(issuer)?.hostname.toLowerCase() ?? ''
  if (host === 'vstoken.dev.azure.com')
    return [
      'the subject has the names of organization, project and service connection: renaming one of them needs a new credential',
      'this issuer retires on 1 July 2027: converting the service connection replaces it'
    ]
  if (host === 'login.microsoftonline.com')
    return [
      'service connections created or converted since November 2025 have this issuer and subject: a credential for vstoken.dev.azure.com and sc://… does not match them'
    ]
  const isGitHub = /^token\.actions\.(?:githubusercontent\.com|[a-z0-9-]+\.ghe\.com)$/.test(host)
  return isGitHub || issuer.endsWith('/_services/token') ? notesOnGitHub(issuer, subject) : []
}

function notesOnGitHub(issuer: string, subject: string): string[] {
  const [, environment] = /(?:^|:)environment:([^:]+)/.exec(subject) ?? []
  const [, kind, ref] = /(?:^|:)ref:refs\/(heads|tags)\/(.+)$/.exec(subject) ?? []
  const notes = [
    /\/[^/]/.test(URL.parse(issuer)?.pathname ?? '') && !issuer.endsWith('/_services/token')
      ? 'the enterprise has an issuer of its own, and a credential for the common one does not match it'
      : '',
    issuer.endsWith('/_services/token')
      ? 'Entra must be able to read the documents of this GitHub Enterprise Server from the internet'
      : '',
    /^repo:[^/]+@\d+\/[^:]+@\d+/.test(subject)
      ? 'the repository has immutable subjects, with the ids of owner and repository: a credential without them does not match'
      : '',
    environment === undefined
      ? ''
      : `every job with environment ${environment} has this subject, on any branch; a job without it has another`,
    kind === undefined || ref === undefined
      ? ''
      : `only runs on the ${kind === 'heads' ? 'branch' : 'tag'} ${ref} have this subject: each further branch, tag or environment needs a credential of its own`,
    /:pull_request$/.test(subject)
      ? 'every run of a pull request has this subject: whoever can open one could log in with it'
      : '',
    /(?:^|:)job_workflow_ref:/.test(subject)
      ? 'the subject names the reusable workflow and its ref: another version of it needs a credential of its own'
      : '',
    subject.startsWith('repo:')
      ? ''
      : 'the organization or repository customizes its subjects: a credential for the usual form does not match'
  ]
  return notes.filter((one) => one !== '')
}
