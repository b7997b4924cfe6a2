/**
 * The packages that src/ may bring into the bundle, with all that they need. The published package has no
 * dependencies (everything is in dist/), so in package.json they are among the tools; only this list tells them apart.
 */
export const BUNDLED = [
  '@actions/core',
  '@azure/arm-msi',
  '@azure/identity',
  '@kubernetes/client-node',
  'azure-devops-node-api',
  'azure-pipelines-task-lib',
  'js-yaml',
  'zod'
] as const

/** Looks for a package as Node does: in the folder itself, then in each one above. */
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

/** @param packages of package-lock.json @returns the places there of BUNDLED and all that these depend on */
export function placesOfBundled(
  packages: Readonly<Record<string, { readonly dependencies?: Readonly<Record<string, string>> }>>
): Set<string> {
  const has = (place: string): boolean => place in packages
  const places = new Set(BUNDLED.map((name) => `node_modules/${name}`))
  // A set also goes through what is added on the way.
  for (const place of places)
    for (const name of Object.keys(packages[place]?.dependencies ?? {})) {
      const found = resolvedPlace(has, place, name)
      if (found !== undefined) places.add(found)
    }
  return places
}
