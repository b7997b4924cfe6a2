/** Migrations: how long one takes beside what Argo CD itself needs, and a rehearsal for the large shape. */
import { setTimeout as sleep } from 'node:timers/promises'
import { makeOrganization, MUST_STAY } from '../sandbox/argocd/organization.ts'
import type { Entry } from '../sandbox/journal.ts'
import { NO_LAG, startTwin, type Twin } from '../sandbox/twin.ts'
import { atMost, budget, line } from './budgets.ts'
import { measured } from './jobs.ts'
import { APPLICATIONS, compared, HOME, makeRepositories, makeUsers, SECRETS } from './shape.ts'

const LATENCY = 50
/** How long Argo CD takes for each request of its own, in ms: it clones, so a comparison takes seconds. */
const CLONING = 500

export async function migrations(): Promise<void> {
  const twin = await startTwin(NO_LAG)
  try {
    const { secrets } = makeOrganization(twin, 300)
    await compared(twin)
    const { journal } = twin
    journal.latency = LATENCY
    journal.gate = ({ by }) => (by === 'argocd' ? sleep(CLONING) : undefined)
    journal.clear()
    // Those that must stay are drift.
    const { memory } = await measured(twin, { mode: 'migrate', 'repository-url': '' }, [2])
    const own = journal.entries.filter(({ by, service }) => by === undefined && service === 'kubernetes')
    const { batches, duration, confirmation } = migrationIn(own)
    const what = `a migration of ${secrets.length} Secrets over 12 projects, 300 Applications`
    const share = duration / (batches * confirmation)
    atMost(1.3, `${what} : its ${batches} batches × the first confirmation`, share, '×')
    atMost(3, 'forced refreshes of one repository in it', mostRefreshes(twin, own))
    line('', 'peak memory of it', `${memory.toFixed(2)} MiB`)
    const left = twin.kubernetes.store
      .list(SECRETS, HOME)
      .filter(({ metadata }) => metadata.annotations?.['patless/backup-of'] !== undefined).length
    line(
      '',
      'Secrets that it moved, of those that do not have to stay',
      `${left} of ${secrets.length - MUST_STAY}`
    )
  } finally {
    await twin.close()
  }
}

/** What one batch asks for, and when it is done: the first batch has one Secret. */
function migrationIn(own: readonly Entry[]): { batches: number; duration: number; confirmation: number } {
  const made = own.filter(({ method, path }) => method === 'POST' && path.endsWith('/secrets'))
  const confirmed = own.filter(({ method, path }) => method === 'PATCH' && path.includes('/patless-backup-'))
  const [asked] = own.filter(isRefresh)
  const [begun, first, last] = [made[0], confirmed[0], confirmed.at(-1)]
  if (!asked || !begun || !first || !last) throw new Error('nothing was migrated')
  // A batch makes its backups only after those before it were confirmed.
  let [batches, open] = [0, true]
  for (const entry of own) {
    if (confirmed.includes(entry)) open = true
    else if (open && made.includes(entry)) [batches, open] = [batches + 1, false]
  }
  return { batches, duration: last.end - begun.start, confirmation: first.start - asked.start }
}

const isRefresh = ({ method, path }: Entry): boolean => method === 'PATCH' && path.includes('/applications/')

function mostRefreshes({ kubernetes }: Twin, own: readonly Entry[]): number {
  const counts = new Map<string, number>()
  for (const { path } of own.filter(isRefresh)) {
    const [, name = ''] = /\/applications\/([^/?]+)/.exec(path) ?? []
    const { spec } = kubernetes.store.get(APPLICATIONS, HOME, name) as {
      spec?: { source?: { repoURL?: string } }
    }
    const url = spec?.source?.repoURL ?? ''
    counts.set(url, (counts.get(url) ?? 0) + 1)
  }
  return Math.max(0, ...counts.values())
}

/** Every project of both organizations has a template with a stored credential. */
export async function rehearsal(): Promise<void> {
  const twin = await startTwin(NO_LAG)
  try {
    const urls = makeRepositories(twin)
    twin.defect('argocd-controller-down')
    makeUsers(twin, urls)
    const projects = [...new Set(urls.map((url) => url.replace(/_git\/.*$/, '')))]
    for (const [nth, url] of projects.entries())
      twin.kubernetes.store.create(SECRETS, HOME, {
        apiVersion: '',
        kind: 'Secret',
        metadata: { name: `creds-${nth}`, labels: { 'argocd.argoproj.io/secret-type': 'repo-creds' } },
        stringData: { url, username: 'svc', password: twin.azure.personalToken().secret }
      })
    twin.journal.latency = LATENCY
    const shape = `${projects.length} templates of two organizations, ${urls.length} URLs, 2,400 Applications`
    const modes = {
      audit: { mode: 'audit', 'fail-on-stored-credentials': 'false' },
      rehearsal: { mode: 'migrate', 'dry-run': 'true' }
    }
    for (const [name, inputs] of Object.entries(modes)) {
      twin.journal.clear()
      const { memory, summary } = await measured(twin, { ...inputs, 'repository-url': '' }, [0, 2])
      const named = projects.filter((_, nth) => new RegExp(`\\bcreds-${nth}\\b`).test(summary)).length
      const figure = `${named} of ${projects.length}, in ${twin.journal.entries.length} requests`
      budget(named === projects.length, `${name} of ${shape}`, figure)
      atMost(200, 'peak memory of it', memory, ' MiB')
    }
  } finally {
    await twin.close()
  }
}
