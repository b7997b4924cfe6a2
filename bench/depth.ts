/** The longest chain of sequential requests: each begins after the previous one has ended. */
interface Span {
  readonly start: number
  readonly end: number
}

export function depthOf(spans: readonly Span[]): number {
  const ordered = spans.toSorted((a, b) => a.end - b.end)
  const depths: { end: number; depth: number }[] = []
  for (const { start, end } of ordered) {
    const before = depths.filter((one) => one.end <= start).map(({ depth }) => depth)
    depths.push({ end, depth: 1 + Math.max(0, ...before) })
  }
  return Math.max(0, ...depths.map(({ depth }) => depth))
}
