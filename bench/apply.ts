/** A first apply: what it waits for, and how it compares with doing the same by hand. */
import { buildByHand, cloudByHand, handOf, has, logInByHand, proveByHand } from '../sandbox/by-hand.ts'
import { NO_LAG, startTwin } from '../sandbox/twin.ts'
import { atMost, budget, line, median, timed } from './budgets.ts'
import { apply } from './jobs.ts'

/** Latency of the services, in ms: long enough to make the machine's own work negligible. */
const LAG = { credential: 4_000, directory: 3_000, membership: 2_500, podStart: 3_500, extension: 0 }
/**
 * Propagation delays that a run must wait out: of a new identity and of a new membership. Other work fits in between.
 */
const LONGEST_WAIT = LAG.directory + LAG.membership

/** Runs the same apply with and without propagation delays: the difference is the waiting time. */
export async function firstApply(): Promise<void> {
  const walls: number[] = []
  for (const lag of [NO_LAG, LAG]) {
    const twin = await startTwin(lag)
    try {
      walls.push(await timed(() => apply(twin)))
    } finally {
      await twin.close()
    }
  }
  const [still = 0, lagging = 0] = walls
  const share = (lagging - still) / LONGEST_WAIT
  atMost(1.25, 'waits of a first apply : longest chain of waits the services impose', share, '×')
}

/** Both log in, build and verify with token and git; the registration of the twin's cloud in az does not count. */
export async function byHand(): Promise<void> {
  const what = 'first apply : the same steps by az and kubectl'
  const lacking = ['az', 'kubectl', 'curl'].filter((tool) => !has(tool))
  if (lacking.length > 0) {
    line('SKIP', what, `not measured: there is no ${lacking.join(', no ')} on PATH`)
    return
  }
  const twin = await startTwin(NO_LAG)
  try {
    const hand = handOf(twin)
    await cloudByHand(twin, hand)
    const hands: number[] = []
    const own: number[] = []
    for (let run = 0; run < 3; run += 1) {
      twin.reset()
      hands.push(
        await timed(async () => {
          await logInByHand(hand)
          await buildByHand(twin, hand)
          await proveByHand(twin, hand)
        })
      )
      twin.reset()
      own.push(await timed(() => apply(twin, { verification: 'access' })))
    }
    const [theirs, ours] = [median(hands) / 1000, median(own) / 1000]
    const figure = `${(theirs / ours).toFixed(2)} times as fast: ${ours.toFixed(2)} s, ${theirs.toFixed(2)} s by hand (at least 10)`
    budget(theirs / ours >= 10, what, figure)
  } finally {
    await twin.close()
  }
}
