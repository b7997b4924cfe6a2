/**
 * Reads of an organization that are made once: for a run, and for all runs of a process that log in as the same. Only what
 * no run writes is kept here, and the list of members, which is forgotten with every write.
 */

/** Of all runs of a process, of one organization as one login. */
export class SharedReads {
  readonly #known = new Map<string, Promise<unknown>>()

  /**
   * @param ask its absent answers are not kept, nor are failures: a run that waited for one asks itself
   * @returns the answer, and whether an earlier question got it
   */
  async once<T>(
    what: string,
    ask: () => Promise<T>
  ): Promise<{ readonly value: T; readonly isEarlier: boolean }> {
    // Each turn of the loop waits for another run; the question is there before anything else can ask.
    for (;;) {
      const known = this.#known.get(what) as Promise<T> | undefined
      if (!known) break
      const value = await known.catch(() => undefined)
      if (value !== undefined) return { value, isEarlier: true }
      if (this.#known.get(what) === known) this.#known.delete(what)
    }
    const asked = ask()
    this.#known.set(what, asked)
    const forget = (): void => {
      if (this.#known.get(what) === asked) this.#known.delete(what)
    }
    asked.then((answer) => {
      if (answer === undefined) forget()
    }, forget)
    return { value: await asked, isEarlier: false }
  }

  forget(what: string): void {
    this.#known.delete(what)
  }
}

/** Of one run. */
export class Reads {
  readonly #known = new Map<string, Promise<{ readonly value: unknown; readonly isEarlier: boolean }>>()
  readonly #shared: SharedReads | undefined
  constructor(shared?: SharedReads) {
    this.#shared = shared
  }

  /** @param what names the question within the organization */
  async once<T>(what: string, ask: () => Promise<T>): Promise<T> {
    return (await this.#asked(what, ask)).value
  }

  /** The same, but an answer to another run counts only if it is good enough. */
  async onceIf<T>(what: string, ask: () => Promise<T>, isEnough: (value: T) => boolean): Promise<T> {
    const { value, isEarlier } = await this.#asked(what, ask)
    if (!isEarlier || isEnough(value)) return value
    this.forget(what)
    return (await this.#asked(what, ask)).value
  }

  forget(what: string): void {
    this.#known.delete(what)
    this.#shared?.forget(what)
  }

  #asked<T>(
    what: string,
    ask: () => Promise<T>
  ): Promise<{ readonly value: T; readonly isEarlier: boolean }> {
    const known = this.#known.get(what) as
      Promise<{ readonly value: T; readonly isEarlier: boolean }> | undefined
    if (known) return known
    const asked = this.#shared
      ? this.#shared.once(what, ask)
      : ask().then((value) => ({ value, isEarlier: false }))
    this.#known.set(what, asked)
    return asked
  }
}
