/** Finds secrets in captured output: plain, URL-encoded, and in base64 at any offset. */
import type { ChildProcess } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import { FAKE_PAT } from './kubernetes/defects.ts'

/** Leaks in the output or in files of all runs of this process, whichever test started them. */
export const leaked: string[] = []

/** The parts of a twin that hold secrets. */
interface Holder {
  readonly azure: {
    readonly issued: readonly string[]
    readonly personalTokens: readonly string[]
    readonly github: { readonly requestToken: string }
    readonly azurePipelines: { readonly accessToken: string; readonly secret: string }
  }
  readonly kubernetes: { readonly issued: readonly string[]; readonly token: string }
}

const twins: Holder[] = []
/** The arguments of every program that this process started. */
const started: string[] = []
subscribe('child_process', (message) => {
  const { process } = message as { process: ChildProcess }
  // The event comes with the creation of the process; its arguments are known right after.
  queueMicrotask(() => started.push(process.spawnargs.join(' ')))
})

/** Commands that ran in a cluster, and what they printed: whoever may read them in Azure reads them. */
const kept: string[] = []

export function keepOutput(text: string): void {
  kept.push(text)
}

/** From now on every run is searched for this twin's secrets. */
export function keepSecretsOf(twin: Holder): void {
  twins.push(twin)
}

/** Called before a run. @returns to be called with the run's output and files; adds the arguments of its programs. */
export function leakCheck(): (captured: string) => void {
  const issued = twins.map(secretsFrom)
  const [before, keptBefore] = [started.length, kept.length]
  return (captured) => {
    const all = [withoutMasks(captured), ...started.slice(before), ...kept.slice(keptBefore)].join('\n')
    leaked.push(...leaksIn(all, [FAKE_PAT, ...issued.flatMap((since) => since())]))
  }
}

/** @returns the twin's secrets: permanent ones, and those that it has issued since this call. */
export function secretsFrom({ azure, kubernetes }: Holder): () => string[] {
  const [since, sinceThere] = [azure.issued.length, kubernetes.issued.length]
  const { github, azurePipelines, personalTokens } = azure
  return () => [
    ...personalTokens,
    github.requestToken,
    azurePipelines.accessToken,
    azurePipelines.secret,
    kubernetes.token,
    ...azure.issued.slice(since),
    ...kubernetes.issued.slice(sinceThere)
  ]
}

/** The end of a secret, long enough to identify it (in a JWT the signature); all of a short secret. */
const TAIL = 40
/** A secret is searched for in all runs that are active when it is issued. */
const forms = new Map<string, readonly string[]>()

export function leaksIn(captured: string, secrets: readonly string[]): string[] {
  return [...new Set(secrets)].flatMap((secret) => {
    const needles = forms.get(secret) ?? formsOf(secret.slice(-TAIL))
    forms.set(secret, needles)
    const found = needles.find((needle) => captured.includes(needle))
    if (found === undefined) return []
    const at = captured.indexOf(found)
    const around = captured.slice(Math.max(0, at - 80), at)
    return [`a secret (${secret.slice(0, 6)}…) after: ${JSON.stringify(around)}`]
  })
}

function formsOf(tail: string): string[] {
  const aligned = [0, 1, 2].flatMap((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(tail)])
    // The first and last characters also contain bits of the neighbors.
    const [from, left] = [Math.ceil((offset * 8) / 6), bytes.length % 3 === 0 ? 0 : 1]
    return (['base64', 'base64url'] as const).map((encoding) => {
      const text = bytes.toString(encoding).replaceAll('=', '')
      return text.slice(from, text.length - left)
    })
  })
  return [tail, encodeURIComponent(tail), ...aligned]
}

/** Lines with secrets to mask, which a host prints for the runner and the runner never shows. */
export function withoutMasks(log: string): string {
  return log.replaceAll(/^(?:::add-mask::|##vso\[task\.setsecret\]).*$/gm, '')
}
