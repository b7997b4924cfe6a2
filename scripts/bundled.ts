/**
 * The packages that src/ may bring into the bundle, with their dependencies. The published package has no dependencies
 * (everything is in dist/), so package.json lists them with the tools; only this list distinguishes them.
 */
export const BUNDLED = [
  '@actions/core',
  '@azure/arm-msi',
  '@azure/identity',
  '@kubernetes/client-node',
  'azure-devops-node-api',
  'azure-pipelines-task-lib',
  'fastest-levenshtein',
  'node-sarif-builder',
  'preact',
  'preact-render-to-string',
  'js-yaml',
  'zod'
] as const

/** Searches for a package like Node: in the folder itself, then in each parent folder. */
export function resolvedPlace(
  has: (place: string) => boolean,
  from: string,
  name: string
): string | undefined {
  const place = `${from === '' ? '' : `${from}/`}node_modules/${name}`
  if (has(place)) return place
  if (from === '') return undefined
  return resolvedPlace(has, from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))), name)
}

/** @param packages of package-lock.json @returns the keys there of BUNDLED and of all their dependencies */
export function placesOfBundled(
  packages: Readonly<Record<string, { readonly dependencies?: Readonly<Record<string, string>> }>>
): Set<string> {
  const has = (place: string): boolean => place in packages
  const places = new Set(BUNDLED.map((name) => `node_modules/${name}`))
  // Iterating over a set includes items that are added meanwhile.
  for (const place of places)
    for (const name of Object.keys(packages[place]?.dependencies ?? {})) {
      const found = resolvedPlace(has, place, name)
      if (found !== undefined) places.add(found)
    }
  return places
}
