/** Joins calls for the same thing while one is under way; nothing is kept once it has ended. */
export class Underway<T> {
  readonly #running = new Map<string, Promise<T>>()

  /** @returns what the call that is under way for the key returns, or else that of `work` */
  join(key: string, work: () => Promise<T>): Promise<T> {
    const running = this.#running.get(key)
    if (running) return running
    const started = work().finally(() => this.#running.delete(key))
    this.#running.set(key, started)
    return started
  }
}
