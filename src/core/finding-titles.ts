/**
 * Every finding that Patless can report, by id, with a short title; the titles are in a file per area. The ids are a
 * contract (report, outputs, docs/findings.md): a released id keeps its meaning. Code uses the ids as types; only the
 * documentation and rarely loaded reports need the titles.
 */
import { ARGOCD_TITLES } from './finding-titles/argocd.ts'
import { AZURE_TITLES } from './finding-titles/azure.ts'
import { CLUSTER_TITLES } from './finding-titles/cluster.ts'
import { FLEET_TITLES } from './finding-titles/fleet.ts'
import { RUN_TITLES } from './finding-titles/run.ts'
import { SETUP_TITLES } from './finding-titles/setup.ts'
import { STORED_CREDENTIAL_TITLES } from './finding-titles/stored-credentials.ts'

export const TITLES = {
  ...ARGOCD_TITLES,
  ...AZURE_TITLES,
  ...CLUSTER_TITLES,
  ...FLEET_TITLES,
  ...RUN_TITLES,
  ...SETUP_TITLES,
  ...STORED_CREDENTIAL_TITLES
} as const

export type FindingId = keyof typeof TITLES

/** The kinds of resources: everything that can drift. */
export type ResourceKind = FindingId extends infer Id
  ? Id extends `${infer Kind}/drifted`
    ? Kind
    : never
  : never
