/**
 * Which versions of Argo CD support workload identity for git: added in 3.0.0, fixed later (argo-cd #13334, #23478).
 */

/** The tag of an image; undefined for a digest or a custom tag. */
export function versionOfImage(image: string | undefined): string | undefined {
  return /:v?(\d+\.\d+\.\d+(?:-[\w.]+)?)(?:@|$)/.exec(image ?? '')?.[1]
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
