/**
 * Which versions of Argo CD support workload identity for git: added in 3.0.0, fixed later (argo-cd #13334, #23478).
 */

/**
 * The tag of the repo-server's own image; undefined for a digest, and for a build of somebody else's: a suffix or another
 * name says nothing about what is in it. Mirrors keep the name.
 */
export function versionOfImage(image: string | undefined): string | undefined {
  return /(?:^|\/)argo-?cd:v?(\d+\.\d+\.\d+(?:-rc\d+)?)(?:@|$)/.exec(image ?? '')?.[1]
}

/** `absent`: Argo CD ignores the flag. `broken`: it reports "Successful" while every fetch fails. */
export function judged(version: string | undefined): 'good' | 'absent' | 'broken' | 'unknown' {
  const [text, major = 0, minor = 0, patch = 0] = (/^v?(\d+)\.(\d+)\.(\d+)/.exec(version ?? '') ?? []).map(
    Number
  )
  if (text === undefined) return 'unknown'
  if (major < 3) return 'absent'
  return major === 3 && ((minor === 0 && patch <= 12) || (minor === 1 && patch === 0)) ? 'broken' : 'good'
}

/** Release candidates count as their release. */
export function atLeast(version: string, since: string): boolean {
  const parts = (text: string): number[] => (/^v?(\d+)\.(\d+)\.(\d+)/.exec(text) ?? []).slice(1).map(Number)
  const [ours, theirs] = [parts(version), parts(since)]
  const at = ours.findIndex((part, index) => part !== theirs[index])
  return at < 0 || (ours[at] ?? 0) > (theirs[at] ?? 0)
}
