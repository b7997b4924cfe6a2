/**
 * Measures how many of a run's requests are sequential, independently of the machine's speed: requests are held until the
 * run cannot continue without an answer, and are then answered together. The number of these waves is the depth.
 */
import { subscribe, unsubscribe, type ChannelListener } from 'node:diagnostics_channel'
import { setImmediate as turn } from 'node:timers/promises'
import type { Entry, Journal } from './journal.ts'

/** Idle turns of the event loop before a wave is answered: the effects of an answer take a few turns. */
const QUIET_TURNS = 50
/** Kinds of pending work outside of JavaScript: files, names, programs, connections. */
const AT_WORK = /^(FSReq|GetAddrInfo|GetNameInfo|Process|TCPConnect|Write|Shutdown|Query)/

interface Waves<T> {
  readonly result: T
  /** The requests of each wave, in the order in which they were answered. */
  readonly waves: readonly (readonly Entry[])[]
}

/**
 * Runs work of this process against the twin in waves.
 *
 * @param isHeld selects the requests to count; others are answered immediately and do not count
 */
export async function inWaves<T>(
  journal: Journal,
  isHeld: (entry: Entry) => boolean,
  work: () => Promise<T>
): Promise<Waves<T>> {
  const waves: Entry[][] = []
  const held = new Map<Entry, () => void>()
  const sent = countSent()
  let watched = false

  const releaseWhenQuiet = async (): Promise<void> => {
    watched = true
    for (let quiet = 0, before = 0; quiet < QUIET_TURNS;) {
      await turn()
      const still = sent.open() === held.size && held.size === before && !isAtWork()
      before = held.size
      quiet = still ? quiet + 1 : 0
    }
    watched = false
    waves.push([...held.keys()])
    const answers = [...held.values()]
    held.clear()
    for (const answer of answers) answer()
  }

  journal.gate = (entry) => {
    if (!isHeld(entry)) return undefined
    const answered = new Promise<void>((resolve) => held.set(entry, resolve))
    if (!watched) void releaseWhenQuiet()
    return answered
  }
  try {
    return { result: await work(), waves }
  } finally {
    journal.gate = undefined
    sent.stop()
    for (const answer of held.values()) answer()
  }
}

function isAtWork(): boolean {
  return process.getActiveResourcesInfo().some((name) => AT_WORK.test(name))
}

/** Requests of this process, from either of Node's clients, without a complete answer. */
function countSent(): { open: () => number; stop: () => void } {
  const open = new Set<unknown>()
  const began: ChannelListener = (message) => open.add((message as { request: unknown }).request)
  const ended: ChannelListener = (message) => open.delete((message as { request: unknown }).request)
  const channels: [string, ChannelListener][] = [
    ['undici:request:create', began],
    ['undici:request:trailers', ended],
    ['undici:request:error', ended],
    ['http.client.request.start', began],
    ['http.client.response.finish', ended],
    ['http.client.request.error', ended]
  ]
  for (const [name, listener] of channels) subscribe(name, listener)
  return {
    open: () => open.size,
    stop: () => {
      for (const [name, listener] of channels) unsubscribe(name, listener)
    }
  }
}
