/** One line per budget: the figure, the limit, and whether it holds. Figures without a limit give context. */
export function line(mark: string, what: string, figure: string): void {
  process.stdout.write(`${mark.padEnd(4)} ${what.padEnd(80)} ${figure}\n`)
}

export function atMost(limit: number, what: string, value: number, unit = ''): void {
  budget(value <= limit, what, `${value.toFixed(2)}${unit} (at most ${limit}${unit})`)
}

export function budget(holds: boolean, what: string, figure: string): void {
  line(holds ? 'ok' : 'OVER', what, figure)
  if (!holds) process.exitCode = 1
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** @returns the duration in ms */
export async function timed(work: () => unknown): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

/**
 * Runs the works in turns, so that what else the machine does meets all of them, and takes the shortest of each: other
 * programs only ever make one longer.
 *
 * @returns ms of each
 */
export async function shortest<Name extends string>(
  works: Readonly<Record<Name, () => Promise<unknown>>>,
  runs: number
): Promise<Record<Name, number>> {
  const names = Object.keys(works) as Name[]
  const best = Object.fromEntries(names.map((name) => [name, Infinity])) as Record<Name, number>
  for (let run = 0; run < runs; run += 1)
    for (const name of names) best[name] = Math.min(best[name], await timed(works[name]))
  return best
}
