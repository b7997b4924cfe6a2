/**
 * Only one run at a time moves the Secrets of an Argo CD: a Lease in its namespace names the run, is renewed while the
 * run lasts, and expires when the run was killed.
 */
import { MADE_BY_PATLESS } from '../../argocd/ownership.ts'
import { Problem } from '../../core/finding.ts'
import { word } from '../../core/shell.ts'
import { waitFor, type RunRetryPolicy } from '../../http/retry.ts'
import { LEASE } from '../permissions.ts'
import type { Lease, Leases } from '../../services/kubernetes/leases.ts'

/** How long it lasts without being renewed, in seconds. */
const LASTS = 60
/** Between two renewals, in ms. */
const RENEWAL = 20_000

export class MigrationLease {
  readonly #leases: Leases
  readonly #namespace: string
  readonly #holder: string
  readonly #timer: NodeJS.Timeout
  #renewedAt = Date.now()
  #taken: Lease | undefined

  private constructor(leases: Leases, namespace: string, holder: string) {
    this.#leases = leases
    this.#namespace = namespace
    this.#holder = holder
    // A renewal that fails is tried again; `assertHeld` decides before the next write.
    this.#timer = setInterval(() => void this.#renew().catch(() => undefined), RENEWAL).unref()
  }

  /**
   * Waits while another run holds it, for as long as a change may take to propagate.
   *
   * @param holder how this run is shown to another one that waits
   * @throws {Problem} when another run still holds it then
   */
  static async acquire(
    leases: Leases,
    namespace: string,
    holder: string,
    policy: RunRetryPolicy
  ): Promise<MigrationLease> {
    let other: Lease | undefined
    const deadline = Math.min(policy.deadline, Date.now() + policy.budget)
    return waitFor(
      { ...policy, deadline },
      'Another migration of this Argo CD is under way; waiting for it.',
      () => inProgress(namespace, other),
      async () => {
        other = await leases.find(namespace, LEASE)
        const free = other === undefined || other.holder === '' || !(other.expires > Date.now())
        if (!free) return undefined
        const mine = other
          ? await leases.hold(namespace, LEASE, other.version, holder, LASTS)
          : await leases.create(namespace, LEASE, MADE_BY_PATLESS, holder, LASTS)
        return mine ? new MigrationLease(leases, namespace, holder) : undefined
      }
    )
  }

  /** Called before each write. @throws {Problem} when another run may have taken over. */
  async assertHeld(): Promise<void> {
    if (this.#taken === undefined && Date.now() - this.#renewedAt > RENEWAL * 2) await this.#renew()
    const expired = Date.now() - this.#renewedAt > LASTS * 1000
    if (this.#taken !== undefined || expired) throw inProgress(this.#namespace, this.#taken)
  }

  /** @param leases a client that also works in a cancelled run */
  async release(leases: Leases): Promise<void> {
    clearInterval(this.#timer)
    const found = await leases.find(this.#namespace, LEASE)
    if (found?.holder === this.#holder) await leases.release(this.#namespace, LEASE, found.version)
  }

  async #renew(): Promise<void> {
    const at = Date.now()
    const found = await this.#leases.find(this.#namespace, LEASE)
    if (found?.holder !== this.#holder) {
      this.#taken = found ?? { version: { uid: '', resourceVersion: '' }, holder: '', expires: Number.NaN }
      return
    }
    if (await this.#leases.hold(this.#namespace, LEASE, found.version, this.#holder, LASTS))
      this.#renewedAt = at
  }
}

function inProgress(namespace: string, lease: Lease | undefined): Problem {
  const holder = lease === undefined || lease.holder === '' ? 'another run' : lease.holder
  const until = Number.isFinite(lease?.expires) ? new Date(lease?.expires ?? 0).toISOString() : 'unknown'
  return new Problem({
    id: 'migration/in-progress',
    summary: `Another run moves the Secrets of this Argo CD: ${holder} holds the Lease ${namespace}/${LEASE} (until ${until}, if it is not renewed).`,
    expected: `the Lease ${LEASE} free`,
    actual: `held by ${holder}`,
    remedy: `wait for that run to end, then run again; if it was killed, its Lease expires within ${LASTS} seconds`,
    command: `kubectl -n ${word(namespace)} get lease ${LEASE} -o yaml`
  })
}
