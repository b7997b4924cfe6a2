/**
 * Clusters that are connected by Azure Arc (Microsoft.Kubernetes/connectedClusters). Wire shapes: Azure/bicep-types-az,
 * 2024-12-01-preview: the stable versions do not have the issuer.
 */
import * as z from 'zod/mini'
import type { ArmWire } from './arm-wire.ts'
import { namedId } from './ids.ts'
import { nameOf, orAbsent, understood } from '../../http/request.ts'
import { safe, UnexpectedReply } from '../../http/errors.ts'

const API = '2024-12-01-preview'
const onOff = z.looseObject({ enabled: z.nullish(z.boolean()) })
const shape = z.looseObject({
  id: namedId('Microsoft.Kubernetes/connectedClusters'),
  name: z.string(),
  location: z.string(),
  properties: z.looseObject({
    totalNodeCount: z.nullish(z.number()),
    oidcIssuerProfile: z.nullish(
      z.looseObject({
        enabled: z.nullish(z.boolean()),
        issuerUrl: z.nullish(z.string()),
        selfHostedIssuerUrl: z.nullish(z.string())
      })
    ),
    securityProfile: z.nullish(z.looseObject({ workloadIdentity: z.nullish(onOff) }))
  })
})

export interface ConnectedCluster {
  readonly id: string
  readonly name: string
  readonly location: string
  readonly nodes: number | undefined
  /** Byte for byte as in the tokens; undefined while the feature is off or Azure has not made it. */
  readonly issuerUrl: string | undefined
  readonly issuerEnabled: boolean
  readonly workloadIdentity: boolean
}

export class ConnectedClusters {
  readonly #wire: ArmWire
  constructor(wire: ArmWire) {
    this.#wire = wire
  }

  /** undefined when it (or its resource group) does not exist. */
  async get(id: string): Promise<ConnectedCluster | undefined> {
    const request = this.#wire.request('GET', id, API)
    const reply = await orAbsent(this.#wire.send(request))
    if (!reply) return undefined
    const { name, location, properties, ...found } = understood(shape, reply, request)
    if (found.id.toLowerCase() !== id.toLowerCase())
      throw new UnexpectedReply('ARM', nameOf(request), `another cluster: ${safe(found.id, 200)}`)
    const { oidcIssuerProfile: issuer, securityProfile, totalNodeCount } = properties
    // A managed cluster of another cloud keeps its own issuer; for others Azure hosts one.
    const own = issuer?.selfHostedIssuerUrl ?? ''
    const issuerUrl = own === '' ? (issuer?.issuerUrl ?? '') : own
    const issuerEnabled = issuer?.enabled ?? false
    return {
      ...{ id: found.id, name, location, issuerEnabled },
      nodes: totalNodeCount ?? undefined,
      issuerUrl: issuerEnabled && issuerUrl !== '' ? issuerUrl : undefined,
      workloadIdentity: securityProfile?.workloadIdentity?.enabled ?? false
    }
  }
}
