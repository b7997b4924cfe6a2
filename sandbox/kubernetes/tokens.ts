/** Service account tokens: RS256, with a public discovery document and keys, as AKS publishes them. */
import { randomUUID } from 'node:crypto'
import { createLocalJWKSet, jwtVerify, SignJWT, type JWTPayload } from 'jose'
import type { Journal } from '../journal.ts'
import { signingKey, verifiedOnce, type SigningKey } from '../keys.ts'
import { listen, type Tls } from '../server.ts'

export interface Issuer {
  /** As the tokens have it; changes when the cluster is recreated. */
  readonly url: string
  sign(
    claims: { namespace: string; serviceAccount: string; uid: string },
    audiences: readonly string[],
    seconds: number
  ): Promise<string>
  /** `system:serviceaccount:…` for a token whose audience is the API server. */
  subjectOf(token: string): Promise<string | undefined>
  /** @param path of the issuer as another kind of cluster has it, with its trailing slash or without; absent: as AKS */
  recreate(path?: string): Promise<void>
  close(): Promise<void>
}

interface Key extends SigningKey {
  readonly path: string
  /** What follows the path in the tokens. */
  readonly slash: '' | '/'
  readonly claimsOf: (token: string) => Promise<JWTPayload | undefined>
}

/** Lower numbers are the keys of Entra and of the CI hosts. */
const FIRST_KEY = 2

export const API_AUDIENCE = 'https://kubernetes.default.svc.cluster.local'

/** @param clock of the control plane, in ms since the epoch */
export async function startIssuer(journal: Journal, tls: Tls, clock: () => number): Promise<Issuer> {
  let clusters = 0
  let key = await makeKey(clusters, clock)
  const server = await listen({
    journal,
    tls,
    service: 'oidc',
    routes: [
      [
        'GET',
        '/*/.well-known/openid-configuration',
        ({ url }) =>
          url.pathname === `/${key.path}/.well-known/openid-configuration`
            ? {
                status: 200,
                body: {
                  issuer: `${server.url}/${key.path}${key.slash}`,
                  jwks_uri: `${server.url}/${key.path}/openid/v1/jwks`,
                  response_types_supported: ['id_token'],
                  subject_types_supported: ['public'],
                  id_token_signing_alg_values_supported: ['RS256']
                }
              }
            : { status: 404 }
      ],
      [
        'GET',
        '/*/openid/v1/jwks',
        ({ url }) =>
          url.pathname === `/${key.path}/openid/v1/jwks` ? { status: 200, body: key.jwks } : { status: 404 }
      ]
    ],
    otherwise: () => ({ status: 404 })
  })
  return {
    get url() {
      return `${server.url}/${key.path}${key.slash}`
    },
    sign: ({ namespace, serviceAccount, uid }, audiences, seconds) =>
      new SignJWT({ 'kubernetes.io': { namespace, serviceaccount: { name: serviceAccount, uid } } })
        .setProtectedHeader({ alg: 'RS256', kid: key.kid })
        .setIssuer(`${server.url}/${key.path}${key.slash}`)
        .setSubject(`system:serviceaccount:${namespace}:${serviceAccount}`)
        .setAudience([...audiences])
        .setIssuedAt(Math.floor(clock() / 1000))
        .setNotBefore(Math.floor(clock() / 1000) - 1)
        .setExpirationTime(Math.floor(clock() / 1000) + seconds)
        .setJti(randomUUID())
        .sign(key.privateKey),
    subjectOf: async (token) => (await key.claimsOf(token))?.sub,
    async recreate(path) {
      clusters += 1
      const made = await makeKey(clusters, clock)
      key =
        path === undefined
          ? made
          : { ...made, path: path.replace(/\/$/, ''), slash: path.endsWith('/') ? '/' : '' }
    },
    close: () => server.close()
  }
}

/** @param nth number of the cluster in this twin: each has its own keys */
async function makeKey(nth: number, clock: () => number): Promise<Key> {
  const key = await signingKey(FIRST_KEY + nth)
  const keys = createLocalJWKSet(key.jwks)
  const claimsOf = verifiedOnce(
    async (token) =>
      (await jwtVerify(token, keys, { audience: API_AUDIENCE, currentDate: new Date(clock()) })).payload
  )
  return { ...key, path: `issuer/${randomUUID()}`, slash: '/', claimsOf }
}
