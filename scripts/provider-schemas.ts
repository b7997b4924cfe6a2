/**
 * Makes `__tests__/commands/provider-schemas.json`: of the Terraform types that an export uses, attributes and blocks as the
 * providers declare them. The sources are large, so they are no dependency (docs/decisions/0019-provider-schemas.md):
 *
 *     cd <folder>
 *     for p in azurerm@14.23.1 kubernetes@12.1.1; do npm pack @cdktf/provider-$p; done
 *     pip download --no-deps pulumi-azuredevops==3.16.2
 *     mkdir azurerm kubernetes azuredevops
 *     tar xzf cdktf-provider-azurerm-*.tgz -C azurerm; tar xzf cdktf-provider-kubernetes-*.tgz -C kubernetes
 *     unzip -q pulumi_azuredevops-*.whl -d azuredevops
 *     node scripts/provider-schemas.ts <folder>
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

type Kind = 'string' | 'boolean' | 'number' | 'list' | 'map' | 'any'

interface Attribute {
  /** `computed`: only the provider sets it. */
  readonly presence: 'required' | 'optional' | 'computed'
  readonly kind: Kind
  /** The only keys that a map may have. */
  readonly keys?: readonly string[]
}

export interface Shape {
  readonly attributes: Readonly<Record<string, Attribute>>
  readonly blocks: Readonly<Record<string, Shape & { readonly required: boolean }>>
}

export interface ProviderSchemas {
  readonly sources: readonly string[]
  /** `resource azurerm_…`, `data azuredevops_…`, `provider azurerm`. */
  readonly types: Readonly<Record<string, Shape>>
}

const SOURCES = [
  'hashicorp/azurerm 4.55.0, from @cdktf/provider-azurerm 14.23.1 (npm)',
  'hashicorp/kubernetes 2.38.0, from @cdktf/provider-kubernetes 12.1.1 (npm)',
  'microsoft/azuredevops as of pulumi-azuredevops 3.16.2 (PyPI), which is generated from its schema'
]

/** Type of Terraform → folder of the package, name of its class. */
const CDKTF: readonly (readonly [type: string, provider: string, folder: string, name: string])[] = [
  ['provider azurerm', 'azurerm', 'provider', 'AzurermProvider'],
  ['resource azurerm_user_assigned_identity', 'azurerm', 'user-assigned-identity', 'UserAssignedIdentity'],
  [
    'resource azurerm_federated_identity_credential',
    'azurerm',
    'federated-identity-credential',
    'FederatedIdentityCredential'
  ],
  ['resource azurerm_role_assignment', 'azurerm', 'role-assignment', 'RoleAssignment'],
  ['provider kubernetes', 'kubernetes', 'provider', 'KubernetesProvider'],
  ['resource kubernetes_secret_v1', 'kubernetes', 'secret-v1', 'SecretV1'],
  ['resource kubernetes_annotations', 'kubernetes', 'annotations', 'Annotations'],
  ['resource kubernetes_manifest', 'kubernetes', 'manifest', 'Manifest']
]

/** Type of Terraform → module and class. */
const PULUMI: readonly (readonly [type: string, module: string, name: string])[] = [
  ['provider azuredevops', 'provider', 'Provider'],
  [
    'resource azuredevops_service_principal_entitlement',
    'service_principal_entitlement',
    'ServicePrincipalEntitlement'
  ],
  ['resource azuredevops_group_membership', 'group_membership', 'GroupMembership'],
  ['resource azuredevops_project_permissions', 'project_permissions', 'ProjectPermissions'],
  ['resource azuredevops_git_permissions', 'git_permissions', 'GitPermissions']
]

function main(folder: string): void {
  const cdktf = CDKTF.map(([type, provider, place, name]) => {
    const path = join(folder, provider, 'package/lib', place)
    const [types, code] = ['index.d.ts', 'index.js'].map((file) => readFileSync(join(path, file), 'utf8'))
    return [type, shapeOf(types ?? '', code ?? '', `${name}Config`, name)] as const
  })
  const moduleText = (name: string): string =>
    readFileSync(join(folder, 'azuredevops/pulumi_azuredevops', `${name}.py`), 'utf8')
  const pulumi = PULUMI.map(([type, module, name]) => [type, pulumiShape(moduleText(module), name)] as const)
  const group = ['data azuredevops_group', pulumiData(moduleText('get_group'), 'get_group')] as const
  const schemas: ProviderSchemas = {
    sources: SOURCES,
    types: Object.fromEntries([...cdktf, ...pulumi, group])
  }
  const file = new URL('../__tests__/commands/provider-schemas.json', import.meta.url)
  writeFileSync(file, `${JSON.stringify(schemas, undefined, 2)}\n`)
}

/** @param config the interface with what may be set @param of the class, which also has what is only computed */
function shapeOf(types: string, code: string, config: string, of: string): Shape {
  const body =
    new RegExp(`export interface ${config} (?:extends [\\w.]+ )?\\{([\\s\\S]*?)\\n\\}`).exec(types)?.[1] ?? ''
  if (body === '') throw new Error(`there is no ${config}`)
  const attributes: Record<string, Attribute> = {}
  const blocks: Record<string, Shape & { required: boolean }> = {}
  for (const part of body.split('/**').slice(1)) {
    const [, name = ''] = /#(\w+) [\w.]+#\w+\}/.exec(part) ?? []
    const [, , optional, type = ''] = /readonly (\w+)(\?)?: ([^;]+);/.exec(part) ?? []
    if (name === '' || type === '') continue
    const [, nested] = /^([A-Z]\w+?)(?:\[\])?(?: \| cdktf\.IResolvable)?$/.exec(type) ?? []
    const required = optional === undefined
    if (nested !== undefined && types.includes(`export interface ${nested} `)) {
      const inner = /^export interface \w+ \{\s*\}/m.test(
        types.slice(types.indexOf(`export interface ${nested} `))
      )
        ? { attributes: {}, blocks: {} }
        : shapeOf(types, code, nested, `${nested}OutputReference`)
      blocks[name] = { required, ...(of === config ? inner : { ...inner, blocks: {} }) }
    } else if (name === 'id') attributes[name] = { presence: 'computed', kind: 'string' }
    else attributes[name] = { presence: required ? 'required' : 'optional', kind: kindOf(type) }
  }
  for (const name of computedIn(code, of)) attributes[name] ??= { presence: 'computed', kind: 'any' }
  return { attributes: sorted(attributes), blocks: sorted(blocks) }
}

function computedIn(code: string, of: string): string[] {
  const from = code.indexOf(`class ${of} extends`)
  if (from < 0) return []
  const rest = code.slice(from + 1)
  const next = /^class /m.exec(rest)?.index ?? rest.length
  return [
    ...rest.slice(0, next).matchAll(/\/\/ (\w+) - computed: true, optional: false, required: false/g)
  ].flatMap(([, name]) => name ?? [])
}

function kindOf(type: string): Kind {
  if (/^string\b/.test(type) && !type.startsWith('string[]')) return 'string'
  if (/^(?:boolean)\b/.test(type)) return 'boolean'
  if (/^number\b(?!\[)/.test(type)) return 'number'
  if (/\[\]/.test(type)) return 'list'
  return type.startsWith('{') ? 'map' : 'any'
}

/** Arguments, and what the state has beyond them. */
function pulumiShape(text: string, name: string): Shape {
  const settable = argumentsOf(text, `class ${name}Args:`)
  const state = text.includes(`class _${name}State:`) ? argumentsOf(text, `class _${name}State:`) : {}
  const computed = Object.entries(state)
    .filter(([key]) => !(key in settable))
    .map(([key, one]) => [key, { ...one, presence: 'computed' as const }] as const)
  const all: Record<string, Attribute> = {
    id: { presence: 'computed', kind: 'string' },
    ...settable,
    ...Object.fromEntries(computed)
  }
  const { permissions } = all
  const keys = [...text.matchAll(/^\s+\| (\w+)\s+\| [^|]+\|$/gm)].flatMap(([, key]) => key ?? [])
  const named = [...new Set(keys)].filter((key) => !['Permission', 'Permissions'].includes(key))
  return {
    attributes: sorted({ ...all, ...(permissions && { permissions: { ...permissions, keys: named } }) }),
    blocks: {}
  }
}

function pulumiData(text: string, name: string): Shape {
  const found = argumentsOf(text, `def ${name}(`)
  Reflect.deleteProperty(found, 'opts')
  return { attributes: sorted({ id: { presence: 'computed', kind: 'string' }, ...found }), blocks: {} }
}

/** Of the first function after these words. */
function argumentsOf(text: string, words: string): Record<string, Attribute> {
  const from = text.indexOf(words)
  if (from < 0) throw new Error(`there is no ${words}`)
  const after = text.slice(text.indexOf('(', words.startsWith('def') ? from : text.indexOf('__init__', from)))
  const list = after.slice(0, after.search(/\)(?: -> [\w.]+)?:\n/))
  return Object.fromEntries(
    [...list.matchAll(/^\s*\(?(\w+): (.+?)( = None)?,?$/gm)].map(([, name = '', type = '', none]) => {
      const kind: Kind = type.includes('Sequence[')
        ? 'list'
        : type.includes('Mapping[')
          ? 'map'
          : type.includes('.bool')
            ? 'boolean'
            : type.includes('.str')
              ? 'string'
              : 'any'
      return [name, { presence: none === undefined ? 'required' : 'optional', kind }]
    })
  )
}

function sorted<T>(all: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(all).toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

const [, , folder] = process.argv
if (folder === undefined) throw new Error('name the folder with the unpacked packages')
main(folder)
