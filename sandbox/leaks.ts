/** Finds secrets in what was captured: as they are, URL-encoded, and in base64 wherever in it they begin. */
import type { ChildProcess } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import { FAKE_PAT } from './kubernetes/defects.ts'

/** What was found in whatever the runs of this process showed or left behind, whichever test started them. */
export const leaked: string[] = []

/** What of a twin holds secrets. */
interface Holder {
  readonly azure: {
    readonly issued: readonly string[]
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
  // Told when it is made; what it is to run is known right after.
  queueMicrotask(() => started.push(process.spawnargs.join(' ')))
})

/** From now on the twin's secrets are looked for in every run. */
export function keepSecretsOf(twin: Holder): void {
  twins.push(twin)
}

/** Called before a run. @returns takes what the run showed, or left on disk; adds the arguments of what it started. */
export function leakCheck(): (captured: string) => void {
  const issued = twins.map(secretsFrom)
  const before = started.length
  return (captured) => {
    const all = [withoutMasks(captured), ...started.slice(before)].join('\n')
    leaked.push(...leaksIn(all, [FAKE_PAT, ...issued.flatMap((since) => since())]))
  }
}

/** @returns the secrets of the twin: what lasts, and what it issued since this was called. */
export function secretsFrom({ azure, kubernetes }: Holder): () => string[] {
  const [since, sinceThere] = [azure.issued.length, kubernetes.issued.length]
  const { github, azurePipelines } = azure
  return () => [
    github.requestToken,
    azurePipelines.accessToken,
    azurePipelines.secret,
    kubernetes.token,
    ...azure.issued.slice(since),
    ...kubernetes.issued.slice(sinceThere)
  ]
}

/** Enough of a secret's end to know it by; all of a short one. Of a JWT this is its signature. */
const TAIL = 40
/** A secret is looked for in all the runs that go on when it is issued. */
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
    // The first and last characters also hold bits of the neighbours.
    const [from, left] = [Math.ceil((offset * 8) / 6), bytes.length % 3 === 0 ? 0 : 1]
    return (['base64', 'base64url'] as const).map((encoding) => {
      const text = bytes.toString(encoding).replaceAll('=', '')
      return text.slice(from, text.length - left)
    })
  })
  return [tail, encodeURIComponent(tail), ...aligned]
}

/** What a host prints for the runner alone, which never shows it: the secrets to mask. */
export function withoutMasks(log: string): string {
  return log.replaceAll(/^(?:::add-mask::|##vso\[task\.setsecret\]).*$/gm, '')
}
