/**
 * A kubeconfig, read as data: the client's own reader runs programs, and reads whatever files it names. Only the
 * current context counts; relative paths would be those of the working directory, which may be anybody's.
 * Form: kubernetes/client-go tools/clientcmd/api/v1.
 */
import { getCACertificates } from 'node:tls'
import type { Cluster, User } from '@kubernetes/client-node'
import * as z from 'zod/mini'
import { Problem, warning } from '../../core/finding.ts'
import { credentialsIn, withoutTrailing } from '../../core/text.ts'
import { safe } from '../../http/errors.ts'
import type { Wire } from '../../http/request.ts'
import { serviceFault } from '../endpoints.ts'
import { dataOf, textOfFile } from './files.ts'
import { clusterShape, contextShape, shape, userShape, type KubeconfigUser } from './kubeconfig-shapes.ts'
import { entraTokenIsMeant } from './plugins.ts'

/** Its YAML, and whose word it is: ARM's own answer names the API server of the cluster, a file may name any. */
export interface Kubeconfig {
  readonly yaml: string
  readonly from: 'ARM' | 'file'
}

/** What a login to the cluster may need. */
export interface Credentials {
  /** For the AKS server application; asked for only where it belongs. */
  readonly entraToken: () => Promise<string>
  readonly mask: (secret: string) => void
}

const LONGEST = 4 * 1024 * 1024

/**
 * The cluster and the login of the current context, with nothing in them that the client would run or read.
 *
 * @param parse YAML to a value
 * @throws {Problem} when it cannot be used, or wants a login that this run must not give. It holds no secret.
 */
export async function accessBy(
  { yaml, from }: Kubeconfig,
  parse: (yaml: string) => unknown,
  credentials: Credentials,
  { proxyFor, warn }: Pick<Wire, 'proxyFor' | 'warn'>
): Promise<{ cluster: Cluster; user: User }> {
  const whole = understood(shape, parsed(yaml, parse), 'the file')
  const current = whole['current-context']
  const context = understood(
    contextShape,
    whole.contexts.find(({ name }) => name === current)?.context,
    `the context ${current}`
  )
  const given = understood(
    clusterShape,
    whole.clusters.find(({ name }) => name === context.cluster)?.cluster,
    `the cluster ${context.cluster}`
  )
  const userName = context.user ?? ''
  const user = understood(
    userShape,
    whole.users?.find(({ name }) => name === userName)?.user ?? {},
    `the user ${userName}`
  )
  maskAll(user, credentials.mask)
  const server = withoutTrailing(given.server, '/')
  assertServer(server)
  if (given['insecure-skip-tls-verify'] === true)
    warn(
      warning({
        id: 'kubeconfig/tls-unchecked',
        summary: `The kubeconfig switches off the check of the certificate of ${new URL(server).host} (insecure-skip-tls-verify): whoever is on the way can read the login.`,
        remedy: 'give certificate-authority-data instead'
      })
    )
  const paths = from === 'file'
  const ca = dataOf(given['certificate-authority-data'], given['certificate-authority'], paths)
  const proxyUrl = proxyOf(given['proxy-url'], credentials.mask) ?? proxyFor(server)
  return {
    cluster: {
      name: 'cluster',
      server,
      caData: ca ?? trusted(),
      skipTLSVerify: given['insecure-skip-tls-verify'] === true,
      ...(present(given['tls-server-name']) ? { tlsServerName: given['tls-server-name'] } : {}),
      ...(proxyUrl === undefined ? {} : { proxyUrl })
    },
    user: {
      name: 'user',
      ...(await loginOf(user, { server, context: current, paths, credentials })),
      ...impersonatedBy(user)
    }
  }
}

interface Place {
  readonly server: string
  readonly context: string
  /** Whether it may name files, and servers of its own. */
  readonly paths: boolean
  readonly credentials: Credentials
}

async function loginOf(user: KubeconfigUser, place: Place): Promise<Partial<Omit<User, 'name'>>> {
  const { paths, credentials } = place
  if (entraTokenIsMeant(user, { ...place, anyServer: !paths }))
    return { token: await credentials.entraToken() }
  const fromFile = present(user.tokenFile) ? textOfFile(user.tokenFile, paths).trim() : undefined
  if (fromFile !== undefined) credentials.mask(fromFile)
  const token = fromFile ?? user.token
  const certData = dataOf(user['client-certificate-data'], user['client-certificate'], paths)
  const keyData = dataOf(user['client-key-data'], user['client-key'], paths)
  if (keyData !== undefined) maskKey(keyData, credentials.mask)
  return {
    ...(present(token) ? { token } : {}),
    ...(certData === undefined ? {} : { certData }),
    ...(keyData === undefined ? {} : { keyData }),
    ...(present(user.username) ? { username: user.username, password: user.password ?? '' } : {})
  }
}

/**
 * Whoever the login is, it acts as this user: to forget that would be to act with more rights than were meant.
 *
 * @throws {Problem} for what the client cannot send beside the name.
 */
function impersonatedBy(user: KubeconfigUser): Pick<User, 'impersonateUser'> {
  const more = (['as-groups', 'as-uid', 'as-user-extra'] as const).filter((key) => {
    const value = user[key]
    return value !== undefined && value !== null && Object.keys(value).length > 0
  })
  if (more.length > 0) {
    throw new Problem({
      id: 'kubeconfig/impersonation',
      summary: `The kubeconfig acts as somebody else by ${more.join(', ')}, which is not supported: the run would have other rights.`,
      expected: 'as, alone, or a user of its own',
      actual: more.join(', '),
      remedy: 'use a kubeconfig whose user has the rights itself (docs/permissions)'
    })
  }
  return present(user.as) ? { impersonateUser: headerWord(user.as) } : {}
}

function headerWord(name: string): string {
  if (/^[\x20-\x7e]{1,512}$/.test(name)) return name
  throw unreadable('the name in as is none')
}

/** @returns undefined for none. @throws {Problem} for what is no proxy; its login is masked first. */
function proxyOf(text: string | null | undefined, mask: (secret: string) => void): string | undefined {
  if (!present(text)) return undefined
  for (const secret of credentialsIn(text)) mask(secret)
  if (/^(?:https?|socks[45]?[ah]?):$/.test(URL.parse(text)?.protocol ?? '')) return text
  throw unreadable('its proxy-url is no URL of an HTTP or SOCKS proxy')
}

/** Before anything of it can be part of a message. */
function maskAll(user: KubeconfigUser, mask: (secret: string) => void): void {
  for (const secret of [user.token, user.password]) if (present(secret)) mask(secret)
  if (present(user['client-key-data'])) maskKey(user['client-key-data'], mask)
  for (const [key, value] of Object.entries(user['auth-provider']?.config ?? {}))
    if (/token|secret|password/i.test(key) && typeof value === 'string' && value !== '') mask(value)
}

/** As it is written, and as it is. */
function maskKey(data: string, mask: (secret: string) => void): void {
  mask(data)
  mask(Buffer.from(data, 'base64').toString('utf8'))
}

function present(value: string | null | undefined): value is string {
  return typeof value === 'string' && value !== ''
}

function assertServer(server: string): void {
  const fault = serviceFault(server)
  if (fault === undefined) return
  throw new Problem({
    id: 'kubeconfig/server-invalid',
    summary: `The server in the kubeconfig ${fault}.`,
    expected: 'an https URL without user, query and fragment',
    remedy: 'correct it: kubectl config set-cluster <name> --server=https://<address>'
  })
}

/** The parser's own message shows the lines around, which may hold a token: only its reason and place are told. */
function parsed(yaml: string, parse: (yaml: string) => unknown): unknown {
  if (yaml.length > LONGEST) throw unreadable(`it is larger than ${LONGEST} bytes`)
  try {
    return parse(yaml)
  } catch (error) {
    const { reason, mark } = error as { reason?: unknown; mark?: { line?: unknown } | null }
    const line = typeof mark?.line === 'number' ? ` in line ${mark.line + 1}` : ''
    throw unreadable(`${typeof reason === 'string' ? safe(reason, 100) : 'it is not YAML'}${line}`)
  }
}

function understood<T>(schema: z.ZodMiniType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const at = issue?.path.map(String).join('.') ?? ''
  throw unreadable(
    `${safe(where, 100)}: ${safe(at, 100)} ${safe(issue?.message ?? 'not as documented', 100)}`
  )
}

function unreadable(why: string): Problem {
  return new Problem({
    id: 'kubeconfig/unreadable',
    summary: `The kubeconfig cannot be read: ${why}.`,
    remedy:
      'give a whole kubeconfig with a current-context: kubectl config view --minify --flatten --raw > <file>'
  })
}

/** What Node trusts, NODE_EXTRA_CA_CERTS included. */
function trusted(): string {
  return Buffer.from(getCACertificates('default').join('\n')).toString('base64')
}
