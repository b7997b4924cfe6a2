/**
 * Argo CD connects to repositories of charts without stored credentials: one Secret per Helm repository in a registry
 * (`argocd/charts.ts` has Argo CD's rules).
 */
import {
  CHART_KEYS,
  chartContent,
  chartDifferences,
  chartSecret,
  ociUses,
  whyForeignChartSecret,
  whyNotMadeForCharts
} from '../argocd/charts.ts'
import { secretPatch } from '../argocd/managers.ts'
import { matching, namesake, nameOf, placesOf, type Place } from '../argocd/places.ts'
import { CHANGED, entryOf, usesIdentity, type Entry } from '../argocd/secrets.ts'
import { input } from '../core/input-name.ts'
import { word } from '../core/shell.ts'
import { warning, type Finding, type FindingFacts } from '../core/finding.ts'
import type { Difference } from '../engine/outcome.ts'
import type { Application } from '../services/kubernetes/argocd-objects.ts'
import { whyNotToWrite } from './connection-ownership.ts'
import type { ReadRegistry } from './registry.ts'
import type { ChainResource } from './resource.ts'
import { ACR_RESOURCE } from './verifications/charts-token.ts'

interface Spec {
  readonly clusterId: string | undefined
  readonly namespace: string
  /** Namespace in which Applications are listed; undefined: the whole cluster. */
  readonly scope: string | undefined
  /** Of Argo CD. */
  readonly version: string | undefined
  /** As Argo CD names them. */
  readonly urls: readonly string[]
  /** The Argo CD project that may use them; `*` or undefined: all. */
  readonly project: string | undefined
  readonly registries: readonly Pick<ReadRegistry, 'loginServer' | 'acceptsArmTokens'>[]
  /** For what the repo-server asks Entra when it reads from a registry. */
  readonly resource: string
  readonly deployment: string
}

interface State {
  readonly entries: readonly Entry[]
  readonly applications: readonly Application[]
}

export const charts: ChainResource<Spec, State, true> = {
  kind: 'charts',

  async read({ clusterId, namespace, scope, version }, { kubernetes, argocd }) {
    const [secrets, applications] = await Promise.all([
      kubernetes(clusterId).argoSecrets(namespace),
      argocd(clusterId).applications(scope)
    ])
    const entries = secrets.flatMap((one) => entryOf(one, version) ?? [])
    return { entries, applications: applications ?? [] }
  },

  assess: (spec, state) => ({
    exists: placed(spec, state.entries).length > 0,
    differences: chartPlaces(spec).flatMap((place) => placeDifferences(place, spec, state.entries)),
    findings: findingsOf(spec, state),
    output: true,
    summary: `${spec.urls.join(', ')} in ${spec.namespace}`
  }),

  async apply(spec, { entries }, { kubernetes }) {
    const { clusterId, namespace } = spec
    const api = kubernetes(clusterId)
    for (const place of chartPlaces(spec)) {
      const [found = namesake(place, entries)] = matching(place, entries)
      if (placeDifferences(place, spec, entries).length === 0) continue
      if (!found) await api.createSecret(namespace, chartSecret(place))
      else {
        const ours = whyNotMadeForCharts(place, found, namespace) === undefined
        const missing = chartDifferences(found).map(({ key, expected }) => [key, expected])
        const stringData = ours
          ? chartContent({ ...place, url: matching(place, entries).length > 0 ? found.url : place.url })
          : (Object.fromEntries(missing) as Record<string, string>)
        const { name, version } = found.marks
        const annotations = ours ? {} : { annotations: { [CHANGED]: Object.keys(stringData).join(',') } }
        const metadata = { resourceVersion: version.resourceVersion, ...annotations }
        await api.patchSecret(namespace, name, { metadata, stringData })
      }
    }
  },

  planDelete({ namespace, ...spec }, { entries }) {
    const all = placed(spec, entries)
    const name = ({ secret }: Entry): string => `Secret ${namespace}/${secret}`
    const ours = all.filter((one) => whyForeignChartSecret(one, namespace) === undefined)
    const theirs = all.filter((one) => !ours.includes(one))
    const why = theirs
      .map(
        (one) => `${name(one)}: not provably made by Patless: ${whyForeignChartSecret(one, namespace) ?? ''}`
      )
      .join('; ')
    // What Argo CD does not read with the identity needs nothing of the rest.
    const detached = theirs.some(usesIdentity) ? {} : ({ detached: true } as const)
    if (all.length === 0) return undefined
    if (ours.length === 0) return { what: theirs.map(name).join(', '), retain: why, ...detached }
    return { what: ours.map(name).join(', '), ...(why !== '' && { left: why, ...detached }) }
  },

  async delete({ clusterId, namespace, ...spec }, { entries }, { kubernetes }) {
    for (const one of placed(spec, entries))
      if (whyForeignChartSecret(one, namespace) === undefined)
        await kubernetes(clusterId).deleteSecret(namespace, one.secret, one.marks.version)
  }
}

function chartPlaces({ urls, project }: Pick<Spec, 'urls' | 'project'>): Place[] {
  return placesOf({ kind: 'repository', urls, project })
}

function placed(spec: Pick<Spec, 'urls' | 'project'>, entries: readonly Entry[]): Entry[] {
  return chartPlaces(spec).flatMap((place) => matching(place, entries))
}

/** Of all Secrets for the place: Argo CD may use any of them. */
function placeDifferences(place: Place, { namespace }: Spec, entries: readonly Entry[]): Difference[] {
  const found = matching(place, entries)
  const other = namesake(place, entries)
  if (found.length > 0) return found.flatMap((one) => contentDifferences(place, one, namespace))
  const missing: Difference = { field: 'Helm repository Secret', expected: place.url, actual: undefined }
  if (!other) return [missing]
  const why = whyNotMadeForCharts(place, other, namespace)
  return [why === undefined ? missing : { ...missing, blocked: nameTaken(place, other, why) }]
}

function contentDifferences(place: Place, found: Entry, namespace: string): Difference[] {
  const foreign = whyNotMadeForCharts(place, found, namespace)
  return chartDifferences(found).map(({ key, expected, actual }) => {
    const change = { field: `Secret ${found.secret} ${key}`, expected, actual }
    const why =
      found.manager?.reverts === true
        ? `${found.manager.who} makes it, and would undo the change`
        : foreign === undefined
          ? undefined
          : whyNotToWrite(found, actual)
    return why === undefined ? change : { ...change, blocked: notOurs(found, change, why, namespace) }
  })
}

function findingsOf(spec: Spec, { entries, applications }: State): Finding[] {
  const { registries, resource, deployment, namespace } = spec
  const stored = placed(spec, entries).filter(
    ({ credentialKeys, workloadIdentity }) => credentialKeys.length > 0 && workloadIdentity !== undefined
  )
  const hosts = registries.map(({ loginServer }) => loginServer)
  return [
    ...registries
      .filter(({ acceptsArmTokens }) => !acceptsArmTokens && resource !== ACR_RESOURCE)
      .map(({ loginServer }): Finding => ({
        ...tokensRefused(
          loginServer,
          resource,
          `kubectl -n ${word(namespace)} set env deployment/${word(deployment)} AZURE_ARM_TOKEN_RESOURCE=${ACR_RESOURCE}`
        ),
        severity: 'error'
      })),
    ...stored.map((one) => warning(credentialsBeside(one))),
    ...hosts.flatMap((host) => {
      const uses = ociUses(host, entries, applications)
      return uses.length === 0 ? [] : [warning(ofTypeOci(host, uses))]
    })
  ]
}

function nameTaken(place: Place, { secret }: Entry, why: string): FindingFacts {
  return {
    id: 'charts/name-taken',
    summary: `The Secret ${secret} has the name that Argo CD gives to the Secret of ${place.url}, but is for something else, and not provably made by Patless: ${why}.`,
    remedy: `recreate its content under another name than ${nameOf(place)} and delete it, or correct it; then run again`
  }
}

function notOurs(found: Entry, change: Difference, why: string, namespace: string): FindingFacts {
  const { secret, manager } = found
  const key = change.field.split(' ').at(-1) ?? ''
  const patch = JSON.stringify({ stringData: { [key]: change.expected } })
  const way =
    manager?.reverts === true
      ? secretPatch(manager, namespace, secret, { ...CHART_KEYS, url: found.url })
      : {
          remedy: `write ${key}: "${change.expected}" where the Secret is made, then run again`,
          command: `kubectl -n ${word(namespace)} patch secret ${word(secret)} -p ${word(patch)}`
        }
  return {
    id: 'charts/not-ours',
    summary: `The Secret ${secret} is not provably made by Patless, so its key ${key} is not changed: ${why}.`,
    ...way
  }
}

function tokensRefused(host: string, resource: string, command: string): FindingFacts {
  return {
    id: 'registry/arm-tokens-refused',
    summary: `${host} accepts no tokens for Azure Resource Manager, and those are what Argo CD asks for.`,
    expected: ACR_RESOURCE,
    actual: resource,
    remedy: `set AZURE_ARM_TOKEN_RESOURCE to ${ACR_RESOURCE} on the container of the repo-server, where Argo CD is installed from, or let the registry accept them (authentication-as-arm)`,
    command,
    link: 'https://learn.microsoft.com/azure/container-registry/container-registry-disable-authentication-as-arm'
  }
}

function credentialsBeside({ secret, url, credentialKeys }: Entry): FindingFacts {
  return {
    id: 'charts/stored-credentials',
    summary: `The Secret ${secret} of ${url} still holds ${credentialKeys.join(', ')}. For charts, Argo CD uses workload identity before them.`,
    remedy: `take them out of the Secret ${secret}, and revoke them`
  }
}

function ofTypeOci(host: string, uses: readonly string[]): FindingFacts {
  const more = uses.length > 3 ? ` and ${uses.length - 3} more` : ''
  return {
    id: 'charts/oci-without-identity',
    summary: `${uses.slice(0, 3).join(', ')}${more} name ${host} as a repository of type oci, for which Argo CD cannot use workload identity: it reads there without a login, or not at all.`,
    remedy: `write the Helm repository instead (repoURL without oci://, with chart and targetRevision), and add it to ${input('registries')}; other artifacts need a token of the registry until argo-cd #26045 is solved`,
    link: 'https://github.com/argoproj/argo-cd/issues/26045'
  }
}
