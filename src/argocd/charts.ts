/**
 * Helm repositories in a registry, as Argo CD reads them (argo-cd GetHelmCreds, since 3.0.0): the host of the URL is up to
 * its first slash, so it has no scheme; workload identity comes before a stored password, other than for git. Of type oci,
 * a repository never gets the identity (GetOCICreds, argo-cd #26045).
 */
import { isTrue } from '../core/go-bool.ts'
import type { Application } from '../services/kubernetes/argocd-objects.ts'
import { whyNotMadeFor } from './ownership.ts'
import { nameOf, type Place } from './places.ts'
import { TYPE_LABEL, type Entry } from './secrets.ts'
import { MADE_BY_PATLESS } from './ownership.ts'

/** What Patless writes into the Secret of a Helm repository, beside URL and project. */
export const CHART_KEYS = { type: 'helm', enableOCI: 'true', useAzureWorkloadIdentity: 'true' } as const

export function chartContent({ url, project }: Place): Record<string, string> {
  return { ...CHART_KEYS, url, ...(project !== '' && { project }) }
}

/** Has the name that `argocd repo add` would give. */
export function chartSecret(place: Place) {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: nameOf(place), labels: { [TYPE_LABEL]: place.kind, ...MADE_BY_PATLESS } },
    stringData: chartContent(place)
  }
}

/** The keys of a Secret that keep Argo CD from reading charts with the identity: expected and found. */
export function chartDifferences({ type, oci, workloadIdentity }: Entry): {
  readonly key: keyof typeof CHART_KEYS
  readonly expected: string
  readonly actual: string | undefined
}[] {
  const found = {
    type: type === '' ? undefined : type,
    enableOCI: oci,
    useAzureWorkloadIdentity: workloadIdentity
  }
  const isRight = {
    type: type === 'helm',
    enableOCI: isTrue(oci),
    useAzureWorkloadIdentity: isTrue(workloadIdentity)
  }
  return (['type', 'enableOCI', 'useAzureWorkloadIdentity'] as const)
    .filter((key) => !isRight[key])
    .map((key) => ({ key, expected: CHART_KEYS[key], actual: found[key] }))
}

/** Whether a Secret is exactly what Patless writes for the Helm repository in it; the values of its keys may have drifted. */
export function whyNotMadeForCharts(place: Place, entry: Entry, namespace: string): string | undefined {
  return whyNotMadeFor(place, entry, namespace, Object.keys(CHART_KEYS))
}

export function whyForeignChartSecret(entry: Entry, namespace: string): string | undefined {
  const [different] = chartDifferences(entry)
  return (
    whyNotMadeForCharts(entry, entry, namespace) ??
    (different && `its key ${different.key} is ${different.actual ?? 'missing'}`)
  )
}

/** Secrets and Applications that name the registry as a repository of type oci. */
export function ociUses(
  host: string,
  entries: readonly Entry[],
  applications: readonly Application[]
): readonly string[] {
  const isThere = (url: string): boolean => {
    const rest = url.trim().toLowerCase()
    return rest === `oci://${host}` || rest.startsWith(`oci://${host}/`)
  }
  const plain = ({ type, url }: Entry): boolean => type === 'oci' && hostOf(url) === host
  return [
    ...entries.filter((one) => isThere(one.url) || plain(one)).map(({ secret }) => `Secret ${secret}`),
    ...applications
      .filter(({ sources }) => sources.some(({ url }) => isThere(url)))
      .map(({ namespace, name }) => `Application ${namespace}/${name}`)
  ]
}

function hostOf(url: string): string {
  return (
    url
      .trim()
      .toLowerCase()
      .replace(/^[a-z]+:\/\//, '')
      .split('/')[0] ?? ''
  )
}
