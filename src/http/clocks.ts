/** How far the clock of this machine is ahead of those of the services, by the `Date` of their answers (RFC 9110, 6.6.1). */
export class Clocks {
  readonly #ahead = new Map<string, number>()

  /** @param asked when the request was sent, in ms since the epoch */
  hear(service: string, date: string | null | undefined, asked: number): void {
    const told = Date.parse(date ?? '')
    if (!Number.isNaN(told)) this.#ahead.set(service, Math.round((asked + Date.now()) / 2 - told))
  }

  /** By service, in ms; those that have not answered are missing. The header has whole seconds. */
  get ahead(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#ahead)
  }
}
