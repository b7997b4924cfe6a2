/**
 * What Argo CD was doing when it reported a complaint. It builds its texts phase by phase (argo-cd controller/state.go,
 * reposerver/repository, 3.0 to 3.5), so the beginning decides what a complaint concerns. Other words count only after
 * that, because the names of paths, branches and charts may contain any word.
 */
import type { Phase } from '../core/answered.ts'

export interface Condition {
  readonly type: string
  readonly message: string
}

/** Which sources are ours; if nothing is specified, all are. */
export interface Ours {
  /** By its number, starting at 1. undefined: the Application does not have this source (any more). */
  readonly isSource: (number: number, of: number) => boolean | undefined
  readonly isUrl: (url: string) => boolean
}

/** @returns the phase, and the text without the words that only name the phase */
export function phaseOf({ type, message }: Condition, ours: Ours): { phase: Phase; text: string } {
  if (type === 'InvalidSpecError') return { phase: ofSpec(message, ours), text: message }
  if (type !== 'ComparisonError') return { phase: 'unknown', text: message }
  const compared = BEGINNINGS.find(({ begins }) => begins.test(message))
  if (compared) return { phase: compared.phase, text: message }
  if (!message.startsWith(TARGET)) return { phase: 'unknown', text: message }
  return ofTarget(message.slice(TARGET.length), ours)
}

const TARGET = 'Failed to load target state: '

/** Errors after the sources were read, or independent of them. */
const BEGINNINGS: readonly { readonly begins: RegExp; readonly phase: Phase }[] = [
  { begins: /^Failed to load live state: /, phase: 'cluster' },
  {
    begins:
      /^(?:Failed to (?:normalize target state|compare desired state|check if live resource|load local manifests)|error setting app health|Target revision .{0,300} in Git is)/,
    phase: 'application'
  }
]

function ofTarget(text: string, ours: Ours): { phase: Phase; text: string } {
  const general = GENERAL.find(({ begins }) => begins.test(text))
  if (general) return { phase: general.phase, text }
  const repository = /^failed to get repo "([^"]{0,2000})": /.exec(text)?.[1]
  if (repository !== undefined) return { phase: ours.isUrl(repository) ? 'reading' : 'other source', text }
  const source = SOURCE.exec(text)
  if (!source) return { phase: 'unknown', text }
  const [begin, verb, number, of] = source
  const mine = ours.isSource(Number(number), Number(of))
  const rest = text.slice(begin.length)
  if (mine !== true) return { phase: mine === false ? 'other source' : 'unknown', text }
  if (verb === 'unmarshal manifests') return { phase: 'application', text: rest }
  if (verb === 'get Kustomize options') return { phase: 'installation', text: rest }
  const inner = rest.replace(BY_REPO_SERVER, '')
  return { phase: ofSource(inner, BY_REPO_SERVER.exec(rest)?.[1], ours), text: inner }
}

const SOURCE =
  /^failed to (generate manifest|evaluate revision changes|unmarshal manifests|get Kustomize options) for source (\d{1,4}) of (\d{1,4}): /

const BY_REPO_SERVER = /^rpc error: code = (\w{1,30}) desc = /

/** Argo CD settles these before it looks at any source, so they affect every Application. */
const GENERAL: readonly { readonly begins: RegExp; readonly phase: Phase }[] = [
  {
    begins:
      /^failed to (?:list (?:Helm|OCI) repositories|get (?:permitted )?(?:Helm|OCI) (?:credentials|repositories)|get enabled source types|get (?:Kustomize|Helm) settings|get trackingMethod|get installation ID|get app instance label key|connect to repo server)/,
    phase: 'installation'
  },
  {
    begins:
      /^(?:failed to get (?:destination cluster|cluster version|cluster info)|error synchronizing cache state|controller is configured to ignore cluster)/,
    phase: 'cluster'
  },
  { begins: /^failed to get ref sources/, phase: 'other source' }
]

/** The phase of a repo-server error about one of our sources. */
function ofSource(text: string, code: string | undefined, ours: Ours): Phase {
  // Argo CD keeps only errors of manifest generation, so it had already fetched the source.
  if (text.startsWith('Manifest generation error')) return 'application'
  if (code === 'Unavailable') return 'installation'
  const referred = /^error setting up git client for (\S{1,2000}) and resolving revision/.exec(text)?.[1]
  if (referred !== undefined) return ours.isUrl(referred) ? 'reading' : 'other source'
  if (READING.test(text))
    return /`git submodule |failed to update submodules/.test(text) ? 'other source' : 'reading'
  if (RENDERING.test(text) || /^[^`"]{0,1000}: app path does not exist/.test(text)) return 'application'
  return 'unknown'
}

const READING =
  /^(?:failed to list refs|unable to (?:resolve|ls-remote)|failed to resolve revision|Failed to (?:fetch|checkout|initialize git repo)|failed to get access token|failed to authenticate to git repository|error creating git client|error setting up git client|repository "[^"]{0,2000}" cannot be initialized|unable to get repository|unable to enrich repository|authentication required|authorization failed|repository not found|remote repository is empty|unexpected client error)/

const RENDERING =
  /^(?:`(?:kustomize|helm|jsonnet)[ `]|Failed to (?:unmarshal|evaluate jsonnet|open|read) |Found multiple objects in|CMP processing failed|error (?:generating manifests in cmp|calling cmp-server|getting generateManifestStream|sending file to cmp-server|building helm chart|retrieving helm|reading helm|unmarshalling the helm|getting helm repos|resolving (?:helm )?value|resolving set-file|writing helm values|initializing helm app|getting kustomize|getting app source type|expanding glob|while parsing source parameters)|failed to (?:get potentially valid manifests|unmarshal manifest|get env vars for plugin|detect CMP|get app path|set app instance)|source referenced |source has a 'chart' field|cannot reference |could not parse kubernetes version|helm repos |plugin |repository contains out-of-bounds symlinks|exceeded max combined manifest|invalid manifest file|glob (?:pattern|match) )/

function ofSpec(message: string, ours: Ours): Phase {
  const forbidden = /^application repo (\S{1,2000}) is not permitted in project/.exec(message)?.[1]
  if (forbidden !== undefined) return ours.isUrl(forbidden) ? 'project' : 'other source'
  return /^application (?:referencing project|destination|'[^']{0,300}' in namespace)|^(?:error getting cluster|there are no clusters|unable to find destination server|destination )/i.test(
    message
  )
    ? 'project'
    : 'application'
}

/** A complaint without quotes and URLs: their words are names, and mean nothing. */
export function unquoted(text: string): string {
  return text.replaceAll(/`[^`]*`|"[^"]*"|'[^']*'|https?:\/\/\S+/g, ' ')
}
