/** What an AppProject permits, and Argo CD's own messages for what it denies. */
import { normalized } from './git-url.ts'

export interface ApplicationSpec {
  readonly project?: string
  readonly source?: Source
  /** Several at once: then `source` is not looked at. */
  readonly sources?: readonly Source[]
  readonly destination?: Destination
  readonly syncPolicy?: unknown
}

export interface Source {
  readonly repoURL: string
  readonly path?: string
  readonly targetRevision?: string
  /** Only named by other sources: nothing is rendered from it. */
  readonly ref?: string
  readonly directory?: { readonly include?: string; readonly exclude?: string; readonly recurse?: boolean }
}

interface Destination {
  readonly server?: string
  readonly name?: string
  readonly namespace?: string
}

export interface ProjectSpec {
  /** Namespaces, beside Argo CD's own, whose Applications may belong to it. */
  readonly sourceNamespaces?: readonly string[]
  readonly sourceRepos?: readonly string[]
  readonly destinations?: readonly Destination[]
}

export interface Condition {
  readonly type: string
  readonly message: string
}

const IN_CLUSTER = 'https://kubernetes.default.svc'

export function sourcesOf({ source, sources = [] }: ApplicationSpec): readonly Source[] {
  return sources.length > 0 ? sources : source ? [source] : []
}

/** Why the Application is not even compared; empty when it may be. */
export function specProblems(
  spec: ApplicationSpec,
  project: ProjectSpec | undefined,
  surroundings: { readonly scopedUrls: readonly string[]; readonly inCluster: boolean }
): Condition[] {
  const name = spec.project ?? 'default'
  const invalid = (message: string): Condition => ({ type: 'InvalidSpecError', message })
  if (!project) return [invalid(`Application referencing project ${name} which does not exist`)]
  const { destination = {} } = spec
  const sources = sourcesOf(spec)
  if (
    sources.length === 0 ||
    sources.some((one) => !one.repoURL || (one.path === undefined && one.ref === undefined))
  )
    return [invalid('spec.source.repoURL and either spec.source.path or spec.source.chart are required')]
  const permitted = [...(project.sourceRepos ?? []), ...surroundings.scopedUrls]
  const problems = sources
    .filter(({ repoURL }) => !sourcePermitted(permitted, repoURL))
    .map(({ repoURL }) => invalid(`application repo ${repoURL} is not permitted in project '${name}'`))
  const server = destination.server ?? (destination.name === 'in-cluster' ? IN_CLUSTER : '')
  const unknown = clusterProblem(destination, server, surroundings.inCluster)
  if (unknown !== undefined) return [...problems, invalid(unknown)]
  if (!destinationPermitted(project.destinations ?? [], { ...destination, server })) {
    const text = `application destination server '${server}' and namespace '${destination.namespace ?? ''}' do not match any of the allowed destinations in project '${name}'`
    problems.push(invalid(text))
  }
  return problems
}

function clusterProblem({ name }: Destination, server: string, inCluster: boolean): string | undefined {
  if (server === '') return `there are no clusters with this name: ${name ?? ''}`
  if (server === IN_CLUSTER && inCluster) return undefined
  const reason = server === IN_CLUSTER ? 'is disabled' : 'not found'
  return `error getting cluster by server "${server}": rpc error: code = NotFound desc = cluster "${server}" ${reason}`
}

export function sourcePermitted(patterns: readonly string[], url: string): boolean {
  const wanted = normalized(url)
  const matches = (pattern: string): boolean => pattern === '*' || glob(normalized(pattern), wanted, '/')
  return (
    patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern)) &&
    !patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1)))
  )
}

function destinationPermitted(allowed: readonly Destination[], wanted: Destination): boolean {
  const matches = (pattern: string, value: string): boolean => pattern === '*' || glob(pattern, value, '')
  const covers = ({ server = '', namespace = '' }: Destination): boolean =>
    matches(server.replace(/^!/, ''), wanted.server ?? '') &&
    matches(namespace.replace(/^!/, ''), wanted.namespace ?? '')
  const denies = ({ server = '', namespace = '' }: Destination): boolean =>
    server.startsWith('!') || namespace.startsWith('!')
  return (
    allowed.some((one) => !denies(one) && covers(one)) && !allowed.some((one) => denies(one) && covers(one))
  )
}

/** `*` within a segment, `**` over all, `?`, `[…]`, `{a,b}`. */
export function glob(pattern: string, text: string, separator: string): boolean {
  const inside = separator === '' ? '.' : `[^${separator}]`
  let depth = 0
  const source = pattern.replaceAll(/\*\*|\*|\?|\[!?[^\]]*\]|[{},]|[\\^$.|+()[\]]/g, (one) => {
    if (one === '**') return '.*'
    if (one === '*') return `${inside}*`
    if (one === '?') return inside
    if (one.startsWith('[') && one.length > 2) return one.replace('[!', '[^')
    if (one === '{') depth += 1
    if (one === '{') return '(?:'
    if (one === '}' && depth > 0) {
      depth -= 1
      return ')'
    }
    if (one === ',' && depth > 0) return '|'
    return one === ',' ? one : `\\${one}`
  })
  return new RegExp(`^${source}$`, 's').test(text)
}
