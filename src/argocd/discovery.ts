/**
 * Which Deployment is the repo-server of an Argo CD. Whoever may create Deployments anywhere in the cluster can give
 * one the labels, so labels prove nothing alone: what speaks for a Deployment is gathered from all of it, and it has to
 * hang together with the rest of one installation in its namespace. All that is here is pure.
 */
import type { V1Container, V1Deployment, V1Service } from '@kubernetes/client-node'
import type { Surroundings } from '../services/kubernetes/surroundings.ts'
import { repoServerOf, runs, type RepoServer } from './instance.ts'

export interface Candidate {
  readonly server: RepoServer
  /** What the Deployment says of itself. */
  readonly claims: readonly string[]
  /** Both labels of all install shapes, or the program itself: more than a name that ends alike. */
  readonly strong: boolean
}

/** A candidate and what its namespace says of it. */
export interface Judged extends Candidate {
  readonly confirmed: readonly string[]
  /** Seen not to be there. */
  readonly missing: readonly string[]
  /** Kinds the login may not read. */
  readonly unknown: readonly string[]
}

export const CONFIGURATION = 'argocd-cm'
const COMPONENT = 'app.kubernetes.io/component'
const PART_OF = 'app.kubernetes.io/part-of'
const NAME = 'app.kubernetes.io/name'

/** Every Deployment that anything speaks for. One without replicas is an old one where another of its namespace serves. */
export function candidatesAmong(deployments: readonly V1Deployment[]): Candidate[] {
  const all = deployments.flatMap((one) => {
    const claims = claimsOf(one)
    return claims.length === 0
      ? []
      : [{ server: repoServerOf(one), claims, strong: claims.some((claim) => STRONG.has(claim)) }]
  })
  return all.filter(
    ({ server }) =>
      server.replicas > 0 ||
      !all.some(
        (other) => other.strong && other.server.namespace === server.namespace && other.server.replicas > 0
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
 * Holds a candidate against its namespace: a Service that leads to its pods, an application controller, and the
 * configuration of the installation. Which owner the Deployment names is its own word, and confirms nothing.
 *
 * @param deployments all that were listed; in some installs the controller is one
 */
export function judgedIn(
  candidate: Candidate,
  { services, statefulSets, configured }: Surroundings,
  deployments: readonly V1Deployment[]
): Judged {
  const confirmed: string[] = []
  const missing: string[] = []
  const unknown: string[] = []
  const say = (found: string | undefined, readable: boolean, what: string, kind: string): void => {
    if (found !== undefined) confirmed.push(found)
    else if (readable) missing.push(what)
    else unknown.push(kind)
  }
  const { server } = candidate
  const service = services?.find((one) => leadsTo(one, server))?.metadata?.name
  say(
    service === undefined ? undefined : `Service ${service}`,
    services !== undefined,
    'a Service for its pods',
    'services'
  )
  const near = deployments.filter(({ metadata }) => metadata?.namespace === server.namespace)
  const controller = [...(statefulSets ?? []), ...near].find(isController)?.metadata?.name
  say(
    controller === undefined ? undefined : `controller ${controller}`,
    statefulSets !== undefined,
    'an application controller',
    'statefulsets'
  )
  say(
    configured === true ? `ConfigMap ${CONFIGURATION}` : undefined,
    configured !== undefined,
    `the ConfigMap ${CONFIGURATION}`,
    `configmaps ${CONFIGURATION}`
  )
  return { ...candidate, confirmed, missing, unknown }
}

function leadsTo({ spec }: V1Service, { object }: RepoServer): boolean {
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
 * Those that count. A name alone does not where the rest of an installation is missing, or something better is beside
 * it; where that cannot be seen it does.
 * What claims more counts also when it is shown to be alone: it is never passed over, nor chosen, without a word.
 */
export function counting(judged: readonly Judged[]): Judged[] {
  const better = (weak: Judged): boolean =>
    judged.some(({ strong, server }) => strong && server.namespace === weak.server.namespace)
  return judged.filter((one) => one.strong || (one.missing.length === 0 && !better(one)))
}

/** One line: which, what speaks for it, and what does not. */
export function evidenceOf({ server, claims, confirmed, missing, unknown }: Judged): string {
  const { namespace, deployment } = server
  const list = (words: readonly string[]): string => words.join(', ')
  const verdict =
    missing.length > 0
      ? `; not an Argo CD, because its namespace has not: ${list(missing)}`
      : unknown.length > 0
        ? `; not known: ${list(unknown)}`
        : ''
  return `${namespace}/${deployment} (${list([...claims, ...confirmed])}${verdict})`
}
