/** Whom a Secret serves, by Argo CD's own resolution, and whether an Application is worse than it was. Pure. */
import type { Application } from '../../services/kubernetes/argocd-objects.ts'
import { resolved, type Entry } from '../secrets.ts'
import { normalized } from '../urls.ts'

export interface Served {
  readonly urls: readonly string[]
  readonly applications: readonly Application[]
}

/** @param setUrls of ApplicationSets: what their generators read */
export function servedBy(
  secret: string,
  entries: readonly Entry[],
  applications: readonly Application[],
  setUrls: readonly string[] = []
): Served {
  const own = entries.find((one) => one.secret === secret)
  if (!own) return { urls: [], applications: [] }
  const uses = (url: string, project: string): boolean => {
    const { by, rivals } = resolved(url, project, entries)
    return by === own || rivals.includes(own)
  }
  const users = applications.flatMap((application) => {
    const urls = application.sources.map(({ url }) => url).filter((url) => uses(url, application.project))
    return urls.length === 0 ? [] : [{ application, urls }]
  })
  const urls = [
    ...(own.kind === 'repository' ? [own.url] : []),
    ...users.flatMap(({ urls }) => urls),
    ...setUrls.filter((url) => uses(url, ''))
  ]
  return { urls: distinct(urls), applications: users.map(({ application }) => application) }
}

/** By Argo CD's rules. */
export function distinct(urls: readonly string[]): string[] {
  return [...new Map(urls.map((url) => [normalized(url), url])).values()]
}

/**
 * Why an Application is worse than before. What a newer revision explains does not count, and who was unhealthy before
 * need not be better now.
 *
 * @returns undefined when it is not
 */
export function whyWorse(before: Application, after: Application | undefined): string | undefined {
  if (!after || after.reconciledAt === before.reconciledAt) return undefined
  const broken = complaint(after)
  if (broken !== undefined && complaint(before) === undefined) return broken
  if (JSON.stringify(commits(before)) !== JSON.stringify(commits(after))) return undefined
  if (before.sync === 'Synced' && after.sync !== 'Synced')
    return `it was Synced and is ${after.sync ?? 'not'}`
  if (before.sync !== 'Unknown' && before.sync !== undefined && after.sync === 'Unknown')
    return `it was ${before.sync} and is Unknown`
  const [was, is] = [rank(before), rank(after)]
  return was > is ? `it was ${before.health ?? 'unknown'} and is ${after.health ?? 'unknown'}` : undefined
}

const commits = ({ compared }: Application) => compared.map(({ commit }) => commit)

function complaint({ conditions }: Application): string | undefined {
  return conditions.find(({ type }) => type === 'ComparisonError')?.message
}

/** Progressing counts as healthy: a sync may just have begun. */
const RANKS: readonly (readonly string[])[] = [
  ['Unknown'],
  ['Missing', 'Degraded'],
  ['Suspended'],
  ['Healthy', 'Progressing']
]

function rank({ health = 'Unknown' }: Application): number {
  return RANKS.findIndex((names) => names.includes(health))
}
