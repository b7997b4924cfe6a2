/** Leases (coordination.k8s.io/v1): who does something that only one may do at a time. */
import * as z from 'zod/mini'
import { HttpProblem, safe } from '../../http/errors.ts'
import { recordOf } from '../../http/request.ts'
import type { Kubernetes, ObjectKind } from './api.ts'
import { marksOf, type Version } from './marks.ts'
import { parseReply } from './shapes.ts'

const LEASES: ObjectKind = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases' }

const text = z.catch(z.optional(z.string()), undefined)
const shape = z.looseObject({
  spec: z.catch(
    z.optional(
      z.looseObject({
        holderIdentity: text,
        leaseDurationSeconds: z.catch(z.optional(z.number()), undefined),
        renewTime: text
      })
    ),
    undefined
  )
})

export interface Lease {
  readonly version: Version
  /** As its holder calls itself, made safe to print; '' when nobody holds it. */
  readonly holder: string
  /** ms since the epoch; NaN when it is not recorded, which counts as expired. */
  readonly expires: number
}

export class Leases {
  readonly #kubernetes: Kubernetes
  constructor(kubernetes: Kubernetes) {
    this.#kubernetes = kubernetes
  }

  async find(namespace: string, name: string): Promise<Lease | undefined> {
    const found = await this.#kubernetes.object(LEASES, namespace, name)
    if (found === undefined) return undefined
    const {
      holderIdentity = '',
      leaseDurationSeconds = 0,
      renewTime = ''
    } = parseReply('get leases', shape, found).spec ?? {}
    return {
      version: marksOf(recordOf(found)['metadata']).version,
      holder: safe(holderIdentity, 200),
      expires: Date.parse(renewTime) + leaseDurationSeconds * 1000
    }
  }

  /** @returns false when somebody else was faster. @param seconds how long it lasts without being renewed */
  async create(
    namespace: string,
    name: string,
    labels: Readonly<Record<string, string>>,
    holder: string,
    seconds: number
  ): Promise<boolean> {
    const acquireTime = microTime()
    const body = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, labels },
      spec: specOf(holder, seconds, { acquireTime })
    }
    return unlessConflict(this.#kubernetes.createObject(LEASES, namespace, body))
  }

  /**
   * Takes it over or renews it, in the version that was read.
   *
   * @returns false when it has changed since
   */
  async hold(
    namespace: string,
    name: string,
    { resourceVersion }: Pick<Version, 'resourceVersion'>,
    holder: string,
    seconds: number
  ): Promise<boolean> {
    const body = { metadata: { resourceVersion }, spec: specOf(holder, seconds) }
    return unlessConflict(this.#kubernetes.patchObject(LEASES, namespace, name, body))
  }

  /** Succeeds when it is already gone, or somebody else's by now. */
  async release(namespace: string, name: string, version: Version): Promise<void> {
    await unlessConflict(this.#kubernetes.deleteObject(LEASES, namespace, name, version))
  }
}

function specOf(holderIdentity: string, leaseDurationSeconds: number, more: object = {}): object {
  return { holderIdentity, leaseDurationSeconds, renewTime: microTime(), ...more }
}

/** MicroTime has six digits of a second. */
function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z')
}

async function unlessConflict(done: Promise<unknown>): Promise<boolean> {
  try {
    await done
    return true
  } catch (error) {
    if (error instanceof HttpProblem && (error.status === 409 || error.status === 404)) return false
    throw error
  }
}
