/** The open questions of docs/live.md, each asked of the real services. What was answered goes to `answers.md`. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { identityOf } from './chain.ts'
import { expectStatus, type Hand, type Told } from './hand.ts'
import type { LiveRun } from './run.ts'

export interface Answer {
  readonly question: string
  readonly found: readonly string[]
}

interface Question {
  readonly name: string
  /** While the chain is there, or when it is removed. */
  readonly when: 'with-chain' | 'without-chain'
  ask(run: LiveRun): Promise<string[]>
}

const COLLECTION = '3e65f728-f8bc-4ecd-8764-7e378b19bfa7'
/** The one that the product writes clusters with: what it does not know would be lost in another. */
const CLUSTER_VERSION = 'api-version=2025-10-01'
const EXTENSION_VERSION = 'api-version=2025-03-01'
/** ms between two looks at an operation, and how often. */
const POLL = { pause: 10_000, most: 60 }

export const QUESTIONS: readonly Question[] = [
  { name: 'question-1-role', when: 'with-chain', ask: ({ hand }) => compareRole(hand) },
  { name: 'question-3-permissions-token', when: 'with-chain', ask: ({ hand }) => tryTokens(hand) },
  { name: 'question-7-refused-entitlements', when: 'with-chain', ask: ({ hand }) => addInVain(hand) },
  { name: 'question-2-repository-access', when: 'without-chain', ask: readOneRepository },
  { name: 'question-4-configure-cluster', when: 'without-chain', ask: ({ hand }) => putCluster(hand) },
  { name: 'question-5-extensions', when: 'without-chain', ask: askExtensions },
  {
    name: 'question-6-first-minutes',
    when: 'without-chain',
    ask: ({ said }) => Promise.resolve(said.size === 0 ? ['git was never refused in this run'] : [...said])
  },
  { name: 'question-8-organizations', when: 'without-chain', ask: ({ hand }) => askOrganizations(hand) }
]

/** Whether the login has exactly the actions of the documented role files: only then does this run prove that they do. */
async function compareRole(hand: Hand): Promise<string[]> {
  const { subscriptionId, resourceGroup } = hand.settings
  const scope = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`
  const path = `${scope}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`
  const told = await hand.arm('GET', path)
  if (told.status !== 200) return [`asking for the rights: ${summaryOf(told)}`]
  const has = new Set(
    (told.json as { value: { actions: string[] }[] }).value.flatMap(({ actions }) => actions)
  )
  const documented = await documentedActions()
  const more = [...has].filter((action) => !documented.has(action))
  const less = [...documented].filter((action) => !has.has(action))
  return [
    more.length === 0
      ? 'the login has no action beyond the role files'
      : `beyond the role files: ${more.join(' ')}`,
    less.length === 0 ? 'it has all of them' : `of the role files it does not have: ${less.join(' ')}`
  ]
}

async function documentedActions(): Promise<Set<string>> {
  const folder = new URL('../docs/permissions/', import.meta.url)
  const files = (await readdir(folder)).filter((name) => /^azure-role.*\.json$/.test(name))
  const roles = await Promise.all(files.map((name) => readFile(new URL(name, folder), 'utf8')))
  return new Set(roles.flatMap((role) => (JSON.parse(role) as { Actions: string[] }).Actions))
}

async function tryTokens(hand: Hand): Promise<string[]> {
  const spellings = ['NAMESPACE', 'NAMESPACE:', '$COLLECTION', undefined]
  const found: string[] = []
  for (const token of spellings) {
    const tokens = token === undefined ? '' : `tokens=${encodeURIComponent(token)}&`
    const told = await hand.devops('GET', `_apis/permissions/${COLLECTION}/2?${tokens}api-version=7.1`)
    const [may] = (told.json as { value?: boolean[] } | undefined)?.value ?? []
    found.push(`${token ?? 'none'}: ${may === undefined ? summaryOf(told) : String(may)}`)
  }
  return found
}

/** Nothing is made: the one is a member already, the other does not exist. */
async function addInVain(hand: Hand): Promise<string[]> {
  const identity = await identityOf(hand)
  const found: string[] = []
  for (const [what, originId] of [
    ['a member already', identity?.principalId ?? ''],
    ['no such principal', randomUUID()]
  ]) {
    const told = await hand.entitlements('POST', '', {
      accessLevel: { accountLicenseType: 'express', licensingSource: 'account' },
      servicePrincipal: { origin: 'aad', originId, subjectKind: 'servicePrincipal' },
      projectEntitlements: []
    })
    found.push(`${what ?? ''}: ${summaryOf(told)}`)
  }
  return found
}

/** A life of its own, with Read on the repository and no membership in the project. */
async function readOneRepository(run: LiveRun): Promise<string[]> {
  const applied = await run.patless('apply', { access: 'repository' })
  const removed = await run.patless('remove', { access: 'repository' })
  assert.equal(removed.exitCode, 0, removed.outputs['differences'])
  assert.equal(applied.exitCode, 0, applied.outputs['verification-reason'])
  const { verification = '', 'verification-reason': reason = '' } = applied.outputs
  return [`Read on the repository alone: ${verification} ${reason}`]
}

/** A PUT of the cluster as it is, with both flags on: the same one that configure-cluster sends. */
async function putCluster(hand: Hand): Promise<string[]> {
  const { configureCluster: id } = hand.settings.optional
  if (id === undefined) return ['not asked: PATLESS_LIVE_CONFIGURE_CLUSTER is not set']
  const read = expectStatus(await hand.arm('GET', `${id}?${CLUSTER_VERSION}`), 200)
  const cluster = read.json as { properties: Record<string, Record<string, unknown> | undefined> }
  const { properties } = cluster
  const put = await hand.arm('PUT', `${id}?${CLUSTER_VERSION}`, {
    ...cluster,
    properties: {
      ...properties,
      oidcIssuerProfile: { ...properties['oidcIssuerProfile'], enabled: true },
      securityProfile: { ...properties['securityProfile'], workloadIdentity: { enabled: true } }
    }
  })
  const shown = Object.keys(properties).filter((key) =>
    ['addonProfiles', 'azureMonitorProfile'].includes(key)
  )
  const found = [`PUT of a cluster with ${shown.join(', ') || 'no monitoring'}: ${summaryOf(put)}`]
  const operation = put.headers['azure-asyncoperation']
  if (put.status >= 300 || typeof operation !== 'string') return found
  const polled = await hand.ask('GET', operation)
  found.push(`first poll of the operation: ${summaryOf(polled)}`)
  for (let looks = 0; looks < POLL.most; looks += 1) {
    const { json } = expectStatus(await hand.arm('GET', `${id}?${CLUSTER_VERSION}`), 200)
    const { provisioningState: state } = (json as { properties: { provisioningState: string } }).properties
    if (['Succeeded', 'Failed', 'Canceled'].includes(state)) return [...found, `provisioningState: ${state}`]
    await sleep(looks === 0 ? 500 : POLL.pause)
  }
  throw new Error('the cluster is still updating')
}

async function askExtensions(run: LiveRun): Promise<string[]> {
  const { hand } = run
  const { subscriptionId, cluster, optional } = hand.settings
  const provider = `/subscriptions/${subscriptionId}/providers/Microsoft.KubernetesConfiguration`
  const registration = await hand.arm('GET', `${provider}?api-version=2021-04-01`)
  const { registrationState } = (registration.json ?? {}) as { registrationState?: string }
  const extensions = `${optional.extensionCluster ?? cluster}/providers/Microsoft.KubernetesConfiguration/extensions`
  const found = [
    `Microsoft.KubernetesConfiguration: ${registrationState ?? summaryOf(registration)}`,
    `list of the extensions: ${summaryOf(await hand.arm('GET', `${extensions}?${EXTENSION_VERSION}`))}`
  ]
  if (optional.extensionCluster === undefined)
    return [...found, 'installation not asked: PATLESS_LIVE_EXTENSION_CLUSTER is not set']
  const there = { cluster: optional.extensionCluster, 'argocd-configuration': 'extension' }
  const { outputs } = await run.patless('apply', there)
  found.push(`installed without a release train: ${outputs['verification-reason'] ?? 'nothing said'}`)
  const argocd = `${extensions}/argocd?${EXTENSION_VERSION}`
  found.push(`the extension then: ${summaryOf(await hand.arm('GET', argocd))}`)
  await run.patless('remove', there)
  found.push(`its deletion: ${summaryOf(await hand.arm('DELETE', argocd))}`)
  return found
}

async function askOrganizations(hand: Hand): Promise<string[]> {
  const { endpoints, optional, organization } = hand.settings
  const asked = {
    'the own one': organization,
    'a public one': optional.publicOrganization,
    'one of a personal account': optional.personalOrganization,
    'a missing one': `patless-live-${randomUUID().slice(0, 8)}`
  }
  const found: string[] = []
  for (const [what, name] of Object.entries(asked)) {
    if (name === undefined) {
      found.push(`${what}: not asked`)
      continue
    }
    const told = await hand.ask('HEAD', `${endpoints.devops}/${name}`, { anonymous: true })
    const named = ['www-authenticate', 'x-vss-resourcetenant'].filter((header) => told.headers[header])
    found.push(`${what}: ${told.status} with ${named.join(' and ') || 'neither header'}`)
  }
  return found
}

/** Status, code and message, wherever the service has them. */
function summaryOf({ status, json, text }: Told): string {
  const body = (json ?? {}) as {
    error?: { code?: string; message?: string }
    code?: string
    typeKey?: string
    message?: string
    isSuccess?: boolean
    operationResult?: { errors?: { key: unknown; value: unknown }[] }
  }
  const [error] = body.operationResult?.errors ?? []
  const words = [
    body.error?.code ?? body.code ?? body.typeKey,
    body.isSuccess === undefined ? undefined : `isSuccess ${String(body.isSuccess)}`,
    error && `(${String(error.key)}) ${String(error.value)}`,
    body.error?.message ?? body.message ?? (json === undefined ? text.slice(0, 200) : undefined)
  ]
  return [status, ...words.filter((word) => word !== undefined && word !== '')].join(' ')
}
