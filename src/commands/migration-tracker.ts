/** Keeps what became of each stored credential of a run, reports the steps, and makes the outcome of it. */
import type { Backup } from '../argocd/migration/backup.ts'
import { revokeFinding, unusedBy, unusedByMarks } from '../argocd/migration/unused.ts'
import type { StoredCredential } from '../argocd/inventory/credential.ts'
import type { Move, NotMoved, Plan } from '../argocd/migration/plan.ts'
import { sameUrl } from '../argocd/urls.ts'
import type { Application } from '../services/kubernetes/argocd-objects.ts'
import type { Ended, Switched } from '../chain/migration/batch.ts'
import type { Survey } from '../chain/migration/survey.ts'
import { leftBackups, type Sorted } from '../chain/migration/unfinished.ts'
import { note, warning, type Finding, type FindingFacts } from '../core/finding.ts'
import { input } from '../core/input-name.ts'
import { withoutCredentials } from '../core/text.ts'
import type { Migration, MoveOutcome, MoveState, MoveStep, UnusedCredential } from '../engine/moves.ts'
import type { Outcome } from '../engine/outcome.ts'
import type { MigrationRun } from './migrating.ts'

export class Tracker {
  readonly #run: MigrationRun
  readonly #moves = new Map<string, MoveOutcome>()
  readonly #findings: Finding[] = []
  readonly #namespace: string
  readonly #remind: boolean
  #outcome: Outcome
  #reminders: readonly UnusedCredential[] = []
  #credentials: readonly StoredCredential[] = []
  #batches: readonly (readonly Move[])[] = []

  /** @param remind whether credentials that earlier runs took out are named again */
  constructor(run: MigrationRun, before: Outcome, namespace: string, remind = false) {
    this.#remind = remind
    this.#run = run
    this.#outcome = before
    this.#namespace = namespace
  }

  /** Whether a Secret failed or was rolled back: then no other batch is begun. */
  get failed(): boolean {
    return [...this.#moves.values()].some(({ state }) => state === 'failed' || state === 'rolled-back')
  }

  /** Secrets that were moved by now. */
  get moved(): string[] {
    return [...this.#moves.values()].filter(({ state }) => state === 'migrated').map(({ name }) => name)
  }

  /** @param swept backups that are gone by now */
  found({ credentials, entries, unseen }: Survey, sorted: Sorted, swept: readonly Backup[]): void {
    this.#credentials = credentials
    this.#findings.push(...unseen.map(warning))
    const finished = sorted.finished.filter((backup) => !swept.includes(backup))
    const needless = sorted.needless.filter((backup) => !swept.includes(backup))
    this.#findings.push(...leftBackups({ ...sorted, finished, needless, unfinished: [] }, this.#namespace))
    if (this.#remind) this.#reminders = unusedByMarks(entries, this.#namespace)
  }

  /** Secrets that a killed migration left without credentials. */
  resuming(resumed: readonly Switched[]): void {
    for (const { move, backup } of resumed)
      this.#add({ name: move.secret, kind: backup.kind, url: move.urls[0] ?? '' })
  }

  /** Secrets that get their credentials back. */
  returning(due: readonly Switched[], sorted: Sorted): void {
    const names = due.map(({ move }) => move.secret)
    const orphans = sorted.orphans.filter(({ secret }) => !names.includes(secret))
    this.#findings.push(
      ...leftBackups({ ...sorted, unfinished: [], finished: [], needless: [], orphans }, this.#namespace)
    )
    for (const { move, backup } of due)
      this.#add({ name: move.secret, kind: backup.kind, url: move.urls[0] ?? '' })
  }

  planned(plan: Plan): void {
    const { batches, rest } = plan
    this.#findings.push(...syncsOf(plan))
    this.#batches = batches
    for (const { credential, state, finding } of rest) this.#addRest(credential, state, finding)
    for (const move of batches.flat())
      this.#add({ name: move.secret, kind: move.kind, url: move.url, users: move.applications.length })
  }

  /** Repositories that the identity cannot read: their Secrets wait, the others go. */
  withoutAccess({ batches }: Plan, refused: readonly FindingFacts[]): void {
    for (const { secret, proof } of batches.flat()) {
      const why = refused.find(({ repository = '' }) => proof.some((url) => sameUrl(url, repository)))
      if (!why || this.#moves.get(secret)?.state !== 'open') continue
      this.#set(secret, {
        state: 'waits',
        problem: {
          ...why,
          id: 'migration/no-access',
          summary: `The Secret ${this.#namespace}/${secret} keeps its credential, because the identity cannot read what it serves: ${why.summary}`
        }
      })
    }
  }

  chain(outcome: Outcome): void {
    const { mode } = this.#outcome
    this.#outcome = { ...outcome, mode }
  }

  /** Those that nothing is in the way of. */
  movable({ batches }: Plan): Move[] {
    return batches.flat().filter(({ secret }) => this.#moves.get(secret)?.state === 'open')
  }

  batches(batches: readonly (readonly Move[])[]): void {
    this.#batches = batches
  }

  step(secret: string, step: MoveStep['step'], text: string): void {
    const batch = this.#batchOf(secret) ?? 0
    const at = this.#now()
    const { length: batches } = this.#batches
    this.#run.reporter.on({ kind: 'move', step: { name: secret, step, batch, batches, text, at } })
    const known = this.#moves.get(secret)
    if (known?.start === known?.end && known) this.#moves.set(secret, { ...known, start: at, end: at + 1 })
  }

  ended(ended: ReadonlyMap<string, Ended>): void {
    for (const [secret, one] of ended) this.#set(secret, one)
  }

  outcome(problems: readonly FindingFacts[]): Outcome {
    const moves = [...this.#moves.values()].map((one) => this.#stopped(one))
    const migrated = moves.filter(({ state }) => state === 'migrated')
    const stored = new Set(this.#credentials.map(({ ref }) => ref.name))
    const gone = migrated.filter(({ name }) => stored.has(name)).length
    const back = moves.filter(({ name, state }) => state === 'rolled-back' && !stored.has(name)).length
    const migration: Migration = {
      moves,
      before: this.#credentials.length,
      after: this.#credentials.length - gone + back,
      unused: unusedBy(
        this.#credentials,
        migrated.map(({ name }) => name)
      ).concat(this.#reminders)
    }
    const revocable = migration.unused.map((one) => note(revokeFinding(one)))
    return {
      ...this.#outcome,
      changed: this.#outcome.changed || moves.some(({ state }) => CHANGED.has(state)),
      problems: [...this.#outcome.problems, ...problems],
      findings: [...this.#findings, ...revocable],
      migration
    }
  }

  #stopped(one: MoveOutcome): MoveOutcome {
    if (one.state !== 'open' || !this.failed) return one
    const problem: FindingFacts = {
      id: 'migration/stopped',
      summary: `The Secret ${this.#namespace}/${one.name} is as it was: the run stopped before its turn, because another one failed.`,
      remedy: `fix the cause, then run with ${input('mode', 'migrate')} again: it goes on with the rest`
    }
    return { ...one, problem }
  }

  #addRest(credential: StoredCredential, state: NotMoved['state'], problem: FindingFacts): void {
    const { ref, kind, url, serves } = credential
    const own = ref.kind === 'Secret' ? ref.name : `${ref.kind} ${ref.namespace}/${ref.name}`
    // The login in the same Secret moves on its own.
    const name = kind === 'proxy' ? `${own} (proxy)` : own
    this.#add({ name, kind, url, users: serves.applications?.length }, { state, problem })
  }

  #add(
    {
      name,
      kind,
      url,
      users
    }: Pick<MoveOutcome, 'name' | 'kind' | 'url'> & { readonly users?: number | undefined },
    { state, problem }: Ended = { state: 'open' }
  ): void {
    const at = this.#now()
    const shown = withoutCredentials(url)
    const batch = this.#batchOf(name)
    this.#moves.set(name, {
      name,
      kind,
      url: shown,
      state,
      users,
      batch,
      start: at,
      end: at,
      ...(problem && { problem })
    })
  }

  #set(secret: string, { state, problem }: Ended): void {
    const known = this.#moves.get(secret)
    if (!known) return
    const batch = this.#batchOf(secret)
    this.#moves.set(secret, { ...known, state, batch, end: this.#now(), ...(problem && { problem }) })
  }

  #batchOf(secret: string): number | undefined {
    const at = this.#batches.findIndex((batch) => batch.some((one) => one.secret === secret))
    return at === -1 ? undefined : at + 1
  }

  #now(): number {
    return Date.now() - this.#run.context.started
  }
}

const CHANGED: ReadonlySet<MoveState> = new Set(['migrated', 'rolled-back'])

/** Applications that sync by themselves once a refresh shows them a newer revision. */
function syncsOf({ batches }: Plan): Finding[] {
  const automated = batches.flat().flatMap(({ applications }) => applications.filter((one) => one.automated))
  const named = (holds: (one: Application) => boolean): string[] => [
    ...new Set(automated.filter(holds).map(({ namespace, name }) => `${namespace}/${name}`))
  ]
  const due = named(({ sync }) => sync === 'OutOfSync')
  const maybe = named(({ sync }) => sync !== 'OutOfSync')
  const list = (all: readonly string[]): string =>
    `${all.slice(0, 10).join(', ')}${all.length > 10 ? `, and ${all.length - 10} more` : ''}`
  const remedy =
    'nothing, if that is all right; else turn their automated sync off for the time of the migration'
  const id = 'migration/refresh-syncs'
  return [
    ...(due.length === 0
      ? []
      : [
          warning({
            id,
            summary: `A refresh will make Argo CD sync what is out of sync now: ${list(due)}.`,
            remedy
          })
        ]),
    ...(maybe.length === 0
      ? []
      : [
          note({
            id,
            summary: `A refresh makes Argo CD sync these, where their repositories have a newer revision: ${list(maybe)}.`,
            remedy
          })
        ])
  ]
}
