/**
 * Patterns in a package's source decide what trimming keeps. A new version may be written differently, and nobody would
 * notice that trimming removes too much or too little. So package.json pins the exact version, and this table has the
 * counts. A new call of the Kubernetes API changes them too: the error prints the new table.
 */
export const TRIMMED: Trimmed = {
  '@kubernetes/client-node': {
    methods: { kept: 274, removed: 5472 },
    models: { kept: 181, removed: 731 }
  },
  '@actions/core': { files: { kept: 8, removed: 106 } }
}

type Counts = Readonly<Record<string, { readonly kept: number; readonly removed: number }>>
/** Package → counts. */
type Trimmed = Readonly<Record<string, Counts>>

/** @throws {Error} with every count that differs, and the new table. */
export function assertTrimmed(found: Trimmed, expected = TRIMMED): void {
  const names = new Set([...Object.keys(expected), ...Object.keys(found)])
  const differences = [...names].flatMap((name) => {
    const [before, now] = [expected[name] ?? {}, found[name] ?? {}]
    return [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((what) => {
      const [was, is] = [sayCount(before[what]), sayCount(now[what])]
      return was === is ? [] : `${name}, ${what}: ${is}; expected: ${was}`
    })
  })
  if (differences.length === 0) return
  throw new Error(
    `The trimming of packages no longer gives the counts in scripts/trimmed.ts:\n  ${differences.join('\n  ')}\n` +
      'After a new call of the Kubernetes API that is expected. After an update of the package, look first at what is ' +
      `missing or too much. Then write:\nexport const TRIMMED: Trimmed = ${JSON.stringify(found, null, 2)}`
  )
}

function sayCount(count: Counts[string] | undefined): string {
  return count ? `${count.kept} kept, ${count.removed} removed` : 'not counted'
}
