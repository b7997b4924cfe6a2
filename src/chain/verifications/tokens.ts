/** The tokens of the access verification: of the repo-server's service account, and for it one of the identity. */
import type { Instance } from '../../argocd/instance.ts'
import { Problem } from '../../core/finding.ts'
import { HttpProblem, safe } from '../../http/errors.ts'
import { jsonOf, recordOf } from '../../http/request.ts'
import { AZURE_DEVOPS_SCOPE } from '../../services/endpoints.ts'
import type { Services } from '../../services/services.ts'
import type { Account, Asker } from './early.ts'

/** What is exchanged, and as whom. */
export interface Exchange extends Asker {
  /** Returns a new token of the repo-server's service account on each call. */
  readonly assertion: () => Promise<string>
  /** undefined: the issuer is unknown, so the issuer in the tokens is not compared. */
  readonly issuer: string | undefined
}

/** Tokens of the repo-server's service account: one per call, since a token may expire during a wait. */
export class ServiceAccountTokens {
  readonly #instance: Promise<Instance>
  readonly #pods: Promise<unknown>
  readonly #services: Services
  #first: Promise<string> | undefined

  /** @param pods settles when the account exists: Patless creates its own account together with the pods */
  constructor(instance: Promise<Instance>, pods: Promise<unknown>, services: Services) {
    this.#instance = instance
    this.#pods = pods
    this.#services = services
  }

  /**
   * Requests the first token while the rest of the chain is still being read.
   *
   * @param likely the account, as far as it is known before Argo CD was found: if Argo CD has another one, its token is
   *   not used
   */
  prefetch(likely: Promise<(Account & { readonly clusterId: string | undefined }) | undefined>): void {
    const early = likely.then((account) => {
      const token = account && serviceAccountToken(account, this.#services)
      token?.catch(() => undefined)
      return account && { account, token }
    })
    early.catch(() => undefined)
    this.#first = this.#ask(() => early.catch(() => undefined)).catch(async (error: unknown) => {
      if (!(error instanceof HttpProblem) || error.status !== 404) throw error
      await this.#pods
      return this.#ask()
    })
    // The caller of `next` gets the failure.
    this.#first.catch(() => undefined)
  }

  next(): Promise<string> {
    const token = this.#first ?? this.#ask()
    this.#first = undefined
    return token
  }

  async #ask(
    early: () => Promise<{ account: Account; token: Promise<string> | undefined } | undefined> = () =>
      Promise.resolve(undefined)
  ): Promise<string> {
    const { clusterId, namespace, account: serviceAccount } = await this.#instance
    const asked = await early()
    const isSame = asked?.account.namespace === namespace && asked.account.serviceAccount === serviceAccount
    if (isSame && asked.token) return asked.token
    return serviceAccountToken({ clusterId, namespace, serviceAccount }, this.#services)
  }
}

/** Uses TokenRequest, as the kubelet does for the pod. The token is masked before anything can print it. */
export async function serviceAccountToken(
  of: { readonly clusterId: string | undefined; readonly namespace: string; readonly serviceAccount: string },
  services: Services
): Promise<string> {
  const { clusterId, namespace, serviceAccount } = of
  const token = await services
    .kubernetes(clusterId)
    .token(namespace, serviceAccount, services.endpoints.exchangeAudience)
  services.mask(token)
  return token
}

/** @param scope of the token of the identity */
export async function exchanged(
  spec: Exchange,
  services: Services,
  scope = AZURE_DEVOPS_SCOPE
): Promise<string> {
  const assertion = await spec.assertion()
  assertIssuer(assertion, spec.issuer)
  const token = await services.entra.exchange(spec.tenantId, spec.clientId, assertion, scope)
  services.mask(token)
  return token
}

/** Reports at once a token from before the issuer was enabled, or from another cluster than the one looked up. */
function assertIssuer(token: string, expected: string | undefined): void {
  const [, payload = ''] = token.split('.')
  const { iss } = recordOf(jsonOf(Buffer.from(payload, 'base64url').toString('utf8')))
  if (expected === undefined || iss === expected) return
  throw new Problem({
    id: 'cluster/issuer-mismatch',
    summary: "The cluster's tokens carry an issuer that differs from the cluster's own.",
    expected,
    actual: typeof iss === 'string' ? safe(iss) : 'none',
    remedy:
      'check that kubeconfig and cluster are the same cluster; where the issuer was enabled only now, reconcile the cluster (an update without changes)'
  })
}
