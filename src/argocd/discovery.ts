/**
 * Finds the repo-server among Deployments. Anyone who may create a Deployment can set the labels, so labels alone prove
 * nothing: a candidate is also compared with the rest of an Argo CD installation in its namespace. All functions are
 * pure.
 */
import type { V1Container, V1Deployment, V1Service } from '@kubernetes/client-node'
import type { Surroundings } from '../services/kubernetes/surroundings.ts'
import { repoServerOf, runs, type RepoServer } from './instance.ts'

export interface Candidate {
  readonly server: RepoServer
  /** What in the Deployment itself suggests a repo-server. */
  readonly claims: readonly string[]
  /** It has both labels that every installer sets, or runs the program; a matching name alone is weak. */
  readonly strong: boolean
}

/** A candidate, compared with its namespace. */
export interface Judged extends Candidate {
  readonly confirmed: readonly string[]
  /** Parts of an installation that the namespace does not have. */
  readonly missing: readonly string[]
  /** Kinds the login may not read. */
  readonly unknown: readonly string[]
}

export const CONFIGURATION = 'argocd-cm'
const COMPONENT = 'app.kubernetes.io/component'
const PART_OF = 'app.kubernetes.io/part-of'
const NAME = 'app.kubernetes.io/name'

/**
 * All Deployments with any sign. One scaled to zero is left out when a candidate in its namespace that is at least as
 * strong has replicas: it is no second Argo CD.
 */
export function candidatesAmong(deployments: readonly V1Deployment[]): Candidate[] {
  const all = deployments.flatMap((one) => {
    const claims = claimsOf(one)
    return claims.length === 0
      ? []
      : [{ server: repoServerOf(one), claims, strong: claims.some((claim) => STRONG.has(claim)) }]
  })
  return all.filter(
    ({ server, strong }) =>
      server.replicas > 0 ||
      !all.some(
        (other) =>
          (other.strong || !strong) &&
          other.server.namespace === server.namespace &&
          other.server.replicas > 0
      )
  )
}

const LABELLED = `labels ${COMPONENT}=repo-server and ${PART_OF}=argocd`
const RUNS = 'runs argocd-repo-server'
const STRONG: ReadonlySet<string> = new Set([LABELLED, RUNS])

const NAMED = /(?:^|-)repo-server$/

function claimsOf({ metadata, spec }: V1Deployment): string[] {
  const { labels = {}, name = '' } = metadata ?? {}
  const component = labels[COMPONENT] === 'repo-server'
  const labelled = component && labels[PART_OF] === 'argocd'
  return [
    ...(labelled ? [LABELLED] : []),
    ...(component && !labelled ? [`label ${COMPONENT}=repo-server`] : []),
    ...(NAMED.test(labels[NAME] ?? '') ? [`label ${NAME}=${labels[NAME] ?? ''}`] : []),
    ...(NAMED.test(name) ? [`name ${name}`] : []),
    ...(containersOf(spec).some((one) => runs(one, 'argocd-repo-server')) ? [RUNS] : [])
  ]
}

function containersOf(spec: V1Deployment['spec']): readonly V1Container[] {
  return spec?.template.spec?.containers ?? []
}

/**
 * Compares a candidate with its namespace: a Service that selects its pods, an application controller, and Argo CD's
 * ConfigMap. Owner references confirm nothing, because the Deployment's author writes them.
 *
 * @param deployments all listed ones: some installations run the controller as a Deployment
 */
export function judgeCandidate(
  candidate: Candidate,
  { services, statefulSets, configured }: Surroundings,
  deployments: readonly V1Deployment[]
): Judged {
  const confirmed: string[] = []
  const missing: string[] = []
  const unknown: string[] = []
  const record = (found: string | undefined, readable: boolean, part: string, kind: string): void => {
    if (found !== undefined) confirmed.push(found)
    else if (readable) missing.push(part)
    else unknown.push(kind)
  }
  const { server } = candidate
  const service = services?.find((one) => selects(one, server))?.metadata?.name
  record(
    service === undefined ? undefined : `Service ${service}`,
    services !== undefined,
    'a Service for its pods',
    'services'
  )
  const near = deployments.filter(({ metadata }) => metadata?.namespace === server.namespace)
  const controller = [...(statefulSets ?? []), ...near].find(isController)?.metadata?.name
  record(
    controller === undefined ? undefined : `controller ${controller}`,
    statefulSets !== undefined,
    'an application controller',
    'statefulsets'
  )
  record(
    configured === true ? `ConfigMap ${CONFIGURATION}` : undefined,
    configured !== undefined,
    `the ConfigMap ${CONFIGURATION}`,
    `configmaps ${CONFIGURATION}`
  )
  return { ...candidate, confirmed, missing, unknown }
}

function selects({ spec }: V1Service, { object }: RepoServer): boolean {
  const labels = object.spec?.template.metadata?.labels ?? {}
  const selector = Object.entries(spec?.selector ?? {})
  return selector.length > 0 && selector.every(([key, value]) => labels[key] === value)
}

function isController({ metadata, spec }: V1Deployment): boolean {
  return (
    metadata?.labels?.[COMPONENT] === 'application-controller' ||
    metadata?.name?.endsWith('application-controller') === true ||
    containersOf(spec).some((one) => runs(one, 'argocd-application-controller'))
  )
}

/**
 * The candidates to choose from. A weak one counts only when nothing is known to be missing and its namespace has no
 * strong one. A strong one always counts, so that it is neither skipped nor chosen silently.
 */
export function selectCandidates(judged: readonly Judged[]): Judged[] {
  const better = (weak: Judged): boolean =>
    judged.some(({ strong, server }) => strong && server.namespace === weak.server.namespace)
  return judged.filter((one) => one.strong || (one.missing.length === 0 && !better(one)))
}

/** One line: the Deployment, the evidence for it, and the evidence against it. */
export function evidenceOf({ server, claims, confirmed, missing, unknown }: Judged): string {
  const { namespace, deployment } = server
  const list = (words: readonly string[]): string => words.join(', ')
  const verdict =
    missing.length > 0
      ? `; not an Argo CD, because its namespace has no ${list(missing)}`
      : unknown.length > 0
        ? `; not readable: ${list(unknown)}`
        : ''
  return `${namespace}/${deployment} (${list([...claims, ...confirmed])}${verdict})`
}
