/** The one set-up of a suite that needs the twin: started before its tests, new for each of them, closed after them. */
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals'
import { setDefaultCACertificates } from 'node:tls'
import { resetTime } from '../sandbox/clock.ts'
import { startTwin, type Twin } from '../sandbox/twin.ts'

export interface Use {
  /** The same for all tests of the suite: what one does is there for the next. */
  readonly shared?: boolean
}

/** For programs and clients; requests of this process trust it, too. */
export function useTwin({ shared = false }: Use = {}): Twin {
  const twin = using(startTwin, (one) => one.close())
  beforeAll(() => {
    setDefaultCACertificates([twin.tls.ca])
  })
  if (!shared) {
    beforeEach(() => {
      twin.reset()
    })
  }
  return twin
}

/** What is started before the tests, by a name that may be given while they are still being collected. */
export function using<T extends object>(start: () => Promise<T>, close: (started: T) => Promise<void>): T {
  let started: T | undefined
  beforeAll(async () => {
    started = await start()
  })
  afterEach(resetTime)
  afterAll(async () => {
    if (started) await close(started)
  })
  return new Proxy({} as T, {
    get(_nothing, name) {
      if (!started) throw new Error(`${String(name)}: there is no world before the tests begin`)
      return Reflect.get(started, name)
    }
  })
}
