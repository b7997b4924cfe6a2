/**
 * One defect in a chain in order: what a check and an apply say of it, beside what the twin's own Argo CD then reads. A
 * chain is built once per install, then restored.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { WorldUnderTest } from '../../sandbox/in-process.ts'
import type { Report } from '../../src/report/report.ts'
import { NOT_OBSERVABLE, type Broken } from './defects.ts'
import { Hands } from './hands.ts'

/** Seconds to wait for what cannot be; and for what has to be. */
const SOON = { 'verification-timeout': '1' }
const LATER = { 'verification-timeout': '30' }

export interface Injected {
  readonly check: Report
  /** What Argo CD said before anybody put it right; empty: it reads. */
  readonly before: string
  readonly apply: Report
  /** What it says afterwards, of new pods as well. */
  readonly after: string
}

export class Chains {
  readonly #world: WorldUnderTest
  readonly #hands: Hands
  readonly #kept = new Map<string, () => void>()
  /** What a check says of the chain in order, by install. */
  readonly #known = new Map<string, ReadonlySet<string>>()
  #install = ''

  constructor(world: WorldUnderTest) {
    this.#world = world
    this.#hands = new Hands(world)
  }

  /** A chain in order, verified by Argo CD an hour ago. */
  async inOrder(install: string): Promise<void> {
    this.#install = install
    const back = this.#kept.get(install)
    if (back) {
      back()
      return
    }
    const { twin } = this.#world
    twin.reset()
    if (install !== 'manifests') twin.defect(install)
    const { verdict } = await this.#world.apply(LATER)
    if (verdict.summary !== 'Changed, verified.') throw new Error(`${install}: ${verdict.summary}`)
    this.#hands.letTimePass()
    this.#kept.set(install, twin.keep())
    this.#known.set(install, new Set((await this.check()).findings.map(({ id }) => id)))
  }

  /** The first finding that the chain in order does not have as well. */
  firstOf({ findings }: Report): string {
    return findings.find(({ id }) => this.#known.get(this.#install)?.has(id) !== true)?.id ?? 'nothing'
  }

  /** Until the cluster has come to rest, and then an hour. */
  async broken({ defects, restart }: Pick<Broken, 'defects' | 'restart'>): Promise<void> {
    for (const defect of defects) this.#world.twin.defect(defect)
    if (restart) await this.#hands.restart()
    else await sleep(60)
    this.#hands.letTimePass()
    // Who keeps the Deployment may have written it once more.
    await sleep(60)
    this.#hands.letTimePass()
  }

  check(): Promise<Report> {
    return this.#world.check(SOON)
  }

  async injected(one: Broken): Promise<Injected> {
    await this.broken(one)
    if (one.asked) this.#hands.application()
    const first = one.asked ? await this.#said() : ''
    const check = await (one.diagnose ? this.#world.run({ mode: 'diagnose', ...SOON }) : this.check())
    if (!one.asked) this.#hands.application()
    const before = one.asked ? first : await this.#said()
    const apply = await this.#world.apply(one.apply === 'stays' ? SOON : LATER)
    // To be verified means more than that old pods still have a token.
    await this.#hands.restart()
    return { check, before, apply, after: (await this.#hands.refreshed(ANSWERS)) ?? NO_ANSWER }
  }

  async #said(): Promise<string> {
    return (await this.#hands.said(ANSWERS)) ?? NO_ANSWER
  }
}

const NO_ANSWER = 'Argo CD does not answer'
/** How long it may take to compare, in ms: on a busy machine longer than it takes. */
const ANSWERS = 10_000

/** What the repository holds has nothing to do with the access: a revision that is not there, manifests that cannot be made. */
export function reads(said: string): boolean {
  return said === '' || /unable to resolve '[^']+' to a commit SHA|Manifest generation error/.test(said)
}

/** What was counted, as it is printed. */
export class Tally {
  readonly #firstOf: (report: Report) => string
  readonly named: string[] = []
  readonly candidates: string[] = []
  readonly falseGreen: string[] = []
  readonly falseRed: string[] = []

  constructor(firstOf: (report: Report) => string) {
    this.#firstOf = firstOf
  }

  count(
    name: string,
    { id, apply: expected, also, diagnose }: Broken,
    { check, before, apply, after }: Injected
  ): void {
    const firstOf = this.#firstOf
    const verified = ({ outputs }: Report): boolean => outputs.verification === 'verified'
    const put = verified(apply) && expected !== 'tomorrow'
    const whole = also === undefined || check.findings.some((one) => one.id === also)
    if (whole && firstOf(check) === id && (put || diagnose || firstOf(apply) === id)) this.named.push(name)
    else this.candidates.push(`${name}: check ${firstOf(check)}, apply ${firstOf(apply)}`)
    if (verified(check) && !reads(before))
      this.falseGreen.push(`${name}: check: ${check.verification.reason}; but ${before}`)
    if (verified(apply) && !reads(after))
      this.falseGreen.push(`${name}: apply: ${apply.verification.reason}; but ${after}`)
    if (reads(after) && !(verified(apply) && apply.verdict.exitCode === 0))
      this.falseRed.push(`${name}: apply: ${apply.verdict.summary}`)
  }

  toString(): string {
    const { named, candidates, falseGreen, falseRed } = this
    const hidden = Object.entries(NOT_OBSERVABLE)
    return [
      `named ${named.length}, candidate ${candidates.length}, not observable from outside ${hidden.length}, false green ${falseGreen.length}, false red ${falseRed.length}`,
      ...candidates.map((one) => `candidate: ${one}`),
      ...hidden.map(([what, tells]) => `not observable: ${what}; tells: ${tells}`),
      ...falseGreen.map((one) => `false green: ${one}`),
      ...falseRed.map((one) => `false red: ${one}`)
    ].join('\n')
  }
}
