/**
 * What the access verification asks first, already asked while the rest of the chain is being read. Only a pass that
 * writes nothing does so: in the others, what was just written may not be known yet.
 */
import type { Node } from '../../engine/node.ts'
import { notInOrder } from '../../engine/verification.ts'
import type { ListedCredential } from '../../services/azure/listed-credential.ts'

/** A service account of the cluster. */
export interface Account {
  readonly namespace: string
  readonly serviceAccount: string
}

/** Who asks Entra. */
export interface Asker {
  readonly clientId: string
  readonly tenantId: string
}

/**
 * The account that most likely is the repo-server's: the only one of this cluster that the identity trusts.
 *
 * @param namespace of Argo CD, where it is known. @returns undefined when there is none, or several
 */
export function accountTrusted(
  credentials: readonly ListedCredential[],
  issuer: string | undefined,
  namespace: string | undefined
): Account | undefined {
  const accounts = credentials.flatMap((one): Account[] => {
    const [, home, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(one.subject ?? '') ?? []
    if (issuer === undefined || one.issuer !== issuer || home === undefined || name === undefined) return []
    return [{ namespace: home, serviceAccount: name }]
  })
  const [only] = accounts
  return accounts.length === 1 && (namespace ?? only?.namespace) === only?.namespace ? only : undefined
}

/**
 * Exchanges a token once the nodes are in order; the membership in the organization may still be read then.
 *
 * @returns gives the token, or its failure, to the first call, if that is for the same asker; else undefined
 */
export function exchangeEarly(
  nodes: readonly Node[],
  asker: () => Promise<Asker>,
  exchange: (asker: Asker) => Promise<string>
): (asker: Asker) => Promise<string | undefined> {
  const start = async (): Promise<{ of: Asker; token: Promise<string> } | undefined> => {
    if ((await notInOrder(nodes)) !== undefined) return undefined
    const of = await asker()
    const token = exchange(of)
    // Whoever takes it gets the failure.
    token.catch(() => undefined)
    return { of, token }
  }
  let started: ReturnType<typeof start> | undefined = start()
  started.catch(() => undefined)
  return async ({ clientId, tenantId }) => {
    const early = await started?.catch(() => undefined)
    started = undefined
    return early?.of.clientId === clientId && early.of.tenantId === tenantId ? early.token : undefined
  }
}
