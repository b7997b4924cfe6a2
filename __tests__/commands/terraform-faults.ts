/** What a provider would refuse in an exported main.tf, by its own schema (provider-schemas.json). */
import { parse } from '@cdktn/hcl2json'
import { readFileSync } from 'node:fs'
import type { ProviderSchemas, Shape } from '../../scripts/provider-schemas.ts'

const { types } = JSON.parse(
  readFileSync(new URL('provider-schemas.json', import.meta.url), 'utf8')
) as ProviderSchemas

type Fields = Readonly<Record<string, unknown>>
/** Kind → type → name, or type → bodies for providers. */
type File = Readonly<Record<string, unknown>>

/** What Terraform itself understands in these blocks. */
const META: Readonly<Record<string, readonly string[]>> = {
  resource: ['provider', 'depends_on', 'lifecycle', 'count', 'for_each'],
  data: ['provider', 'depends_on', 'count', 'for_each'],
  provider: ['alias', 'version']
}
const KNOWN = ['terraform', 'provider', 'resource', 'data', 'import']

/** @returns one line per fault; empty when every provider takes it */
export async function faultsInTerraform(text: string): Promise<string[]> {
  const file = (await parse('main.tf', text)) as unknown as File
  const strange = Object.keys(file).filter((kind) => !KNOWN.includes(kind))
  const providers = entriesOf(file['provider']).flatMap(([name, bodies]) =>
    bodiesOf(bodies).flatMap((body) => faultsOf(`provider ${name}`, 'provider', body))
  )
  const named = ['resource', 'data'].flatMap((kind) =>
    entriesOf(file[kind]).flatMap(([type, all]) =>
      entriesOf(all).flatMap(([, bodies]) =>
        bodiesOf(bodies).flatMap((body) => faultsOf(`${kind} ${type}`, kind, body))
      )
    )
  )
  const imports = bodiesOf(file['import']).flatMap((body) =>
    Object.keys(body)
      .filter((key) => !['to', 'id', 'provider'].includes(key))
      .map((key) => `import: ${key} is not known`)
  )
  return [...strange.map((kind) => `${kind} is no block`), ...providers, ...named, ...imports]
}

function faultsOf(type: string, kind: string, body: Fields): string[] {
  const shape = types[type]
  if (!shape) return [`${type} has no schema: add it to scripts/provider-schemas.ts`]
  return faultsIn(type, shape, body, META[kind] ?? [])
}

function faultsIn(
  where: string,
  { attributes, blocks }: Shape,
  body: Fields,
  meta: readonly string[]
): string[] {
  const given = Object.entries(body).filter(([key]) => !meta.includes(key))
  const wrong = given.flatMap(([key, value]): string[] => {
    const [attribute, block] = [attributes[key], blocks[key]]
    if (block) return bodiesOf(value).flatMap((inner) => faultsIn(`${where} ${key}`, block, inner, []))
    if (!attribute) return [`${where}: ${key} is not known`]
    if (attribute.presence === 'computed') return [`${where}: ${key} is set by the provider only`]
    if (!fits(value, attribute.kind)) return [`${where}: ${key} is not a ${attribute.kind}`]
    const { keys } = attribute
    const strange = keys ? Object.keys(value as object).filter((one) => !keys.includes(one)) : []
    return strange.map((one) => `${where}: ${key} has no ${one}`)
  })
  const required = [
    ...Object.entries(attributes).filter(([, { presence }]) => presence === 'required'),
    ...Object.entries(blocks).filter((entry) => entry[1].required)
  ]
  const missing = required.flatMap(([key]) => (key in body ? [] : [`${where}: ${key} is missing`]))
  return [...wrong, ...missing]
}

/** An expression may be anything. */
function fits(value: unknown, kind: string): boolean {
  if (kind === 'any' || (typeof value === 'string' && value.startsWith('${'))) return true
  if (kind === 'list') return Array.isArray(value)
  if (kind === 'map') return typeof value === 'object' && value !== null && !Array.isArray(value)
  return typeof value === kind
}

function entriesOf(value: unknown): [string, unknown][] {
  return Object.entries(value ?? {})
}

function bodiesOf(value: unknown): Fields[] {
  return (Array.isArray(value) ? value : value === undefined ? [] : [value]) as Fields[]
}
