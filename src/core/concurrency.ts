/** How many requests or probes a step runs in parallel. */
export const AT_ONCE = 8

/**
 * `Promise.all(items.map(work))`, a few at a time. After a failure no new item starts, and the running ones finish
 * first: a probe that is being deleted must not outlive the run.
 *
 * @throws the first failure.
 */
export async function mapBounded<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  atOnce = AT_ONCE
): Promise<R[]> {
  const results: R[] = []
  const failures: unknown[] = []
  const queue = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failures.length > 0) return
      try {
        results[index] = await work(item)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  if (failures.length > 0) throw failures[0]
  return results
}
