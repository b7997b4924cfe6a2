/**
 * The part of KQL that the twin's Resource Graph knows: `Resources`, `where` with comparisons joined by `and` and `or`,
 * `project`, `order by id asc`, `take`. It refuses everything else with the service's own error.
 */

/** A row of the table, as the service names its columns. */
export interface Row {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly location: string
  readonly resourceGroup: string
  readonly subscriptionId: string
  readonly tags: Readonly<Record<string, string>>
}

/** What the parser of the service says. */
export class ParserFailure extends Error {
  readonly code: 'ParserFailure' | 'InvalidQuery'
  constructor(code: 'ParserFailure' | 'InvalidQuery', message: string) {
    super(message)
    this.code = code
  }
}

type Test = (row: Row) => boolean
const COLUMNS = ['id', 'name', 'type', 'location', 'resourceGroup', 'subscriptionId'] as const
const TOKEN =
  /\s+|\/\/[^\n]*|(?<text>'[^'\n]*'|"[^"\n]*")|(?<word>[A-Za-z_]\w*)|(?<number>\d+)|(?<sign>=~|!~|==|!=|[|().,[\]~])|(?<odd>.)/gsu

/** @returns the rows, of which only the projected columns are kept */
export function answer(query: string, rows: readonly Row[]): Readonly<Record<string, unknown>>[] {
  return new Parser(query).run(rows)
}

class Parser {
  readonly #tokens: readonly string[]
  #at = 0
  constructor(query: string) {
    this.#tokens = [...query.matchAll(TOKEN)].flatMap(({ 0: token, groups }) => {
      const named: Readonly<Record<string, string | undefined>> = groups ?? {}
      if (named['odd'] !== undefined)
        throw new ParserFailure('ParserFailure', `token recognition error at: '${token}'`)
      return Object.values(named).some((one) => one !== undefined) ? [token] : []
    })
  }

  run(table: readonly Row[]): Readonly<Record<string, unknown>>[] {
    const name = this.#next()
    if (name.toLowerCase() !== 'resources')
      throw new ParserFailure('InvalidQuery', `Table ${name} was not found.`)
    let rows = table
    let columns: readonly string[] = [...COLUMNS, 'tags']
    while (this.#at < this.#tokens.length) {
      this.#expect('|')
      const operator = this.#next().toLowerCase()
      if (operator === 'where') rows = rows.filter(this.#either(columns))
      else if (operator === 'project') columns = this.#columns(columns)
      else if (operator === 'take' || operator === 'limit') rows = rows.slice(0, Number(this.#next()))
      else if (operator === 'order' || operator === 'sort') rows = this.#sorted(rows, columns)
      else throw this.#unexpected(operator)
    }
    return rows.map((row) => Object.fromEntries(columns.map((column) => [column, row[column as keyof Row]])))
  }

  #either(columns: readonly string[]): Test {
    const first = this.#both(columns)
    if (!this.#skips('or')) return first
    const rest = this.#either(columns)
    return (row) => first(row) || rest(row)
  }

  #both(columns: readonly string[]): Test {
    const first = this.#comparison(columns)
    if (!this.#skips('and')) return first
    const rest = this.#both(columns)
    return (row) => first(row) && rest(row)
  }

  #comparison(columns: readonly string[]): Test {
    if (this.#skips('(')) {
      const inner = this.#either(columns)
      this.#expect(')')
      return inner
    }
    if (this.#skips('isnotempty')) {
      this.#expect('(')
      const value = this.#value(columns)
      this.#expect(')')
      return (row) => value(row) !== ''
    }
    const value = this.#value(columns)
    const sign = this.#next()
    if (sign === 'in') {
      const isLoose = this.#skips('~')
      const all = this.#texts()
      return (row) => all.some((one) => (isLoose ? same(one, value(row)) : one === value(row)))
    }
    const text = textOf(this.#next())
    if (sign === '==') return (row) => value(row) === text
    if (sign === '!=') return (row) => value(row) !== text
    if (sign === '=~') return (row) => same(value(row), text)
    if (sign === '!~') return (row) => !same(value(row), text)
    throw this.#unexpected(sign)
  }

  /** A column, or a tag of it; a tag that is not there is empty. */
  #value(columns: readonly string[]): (row: Row) => string {
    const name = this.#next()
    if (!columns.includes(name))
      throw new ParserFailure('InvalidQuery', `Failed to resolve scalar expression named '${name}'`)
    if (name !== 'tags') return (row) => textIn(row, name)
    const tag = this.#skips('.') ? this.#next() : this.#inBrackets()
    return (row) => row.tags[tag] ?? ''
  }

  #inBrackets(): string {
    this.#expect('[')
    const name = textOf(this.#next())
    this.#expect(']')
    return name
  }

  #texts(): string[] {
    this.#expect('(')
    const all = [textOf(this.#next())]
    while (this.#skips(',')) all.push(textOf(this.#next()))
    this.#expect(')')
    return all
  }

  #columns(known: readonly string[]): string[] {
    const all: string[] = []
    do {
      const name = this.#next()
      if (!known.includes(name))
        throw new ParserFailure('InvalidQuery', `Failed to resolve scalar expression named '${name}'`)
      all.push(name)
    } while (this.#skips(','))
    return all
  }

  #sorted(rows: readonly Row[], columns: readonly string[]): readonly Row[] {
    this.#expect('by')
    const [column = 'id'] = this.#columns(columns)
    const isDown = this.#skips('desc') || !this.#skips('asc')
    const sorted = rows.toSorted((a, b) => (textIn(a, column) < textIn(b, column) ? -1 : 1))
    return isDown ? sorted.toReversed() : sorted
  }

  #next(): string {
    const token = this.#tokens[this.#at]
    if (token === undefined) throw new ParserFailure('ParserFailure', "mismatched input '<EOF>'")
    this.#at += 1
    return token
  }

  #skips(word: string): boolean {
    const isNext = this.#tokens[this.#at]?.toLowerCase() === word
    if (isNext) this.#at += 1
    return isNext
  }

  #expect(word: string): void {
    const token = this.#next()
    if (token.toLowerCase() !== word) throw this.#unexpected(token, word)
  }

  #unexpected(token: string, expected?: string): ParserFailure {
    const more = expected === undefined ? '' : ` expecting '${expected}'`
    return new ParserFailure('ParserFailure', `mismatched input '${token}'${more}`)
  }
}

function textIn(row: Row, column: string): string {
  const value = row[column as keyof Row]
  return typeof value === 'string' ? value : ''
}

function textOf(token: string): string {
  if (/^['"]/.test(token)) return token.slice(1, -1)
  throw new ParserFailure('ParserFailure', `mismatched input '${token}' expecting STRING_LITERAL`)
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
