/**
 * Microsoft.ResourceGraph: a query over the resources that the caller may read, in pages, for at most fifteen queries of a
 * caller in five seconds (learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests).
 */
import { randomUUID } from 'node:crypto'
import type { Answer, Call, Route } from '../wire.ts'
import type { Caller } from '../world.ts'
import type { ArmContext } from './arm-context.ts'
import { CONNECTED_ID, CONNECTED_NAME } from './connected-clusters.ts'
import { answer, ParserFailure, type Row } from './kql.ts'
import { allows } from './rights.ts'
import { IDS, type AzureState } from './state.ts'
import { tenantOfSubscription } from './tenants.ts'

const QUOTA = 15
/** In ms. */
const WINDOW = 5_000
const MOST = 1_000

interface Body {
  readonly query?: unknown
  readonly subscriptions?: readonly string[]
  readonly options?: { readonly $top?: number; readonly $skipToken?: string; readonly resultFormat?: string }
}

export function resourceGraphRoutes({ guarded, state, callerOf }: ArmContext): Route[] {
  const quotaOf = ({ principalId }: Caller): { readonly left: number; readonly resets: number } => {
    const now = Date.now()
    const { queries } = state()
    let window = queries.get(principalId)
    if (!window || window.ends <= now) window = { ends: now + WINDOW, left: QUOTA }
    window.left -= 1
    queries.set(principalId, window)
    return { left: window.left, resets: Math.ceil((window.ends - now) / 1_000) }
  }
  const query = async (call: Call): Promise<Answer> => {
    const caller = await callerOf(call)
    if (!caller) return { status: 401 }
    const { left, resets } = quotaOf(caller)
    const headers = {
      'x-ms-user-quota-remaining': String(Math.max(0, left)),
      'x-ms-user-quota-resets-after': `00:00:${String(resets).padStart(2, '0')}`
    }
    if (left < 0)
      return {
        headers,
        ...refused(429, 'RateLimiting', [
          {
            code: 'RateLimiting',
            message:
              'Client application has been throttled and should not continue to make requests until the current time window resets.'
          }
        ])
      }
    return { ...answered((await call.json()) ?? {}, rowsOf(state(), caller)), headers }
  }
  return [['POST', '/providers/Microsoft.ResourceGraph/resources', guarded('', query)]]
}

function answered({ query, options = {} }: Body, rows: readonly Row[]): Answer {
  if (typeof query !== 'string' || query === '')
    return refused(400, 'BadRequest', [{ code: 'InvalidQuery', message: 'Query must not be null or empty.' }])
  try {
    const all = answer(query, rows)
    const from = Number(options.$skipToken ?? 0)
    const size = Math.min(MOST, options.$top ?? MOST)
    const data = all.slice(from, from + size)
    const isMore = from + size < all.length
    // Without the column id there are no further pages.
    const token = isMore && data.every((row) => 'id' in row) ? { $skipToken: String(from + size) } : {}
    return {
      status: 200,
      body: {
        totalRecords: all.length,
        count: data.length,
        data,
        facets: [],
        resultTruncated: String(isMore && !('$skipToken' in token)),
        ...token
      }
    }
  } catch (error) {
    if (!(error instanceof ParserFailure)) throw error
    const invalid = {
      code: 'InvalidQuery',
      message:
        'Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error before retrying.'
    }
    return refused(400, 'BadRequest', [invalid, { code: error.code, message: error.message }])
  }
}

function refused(status: number, code: string, details: readonly object[]): Answer {
  const message = `Please provide below info when asking for support: timestamp = ${new Date().toISOString()}, correlationId = ${randomUUID()}.`
  return { status, body: { error: { code, message, details } } }
}

/** What the caller may read, in the subscriptions of its tenant. Types and groups are in lower case, as there. */
function rowsOf(state: AzureState, caller: Caller): Row[] {
  const { cluster, connected, furtherClusters, identities } = state
  const first = cluster
    ? [{ ...cluster, tags: cluster['tags'], type: 'Microsoft.ContainerService/managedClusters' }]
    : []
  const arc = {
    id: CONNECTED_ID,
    name: CONNECTED_NAME,
    location: IDS.location,
    tags: {},
    type: 'Microsoft.Kubernetes/connectedClusters'
  }
  const type = {
    managed: 'Microsoft.ContainerService/managedClusters',
    connected: 'Microsoft.Kubernetes/connectedClusters'
  }
  const all = [
    ...first,
    ...(connected ? [arc] : []),
    ...furtherClusters.map(({ kind, resource }) => ({
      ...resource,
      tags: resource['tags'],
      type: type[kind]
    })),
    ...identities.map((one) => ({
      ...one,
      id: `/subscriptions/${one.subscriptionId}/resourcegroups/${one.resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${one.name}`,
      type: 'Microsoft.ManagedIdentity/userAssignedIdentities'
    }))
  ]
  const assignments = state.assignmentsOf(caller.principalId)
  return all.flatMap(({ id, name, location, tags, type: kind }) => {
    const [, , subscriptionId = '', , group = ''] = id.split('/')
    if (tenantOfSubscription(state, subscriptionId) !== caller.tenantId) return []
    if (!allows(assignments, `${kind}/read`, id)) return []
    const row = { id, name, location, subscriptionId, resourceGroup: group.toLowerCase() }
    return [{ ...row, type: kind.toLowerCase(), tags: (tags ?? {}) as Readonly<Record<string, string>> }]
  })
}
