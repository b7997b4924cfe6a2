import { describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { build } from 'esbuild'
import { billOf, noticesOf, packagesOf } from '../../scripts/contents.ts'
import { assertOfNode, LEFT_OUT } from '../../scripts/left-out.ts'
import { assertTrimmed, TRIMMED } from '../../scripts/trimmed.ts'

const text = (path: string): string => readFileSync(path, 'utf8')

interface Component {
  readonly group?: string
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly 'bom-ref': string
  readonly hashes: readonly { readonly alg: string; readonly content: string }[]
  readonly licenses: readonly [{ readonly license?: { readonly id?: string }; readonly expression?: string }]
}
interface Bill {
  readonly metadata: { readonly component: { readonly 'bom-ref': string } }
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[]
}
const bill = JSON.parse(text('dist/sbom.cdx.json')) as Bill
const nameOf = ({ group, name }: Component): string => (group === undefined ? name : `${group}/${name}`)
const idOf = (component: Component): string => `${nameOf(component)}@${component.version}`

describe('dist/', () => {
  test('holds chunks, notices, the bill of materials, and nothing else', () => {
    const expected = /^(?:(?:\d+\.)?index\.js|package\.json|licenses\.txt|sbom\.cdx\.json)$/
    for (const entry of readdirSync('dist', { withFileTypes: true })) {
      expect(entry.isFile()).toBe(true)
      expect(entry.name).toMatch(expected)
    }
  })

  test('needs nothing from outside but Node: whatever lies in a folder above it is not loaded', () => {
    const loaded = readdirSync('dist')
      .filter((name) => name.endsWith('.js'))
      .flatMap((name) => [
        ...text(`dist/${name}`).matchAll(
          /\(import\.meta\.url\)\("([^"]+)"\)|\b(?:from|import)"([\w@./:-]+)"/g
        )
      ])
      .map(([, required, imported]) => required ?? imported ?? '')
    expect(loaded.length).toBeGreaterThan(30)
    expect(loaded.filter((name) => !isBuiltin(name))).toEqual([])
  })
})

describe('the bill of materials', () => {
  test('is CycloneDX 1.6 by the official schema', async () => {
    const judge = new Validation.JsonStrictValidator(Spec.Version.v1dot6)
    expect(await judge.validate(text('dist/sbom.cdx.json'))).toBeNull()
    const wrong = { ...bill, components: [{ ...bill.components[0], type: 'parcel' }] }
    expect(await judge.validate(JSON.stringify(wrong))).not.toBeNull()
  })

  // Another bundler follows the same imports. Of what it finds, only that is missing which the build leaves out.
  test('lists the packages that another bundler finds in src/, in the same versions', async () => {
    const { metafile } = await build({
      entryPoints: ['src/main.ts'],
      bundle: true,
      splitting: true,
      outdir: 'never',
      write: false,
      metafile: true,
      platform: 'node',
      format: 'esm',
      alias: LEFT_OUT,
      logLevel: 'silent'
    })
    const files = Object.values(metafile.outputs).flatMap(({ inputs }) =>
      Object.keys(inputs).filter((name) => (inputs[name]?.bytesInOutput ?? 0) > 0)
    )
    const found = packagesOf(
      process.cwd(),
      files.map((name) => `${process.cwd()}/${name}`)
    )
    const listed = bill.components.map(idOf)
    expect(listed.length).toBeGreaterThan(30)
    expect(listed.filter((id) => !found.some((one) => one.id === id))).toEqual([])
    expect(found.filter(({ id }) => !listed.includes(id)).map(({ name }) => name)).toEqual([
      '@actions/http-client',
      'undici'
    ])
  })

  test('has version, hash and purl of each package as package-lock.json has them', () => {
    const { packages } = JSON.parse(text('package-lock.json')) as {
      packages: Record<string, { version?: string; integrity?: string }>
    }
    const locked = Object.entries(packages).map(([place, { version = '', integrity }]) => ({
      id: `${place.split('node_modules/').at(-1) ?? ''}@${version}`,
      integrity
    }))
    for (const component of bill.components) {
      const [lock] = locked.filter(({ id }) => id === idOf(component))
      const [hash] = component.hashes
      expect(hash?.alg).toBe('SHA-512')
      expect(lock?.integrity).toBe(`sha512-${Buffer.from(hash?.content ?? '', 'hex').toString('base64')}`)
      expect(decodeURIComponent(component.purl)).toBe(`pkg:npm/${idOf(component)}`)
      expect(component['bom-ref']).toBe(component.purl)
    }
  })

  test('is the same at each build: sorted, each package once, no time and no serial number', () => {
    const ids = bill.components.map(idOf)
    expect(ids).toEqual([...new Set(ids)].sort())
    for (const word of ['timestamp', 'serialNumber']) expect(text('dist/sbom.cdx.json')).not.toContain(word)
  })

  test('has licenses that ask for a notice and no more', () => {
    const asked = bill.components.map(({ licenses: [one] }) => one.license?.id ?? one.expression)
    for (const license of asked)
      expect(['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD']).toContain(license)
  })

  test('leads from the bundle to every package in it', () => {
    const needs = new Map(bill.dependencies.map(({ ref, dependsOn = [] }) => [ref, dependsOn]))
    const reached = new Set([bill.metadata.component['bom-ref']])
    // A set also goes through what is added on the way.
    for (const ref of reached) for (const one of needs.get(ref) ?? []) reached.add(one)
    expect(bill.components.map(({ purl }) => purl).filter((purl) => !reached.has(purl))).toEqual([])
  })
})

describe('the notices', () => {
  const heads = [...text('dist/licenses.txt').matchAll(/^((?:@[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d\S*)\n(.+)$/gm)]

  test('are of exactly the packages in the bill of materials, with the license it says', () => {
    expect(heads.map(([, id, license]) => [id, license])).toEqual(
      bill.components.map((one) => [idOf(one), one.licenses[0].license?.id ?? one.licenses[0].expression])
    )
  })

  test('have a text for each of them', () => {
    const ends = [...heads.slice(1).map(({ index }) => index), text('dist/licenses.txt').length]
    for (const [number, { index, 0: head }] of heads.entries()) {
      const body = text('dist/licenses.txt').slice(index + head.length, ends[number])
      expect(`${head}: ${body.length > 300 ? 'text' : body}`).toBe(`${head}: text`)
    }
  })
})

describe('what the build refuses', () => {
  const root = process.cwd()
  const zod = `${root}/node_modules/zod/v4/mini/index.js`

  test('a package of which package-lock.json does not know', () => {
    expect(() => packagesOf(root, [`${root}/node_modules/jest/node_modules/zod/index.js`])).toThrow()
    expect(packagesOf(root, [zod, `${root}/src/main.ts`]).map(({ name }) => name)).toEqual(['zod'])
  })

  test('a package that only a tool of development needs', () => {
    expect(() => packagesOf(root, [`${root}/node_modules/jest/build/index.js`])).toThrow(
      'tool of development'
    )
  })

  test('a module that would be looked for at run time', () => {
    expect(() => {
      assertOfNode(['node:fs', 'fs/promises', 'open'])
    }).toThrow(/outside: open$/)
  })

  test('a package without a license text', () => {
    const [one] = packagesOf(root, [zod])
    if (!one) throw new Error('no zod')
    expect(noticesOf(root, [one])).toContain('Permission is hereby granted')
    expect(() => noticesOf(root, [{ ...one, places: ['node_modules/zod/v4'] }])).toThrow('no license text')
  })

  test('a hash that is none', () => {
    const [one] = packagesOf(root, [zod])
    if (!one) throw new Error('no zod')
    expect(() => billOf(root, [{ ...one, integrity: 'md5-aaaa' }])).toThrow()
  })

  test('other counts of what was trimmed, with the table to write', () => {
    expect(() => {
      assertTrimmed(TRIMMED)
    }).not.toThrow()
    const found = { ...TRIMMED, '@actions/core': { files: { kept: 1, removed: 2 } } }
    expect(() => {
      assertTrimmed(found)
    }).toThrow(/@actions\/core, files: 1 kept, 2 removed; expected: \d+ kept[^]*"kept": 1,\n/)
    for (const [from, to] of [
      [{}, TRIMMED],
      [TRIMMED, {}]
    ] as const)
      expect(() => {
        assertTrimmed(from, to)
      }).toThrow('not counted')
  })

  test('packages are pinned to one version when they are trimmed', () => {
    const { devDependencies } = JSON.parse(text('package.json')) as {
      devDependencies: Record<string, string>
    }
    for (const name of Object.keys(TRIMMED)) expect(devDependencies[name]).toMatch(/^\d+\.\d+\.\d+$/)
  })
})
