/** HCL as terraform fmt leaves it: blocks, fields and values, whatever is in a text. */

/** Text of HCL that is not a string: a reference, a boolean. */
export class Expression {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}
export type Value = string | boolean | Expression | readonly Value[] | { readonly [key: string]: Value }

/** A nested block: `metadata { … }`. */
interface Block {
  readonly block: string
  readonly fields: Readonly<Record<string, Value>>
}

export function resource(
  type: string,
  name: string,
  fields: Readonly<Record<string, Value>>,
  blocks: readonly Block[] = []
): string {
  return block('resource', [type, name], fields, blocks)
}

export function imported(to: string, id: string, provider?: Expression): string {
  return block('import', [], { to: new Expression(to), id, ...(provider && { provider }) })
}

export function block(
  kind: string,
  labels: readonly string[],
  fields: Readonly<Record<string, Value>>,
  blocks: readonly Block[] = []
): string {
  const head = [kind, ...labels.map((one) => `"${one}"`)].join(' ')
  const lines = [
    ...fieldsOf(fields, '  '),
    ...blocks.flatMap((one) => {
      const inner = fieldsOf(one.fields, '    ')
      return inner.length === 0 ? [`  ${one.block} {}`] : [`  ${one.block} {`, ...inner, '  }']
    })
  ]
  return lines.length === 0 ? `${head} {}` : `${head} {\n${lines.join('\n')}\n}`
}

function fieldsOf(fields: Readonly<Record<string, Value>>, indent: string): string[] {
  return aligned(
    Object.entries(fields).map(([name, value]) => [name, valueOf(value, indent)]),
    indent
  )
}

/** As terraform fmt has it: the equal signs of lines that follow each other are below each other; a value of several lines is by itself. */
function aligned(entries: readonly (readonly [name: string, value: string])[], indent: string): string[] {
  const isLong = (value = ''): boolean => value.includes('\n')
  return entries.map(([name, value], index) => {
    const before = entries.slice(0, index).findLastIndex(([, one]) => isLong(one))
    const after = entries.findIndex(([, one], at) => at > index && isLong(one))
    const group = entries.slice(before + 1, after === -1 ? undefined : after)
    const width = isLong(value) ? 0 : Math.max(...group.map(([one]) => one.length))
    return `${indent}${name.padEnd(width)} = ${value}`
  })
}

export function valueOf(value: Value, indent: string): string {
  if (value instanceof Expression) return value.text
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return text(value)
  if (isList(value)) return `[${value.map((one) => valueOf(one, indent)).join(', ')}]`
  const entries = Object.entries(value)
  if (entries.length === 0) return '{}'
  const inner = `${indent}  `
  const lines = aligned(
    entries.map(([key, one]) => [/^[a-z_]\w*$/i.test(key) ? key : text(key), valueOf(one, inner)]),
    inner
  )
  return `{\n${lines.join('\n')}\n${indent}}`
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

/** A string of HCL: what begins a template in it is doubled, what ends it or is invisible is escaped. */
function text(value: string): string {
  const escaped = value
    .replaceAll(/["\\]/g, '\\$&')
    .replaceAll(/[$%](?=\{)/g, '$&$&')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (mark) => {
      const point = (mark.codePointAt(0) ?? 0).toString(16)
      return `\\U${point.padStart(8, '0')}`
    })
  return `"${escaped}"`
}
