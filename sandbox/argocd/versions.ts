/** What workload identity for git does in which version of Argo CD. */

/** Since 3.0.0; earlier versions ignore the flag of the Secret. */
export function hasWorkloadIdentity(version: string): boolean {
  return partsOf(version)[0] >= 3
}

/** ls-remote works, every fetch fails (argo-cd #23478): 3.0.0 to 3.0.12, and 3.1.0 with its candidates. */
export function fetchIsBroken(version: string): boolean {
  const [major, minor, patch] = partsOf(version)
  return major === 3 && ((minor === 0 && patch <= 12) || (minor === 1 && patch === 0))
}

/** Release candidates count as their release. */
export function atLeast(version: string, since: string): boolean {
  const [ours, theirs] = [partsOf(version), partsOf(since)]
  const at = ours.findIndex((part, index) => part !== theirs[index])
  return at < 0 || (ours[at] ?? 0) > (theirs[at] ?? 0)
}

/** Keys of a service principal of its own (argo-cd PR 25324). */
export function hasServicePrincipal(version: string): boolean {
  return atLeast(version, '3.5.0')
}

function partsOf(version: string): [number, number, number] {
  const [, major = '0', minor = '0', patch = '0'] = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version) ?? []
  return [Number(major), Number(minor), Number(patch)]
}
