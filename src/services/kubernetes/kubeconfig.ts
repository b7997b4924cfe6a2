/**
 * Reads a kubeconfig as data, because the client's own reader runs programs and reads any file that it names. Only the
 * current context counts. Relative paths are refused: they would refer to the working directory, which anyone may own.
 * Format: kubernetes/client-go tools/clientcmd/api/v1.
 */
import { X509Certificate } from 'node:crypto'
import { createSecureContext, getCACertificates } from 'node:tls'
import type { Cluster, User } from '@kubernetes/client-node'
import * as z from 'zod/mini'
import { Problem, warning } from '../../core/finding.ts'
import { word } from '../../core/shell.ts'
import { credentialsIn, withoutTrailing } from '../../core/text.ts'
import { safe } from '../../http/errors.ts'
import type { Wire } from '../../http/request.ts'
import { serviceFault } from '../endpoints.ts'
import { dataOf, textOfFile, WHOLE_KUBECONFIG } from './files.ts'
import { clusterShape, contextShape, shape, userShape, type KubeconfigUser } from './kubeconfig-shapes.ts'
import { describeIssue } from './shapes.ts'

/** The YAML and its origin: in ARM's answer the server is the cluster's API server, in a file it may be any. */
export interface Kubeconfig {
  readonly yaml: string
  readonly from: 'ARM' | 'file'
}

/** What a login to the cluster may use. */
export interface Credentials {
  /** Requests a token for the AKS server application; called only for AKS clusters. */
  readonly entraToken: () => Promise<string>
  readonly mask: (secret: string) => void
}

/** In characters. */
const LONGEST = 4 * 1024 * 1024

/**
 * The cluster and the user of the current context, without anything that the client would run or read.
 *
 * @param parse a YAML parser
 * @throws {Problem} when it is unusable or needs a login that this run must not use. The error contains no secret.
 */
export async function readAccess(
  { yaml, from }: Kubeconfig,
  parse: (yaml: string) => unknown,
  credentials: Credentials,
  { proxyFor, warn }: Pick<Wire, 'proxyFor' | 'warn'>
): Promise<{ cluster: Cluster; user: User }> {
  const whole = parsePart(shape, parseYaml(yaml, parse), 'the file')
  const current = whole['current-context']
  const context = parsePart(
    contextShape,
    whole.contexts.find(({ name }) => name === current)?.context,
    `the context ${current}`
  )
  const given = parsePart(
    clusterShape,
    whole.clusters.find(({ name }) => name === context.cluster)?.cluster,
    `the cluster ${context.cluster}`
  )
  const userName = context.user ?? ''
  const user = parsePart(
    userShape,
    whole.users?.find(({ name }) => name === userName)?.user ?? {},
    `the user ${userName}`
  )
  maskAll(user, credentials.mask)
  const server = withoutTrailing(given.server, '/')
  assertServer(server, context.cluster)
  if (given['insecure-skip-tls-verify'] === true)
    warn(
      warning({
        id: 'kubeconfig/tls-unchecked',
        summary: `The kubeconfig disables the certificate check for ${new URL(server).host} (insecure-skip-tls-verify): anyone on the network path can read the login.`,
        remedy: 'set certificate-authority-data instead'
      })
    )
  const paths = from === 'file'
  const ca = dataOf(given['certificate-authority-data'], given['certificate-authority'], paths)
  if (ca !== undefined) assertAuthorities(ca)
  const proxyUrl = proxyOf(given['proxy-url'], credentials.mask) ?? proxyFor(server)
  return {
    cluster: {
      name: 'cluster',
      server,
      caData: ca ?? trustedCertificates(),
      skipTLSVerify: given['insecure-skip-tls-verify'] === true,
      ...(present(given['tls-server-name']) ? { tlsServerName: given['tls-server-name'] } : {}),
      ...(proxyUrl === undefined ? {} : { proxyUrl })
    },
    user: {
      name: 'user',
      ...(await loginOf(user, { server, context: current, paths, credentials })),
      ...impersonationOf(user)
    }
  }
}

interface LoginContext {
  readonly server: string
  readonly context: string
  /** Whether the kubeconfig may name files and any server. */
  readonly paths: boolean
  readonly credentials: Credentials
}

async function loginOf(
  user: KubeconfigUser,
  { server, context, paths, credentials }: LoginContext
): Promise<Partial<Omit<User, 'name'>>> {
  if (user.exec || user['auth-provider']) {
    const { needsEntraToken } = await import('./plugins.ts')
    if (needsEntraToken(user, { server, context, anyServer: !paths }))
      return { token: await credentials.entraToken() }
  }
  const fromFile = present(user.tokenFile) ? textOfFile(user.tokenFile, paths).trim() : undefined
  if (fromFile !== undefined) credentials.mask(fromFile)
  const token = fromFile ?? user.token
  const certData = dataOf(user['client-certificate-data'], user['client-certificate'], paths)
  const keyData = dataOf(user['client-key-data'], user['client-key'], paths)
  if (keyData !== undefined) maskKey(keyData, credentials.mask)
  assertPair(certData, keyData)
  return {
    ...(present(token) ? { token } : {}),
    ...(certData === undefined ? {} : { certData }),
    ...(keyData === undefined ? {} : { keyData }),
    ...(present(user.username) ? { username: user.username, password: user.password ?? '' } : {})
  }
}

/**
 * OpenSSL skips what is no certificate, and then the server looks untrusted; kubectl refuses it, too.
 *
 * @param data PEM as base64 @throws {Problem}
 */
function assertAuthorities(data: string): void {
  const pems = decoded(data).match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  if (pems.length === 0) throw unreadable('its certificate authority is not a certificate in PEM')
  for (const pem of pems)
    try {
      new X509Certificate(pem)
    } catch {
      throw unreadable('a certificate of its certificate authority is damaged')
    }
}

/** @param certificate PEM as base64, like the key @throws {Problem} unless they belong together; both may be absent */
function assertPair(certificate: string | undefined, key: string | undefined): void {
  if (certificate === undefined && key === undefined) return
  if (certificate === undefined) throw unreadable('its client key has no client certificate')
  if (key === undefined) throw unreadable('its client certificate has no client key')
  try {
    createSecureContext({ cert: decoded(certificate), key: decoded(key) })
  } catch {
    throw unreadable('its client certificate and client key are not a pair in PEM')
  }
}

function decoded(data: string): string {
  return Buffer.from(data, 'base64').toString('utf8')
}

/**
 * The user that the login impersonates: ignoring it would give the run more rights than intended.
 *
 * @throws {Problem} for impersonation by more than the name, which the client cannot send.
 */
function impersonationOf(user: KubeconfigUser): Pick<User, 'impersonateUser'> {
  const more = (['as-groups', 'as-uid', 'as-user-extra'] as const).filter((key) => {
    const value = user[key]
    return value !== undefined && value !== null && Object.keys(value).length > 0
  })
  if (more.length > 0) {
    throw new Problem({
      id: 'kubeconfig/impersonation',
      summary: `The kubeconfig impersonates by ${more.join(', ')}, which Patless does not support: the run would have other rights.`,
      expected: 'only the key as, or no impersonation',
      actual: more.join(', '),
      remedy: 'use a kubeconfig whose user has the rights itself (docs/permissions)'
    })
  }
  return present(user.as) ? { impersonateUser: headerWord(user.as) } : {}
}

function headerWord(name: string): string {
  if (/^[\x20-\x7e]{1,512}$/.test(name)) return name
  throw unreadable('the key as has an invalid name')
}

/** @returns undefined when there is none. @throws {Problem} for an invalid proxy; its credentials are masked first. */
function proxyOf(text: string | null | undefined, mask: (secret: string) => void): string | undefined {
  if (!present(text)) return undefined
  for (const secret of credentialsIn(text)) mask(secret)
  if (/^(?:https?|socks[45]?[ah]?):$/.test(URL.parse(text)?.protocol ?? '')) return text
  throw unreadable('its proxy-url is not the URL of an HTTP or SOCKS proxy')
}

/** Masks all secrets before a message can contain one. */
function maskAll(user: KubeconfigUser, mask: (secret: string) => void): void {
  for (const secret of [user.token, user.password]) if (present(secret)) mask(secret)
  if (present(user['client-key-data'])) maskKey(user['client-key-data'], mask)
  for (const [key, value] of Object.entries(user['auth-provider']?.config ?? {}))
    if (/token|secret|password/i.test(key) && typeof value === 'string' && value !== '') mask(value)
}

/** Masks both the base64 form and the decoded key. */
function maskKey(data: string, mask: (secret: string) => void): void {
  mask(data)
  mask(decoded(data))
}

function present(value: string | null | undefined): value is string {
  return typeof value === 'string' && value !== ''
}

function assertServer(server: string, cluster: string): void {
  const fault = serviceFault(server)
  if (fault === undefined) return
  throw new Problem({
    id: 'kubeconfig/server-invalid',
    summary: `The server in the kubeconfig ${fault}.`,
    expected: 'an https URL without user, query and fragment',
    remedy: 'correct it to the https address of the API server',
    command: `kubectl config set-cluster ${word(safe(cluster, 100))} --server='https://<address of the API server>'`
  })
}

/** The parser's message quotes lines that may contain a token, so only its reason and line number are reported. */
function parseYaml(yaml: string, parse: (yaml: string) => unknown): unknown {
  if (yaml.length > LONGEST) throw unreadable(`it is larger than ${LONGEST} bytes`)
  try {
    return parse(yaml)
  } catch (error) {
    const { reason, mark } = error as { reason?: unknown; mark?: { line?: unknown } | null }
    const line = typeof mark?.line === 'number' ? ` in line ${mark.line + 1}` : ''
    throw unreadable(`${typeof reason === 'string' ? safe(reason, 100) : 'it is not YAML'}${line}`)
  }
}

function parsePart<T>(schema: z.ZodMiniType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw unreadable(`${safe(where, 100)}: ${safe(describeIssue(result.error), 200)}`)
}

function unreadable(why: string): Problem {
  return new Problem({
    id: 'kubeconfig/unreadable',
    summary: `The kubeconfig cannot be read: ${why}.`,
    remedy: 'give a whole kubeconfig with a current-context: the command writes one',
    command: WHOLE_KUBECONFIG
  })
}

/** The certificates that Node trusts, including NODE_EXTRA_CA_CERTS, as base64. */
function trustedCertificates(): string {
  return Buffer.from(getCACertificates('default').join('\n')).toString('base64')
}
