/**
 * The value of a stored credential. It can be compared with others of its kind and nothing else: it has no text, no
 * JSON and no hash, and nothing outside this file can read it.
 */
export class Sealed {
  readonly #value: string
  constructor(value: string) {
    this.#value = value
  }

  toString(): string {
    return '***'
  }

  toJSON(): string {
    return '***'
  }

  /**
   * Groups items that share a value, directly or through others. Takes time linear in the number of values.
   *
   * @returns groups of at least two, in the order of their first items
   */
  static sharing<T>(items: readonly T[], valuesOf: (item: T) => readonly Sealed[]): T[][] {
    const holders = new Map<string, number>()
    const groups = items.map((_, index) => index)
    const rootOf = (index: number): number => {
      let root = index
      while (groups[root] !== root) root = groups[root] ?? root
      groups[index] = root
      return root
    }
    items.forEach((item, index) => {
      for (const { value } of valuesOf(item).map((one) => ({ value: one.#value }))) {
        const known = holders.get(value)
        if (known === undefined) holders.set(value, index)
        else groups[rootOf(index)] = rootOf(known)
      }
    })
    const members = new Map<number, T[]>()
    items.forEach((item, index) => {
      const root = rootOf(index)
      const group = members.get(root)
      if (group) group.push(item)
      else members.set(root, [item])
    })
    return [...members.values()].filter(({ length }) => length > 1)
  }
}
