/** Runs work shortly after a change: each key once, however often it was queued. Nothing runs without a change. */
export class WorkQueue {
  readonly #timers = new Map<string, NodeJS.Timeout>()

  soon(key: string, ms: number, work: () => void): void {
    if (this.#timers.has(key)) return
    const timer = setTimeout(() => {
      this.#timers.delete(key)
      work()
    }, ms)
    timer.unref()
    this.#timers.set(key, timer)
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }
}
