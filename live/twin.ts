/** The twin in the place of Azure: what a person would set, with its names. */
import type { Twin } from '../sandbox/twin.ts'

export function settingsOfTwin({ azure: { ids }, environment }: Twin): Record<string, string> {
  return {
    ...environment,
    PATLESS_LIVE: ids.subscriptionId,
    PATLESS_LIVE_CLUSTER: ids.clusterId,
    PATLESS_LIVE_CONFIGURE_CLUSTER: ids.clusterId,
    PATLESS_LIVE_REPOSITORY: ids.repositoryUrl,
    PATLESS_LIVE_CLIENT_ID: ids.deployerClientId,
    PATLESS_LIVE_TENANT_ID: ids.tenantId,
    PATLESS_LIVE_TIMEOUT: '20'
  }
}
