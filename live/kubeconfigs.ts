/** The kubeconfigs in ARM's answer to listCluster…Credential: which API server they name, and how it is reached. */
import { parse, stringify } from 'yaml'

/** What the recorder needs to speak to it in a client's place; PEM. */
export interface ApiServer {
  readonly url: string
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

interface Kubeconfig {
  clusters?: { cluster: { server: string; 'certificate-authority-data'?: string } }[]
  users?: { user?: { 'client-certificate-data'?: string; 'client-key-data'?: string } }[]
}

/**
 * @param ca PEM of the authority that clients are to trust instead
 * @returns the answer with that authority, and the servers by host; the answer as it is when it holds no kubeconfig
 */
export function readKubeconfigs(
  body: Buffer,
  ca: string
): { rewritten: Buffer; servers: Map<string, ApiServer> } {
  const servers = new Map<string, ApiServer>()
  const answer = jsonOf(body) as { kubeconfigs?: { name: string; value: string }[] } | undefined
  if (!answer?.kubeconfigs) return { rewritten: body, servers }
  const kubeconfigs = answer.kubeconfigs.map(({ name, value }) => {
    const config = parse(Buffer.from(value, 'base64').toString('utf8')) as Kubeconfig
    const user = config.users?.[0]?.user
    for (const { cluster } of config.clusters ?? []) {
      servers.set(new URL(cluster.server).host, {
        url: cluster.server,
        ca: decoded(cluster['certificate-authority-data']),
        cert: decoded(user?.['client-certificate-data']),
        key: decoded(user?.['client-key-data'])
      })
      cluster['certificate-authority-data'] = Buffer.from(ca).toString('base64')
    }
    return { name, value: Buffer.from(stringify(config)).toString('base64') }
  })
  return { rewritten: Buffer.from(JSON.stringify({ ...answer, kubeconfigs })), servers }
}

function decoded(data: string | undefined): string | undefined {
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8')
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
