/** The contents of the bundle, from the files that went into it: its packages, their notices, the bill of materials. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { Contrib, Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library'
import { PackageURL } from 'packageurl-js'
import parseExpression from 'spdx-expression-parse'
import { BUNDLED, placesOfBundled, resolvedPlace } from './bundled.ts'

export interface Package {
  /** name@version */
  readonly id: string
  readonly name: string
  readonly version: string
  /** From its package.json: an SPDX id or expression. */
  readonly license: string
  /** Integrity of its archive, from package-lock.json. */
  readonly integrity: string
  /** Its folders in package-lock.json; several when the same version is installed more than once. */
  readonly places: readonly [string, ...string[]]
  readonly dependencies: readonly string[]
}

/**
 * @param files absolute paths of the bundled modules
 * @returns the packages of these files, sorted by id
 * @throws {Error} for a package that is not in package-lock.json, is there in another version, or is not needed by
 *   BUNDLED
 */
export function packagesOf(root: string, files: readonly string[]): Package[] {
  const { packages } = read(root, 'package-lock.json') as { packages: Readonly<Record<string, Locked>> }
  const allowed = placesOfBundled(packages)
  const found = new Map<string, Package>()
  for (const place of placesOf(root, files)) {
    const { name, version, license } = read(root, place, 'package.json') as Manifest
    const id = `${name}@${version}`
    const locked = packages[place]
    if (locked?.integrity === undefined || locked.version !== version)
      throw new Error(`${id} in ${place} is not what package-lock.json has there. Run: npm ci`)
    if (!allowed.has(place))
      throw new Error(`${id} is in the bundle, and only a tool of development needs it.`)
    const { integrity, dependencies = {} } = locked
    const places: Package['places'] = [...(found.get(id)?.places ?? []), place] as [string, ...string[]]
    found.set(id, { id, name, version, license, integrity, places, dependencies: Object.keys(dependencies) })
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license: string
}
interface Locked {
  readonly version: string
  readonly integrity?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

function placesOf(root: string, files: readonly string[]): Set<string> {
  const paths = files.map((file) => relative(root, file).replaceAll(sep, '/'))
  return new Set(paths.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []))
}

/**
 * License and notice texts of every package, each after a line with its id and a line with its license.
 *
 * @throws {Error} for a package without such a text: its license most likely requires one.
 */
export function noticesOf(root: string, packages: readonly Package[]): string {
  return packages
    .map(({ id, license, places: [place] }) => {
      const texts = readdirSync(join(root, place))
        .filter((file) => /^(?:licen[cs]e|notice|copying|third-?party)/i.test(file))
        .sort()
        .map((file) =>
          readFileSync(join(root, place, file), 'utf8')
            .replaceAll('\r\n', '\n')
            .trim()
        )
      if (texts.length === 0) throw new Error(`${id} is in the bundle and has no license text in ${place}.`)
      return [id, license, ...texts, ''].join('\n')
    })
    .join('\n')
}

/**
 * CycloneDX 1.6 as JSON. The same packages give the same bytes: it has no timestamp and no serial number, and
 * everything is sorted here, because the library sorts by locale.
 */
export function billOf(root: string, packages: readonly Package[]): string {
  const own = read(root, 'package.json') as Manifest
  const components = new Map(packages.map((one) => [one.id, componentOf(one)]))
  const bundle = new Models.Component(Enums.ComponentType.Application, own.name, {
    bomRef: `${own.name}@${own.version}`,
    version: own.version,
    licenses: licensed(own.license)
  })
  const byPlace = new Map(packages.flatMap(({ id, places }) => places.map((place) => [place, id])))
  const link = (component: Models.Component | undefined, place: string, names: readonly string[]): void => {
    for (const name of [...names].sort()) {
      // Optional: it may be missing in the bundle.
      const found = components.get(
        byPlace.get(resolvedPlace((one) => byPlace.has(one), place, name) ?? '') ?? ''
      )
      if (found) component?.dependencies.add(found.bomRef)
    }
  }
  link(bundle, '', BUNDLED)
  for (const { id, places, dependencies } of packages) link(components.get(id), places[0], dependencies)
  const bill = new Models.Bom({
    metadata: new Models.Metadata({
      component: bundle,
      lifecycles: new Models.LifecycleRepository([Enums.LifecyclePhase.Build])
    }),
    components: new Models.ComponentRepository(components.values())
  })
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6))
  return `${serializer.serialize(bill, { space: 2 })}\n`
}

function componentOf({ name: fullName, version, license, integrity }: Package): Models.Component {
  const [, group, name = ''] = /^(?:(@[^/]+)\/)?(.+)$/.exec(fullName) ?? []
  const purl = new PackageURL('npm', group, name, version).toString()
  return new Models.Component(Enums.ComponentType.Library, name, {
    ...(group === undefined ? {} : { group }),
    bomRef: purl,
    purl,
    version,
    scope: Enums.ComponentScope.Required,
    licenses: licensed(license),
    hashes: new Models.HashDictionary([Contrib.FromNodePackageJson.Utils.parsePackageIntegrity(integrity)])
  })
}

function licensed(text: string): Models.LicenseRepository {
  const factory = new Contrib.License.Factories.LicenseFactory(parseExpression)
  return new Models.LicenseRepository([factory.makeFromString(text)])
}

function read(...path: string[]): unknown {
  return JSON.parse(readFileSync(join(...path), 'utf8'))
}
