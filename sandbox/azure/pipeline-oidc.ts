/** The OIDC endpoints of the two CI hosts; Entra checks their tokens like those of any other issuer. */
import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { signingKey } from '../keys.ts'
import type { Journal } from '../journal.ts'
import { listen, type Tls } from '../server.ts'
import type { Answer, Call } from '../wire.ts'
import { AUDIENCES, type Trust } from '../world.ts'
import { subjectOf, type GitHubSettings } from './github.ts'
import type { ServiceEndpoint } from './organization.ts'
import { IDS } from './state.ts'

export interface PipelineOidc {
  readonly github: { readonly requestUrl: string; readonly requestToken: string }
  readonly azurePipelines: {
    readonly oidcRequestUri: string
    readonly accessToken: string
    readonly serviceConnectionId: string
    /** Of the application in the second tenant. */
    readonly otherConnectionId: string
  }
  /** Of the tokens of each host. */
  readonly issuers: Readonly<Record<'github' | 'azurePipelines', string>>
  /** What the application of each tenant trusts. */
  readonly trusts: Readonly<Record<'deployer' | 'otherLogin', Trust[]>>
  close(): Promise<void>
}

const CONNECTION_SUBJECT = `sc://${IDS.organization}/platform/azure-gitops`
const OTHER_SUBJECT = `sc://${IDS.organization}/platform/azure-identities`

export async function startPipelineOidc(options: {
  journal: Journal
  tls: Tls
  issued: string[]
  github: GitHubSettings
  /** Those that a person made, beside the one of the deployer. */
  connections: () => readonly ServiceEndpoint[]
}): Promise<PipelineOidc> {
  const { journal, tls, issued } = options
  const { kid, privateKey, jwks } = await signingKey(1)
  const requestToken = `gh-request-${randomUUID()}`
  const accessToken = `system-access-${randomUUID()}`
  const serviceConnectionId = 'c0ffee00-1111-4222-8333-444455556666'
  const otherConnectionId = 'c0ffee00-1111-4222-8333-444455557777'
  const subjects = new Map([
    [serviceConnectionId, CONNECTION_SUBJECT],
    [otherConnectionId, OTHER_SUBJECT]
  ])
  issued.push(requestToken, accessToken)

  // The issuers publish over https, as Entra requires; the runner's request endpoint is on loopback.
  const issuer = await listen({
    journal,
    tls,
    service: 'oidc',
    routes: [
      [
        'GET',
        '/:host/.well-known/openid-configuration',
        ({ params }) => ({
          status: 200,
          body: {
            issuer: `${issuer.url}/${params['host'] ?? ''}`,
            jwks_uri: `${issuer.url}/keys`,
            response_types_supported: ['id_token'],
            subject_types_supported: ['public'],
            id_token_signing_alg_values_supported: ['RS256']
          }
        })
      ],
      ['GET', '/keys', () => ({ status: 200, body: jwks })]
    ],
    otherwise: () => ({ status: 404, body: { message: 'not found' } })
  })
  const signed = async (host: string, subject: string, audience: string): Promise<string> => {
    const token = await new SignJWT({ repository: 'contoso/platform', ref: 'refs/heads/main' })
      .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
      .setIssuer(`${issuer.url}/${host}`)
      .setSubject(subject)
      .setAudience(audience)
      .setIssuedAt()
      .setNotBefore('-10s')
      .setExpirationTime('5m')
      .setJti(randomUUID())
      .sign(privateKey)
    issued.push(token)
    return token
  }
  const github = async ({ headers, url }: Call): Promise<Answer> => {
    if (headers.authorization !== `Bearer ${requestToken}`)
      return { status: 401, body: { message: 'unauthorized' } }
    const audience = url.searchParams.get('audience') ?? 'https://github.com/contoso'
    return { status: 200, body: { value: await signed('github', subjectOf(options.github), audience) } }
  }
  const pipelines = async ({ headers, url }: Call): Promise<Answer> => {
    if (headers.authorization !== `Bearer ${accessToken}`)
      return { status: 401, body: { message: 'unauthorized' } }
    const id = url.searchParams.get('serviceConnectionId')
    const made = options.connections().find((one) => one.id === id)
    const subject = subjects.get(id ?? '') ?? made?.subject
    if (subject === undefined)
      return { status: 404, body: { message: 'No service connection with that id.' } }
    return { status: 200, body: { oidcToken: await signed('devops', subject, AUDIENCES.exchange) } }
  }
  const requests = await listen({
    journal,
    service: 'oidc',
    routes: [
      ['GET', '/github/token', github],
      ['POST', '/devops/oidctoken', pipelines]
    ],
    otherwise: () => ({ status: 404, body: { message: 'not found' } })
  })
  const trust = (host: string, subject: string): Trust => ({
    issuer: `${issuer.url}/${host}`,
    subject,
    audience: AUDIENCES.exchange,
    writtenAt: 0
  })
  return {
    github: { requestUrl: `${requests.url}/github/token?api-version=2.0`, requestToken },
    azurePipelines: {
      oidcRequestUri: `${requests.url}/devops/oidctoken`,
      accessToken,
      serviceConnectionId,
      otherConnectionId
    },
    trusts: {
      deployer: [trust('github', subjectOf(options.github)), trust('devops', CONNECTION_SUBJECT)],
      otherLogin: [trust('github', subjectOf(options.github)), trust('devops', OTHER_SUBJECT)]
    },
    issuers: { github: `${issuer.url}/github`, azurePipelines: `${issuer.url}/devops` },
    close: async () => {
      await Promise.all([issuer.close(), requests.close()])
    }
  }
}
