/** Service account tokens: RS256, with a discovery document and keys that anybody may read, as AKS publishes them. */
import { randomUUID } from 'node:crypto'
import {
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
  type CryptoKey,
  type JSONWebKeySet
} from 'jose'
import type { Journal } from '../journal.ts'
import { listen, type Tls } from '../server.ts'

export interface Issuer {
  /** With its trailing slash; changes when the cluster is recreated. */
  readonly url: string
  sign(
    claims: { namespace: string; serviceAccount: string; uid: string },
    audiences: readonly string[],
    seconds: number
  ): Promise<string>
  /** `system:serviceaccount:…` of a token for the API server itself. */
  subjectOf(token: string): Promise<string | undefined>
  recreate(): Promise<void>
  close(): Promise<void>
}

interface Key {
  readonly path: string
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly jwks: JSONWebKeySet
}

export const API_AUDIENCE = 'https://kubernetes.default.svc.cluster.local'

export async function startIssuer(journal: Journal, tls: Tls): Promise<Issuer> {
  let key = await makeKey()
  const server = await listen({
    journal,
    tls,
    plane: 'oidc',
    routes: [
      [
        'GET',
        '/*/.well-known/openid-configuration',
        ({ url }) =>
          url.pathname === `/${key.path}/.well-known/openid-configuration`
            ? {
                status: 200,
                body: {
                  issuer: `${server.url}/${key.path}/`,
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
      return `${server.url}/${key.path}/`
    },
    sign: ({ namespace, serviceAccount, uid }, audiences, seconds) =>
      new SignJWT({ 'kubernetes.io': { namespace, serviceaccount: { name: serviceAccount, uid } } })
        .setProtectedHeader({ alg: 'RS256', kid: key.kid })
        .setIssuer(`${server.url}/${key.path}/`)
        .setSubject(`system:serviceaccount:${namespace}:${serviceAccount}`)
        .setAudience([...audiences])
        .setIssuedAt()
        .setNotBefore('-1s')
        .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
        .setJti(randomUUID())
        .sign(key.privateKey),
    async subjectOf(token) {
      try {
        const { payload } = await jwtVerify(token, createLocalJWKSet(key.jwks), { audience: API_AUDIENCE })
        return payload.sub
      } catch {
        return undefined
      }
    },
    async recreate() {
      key = await makeKey()
    },
    close: () => server.close()
  }
}

async function makeKey(): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const kid = randomUUID()
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256' }] } as JSONWebKeySet
  return { path: `issuer/${randomUUID()}`, kid, privateKey, jwks }
}
