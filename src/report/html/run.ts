/** One run: what to do, the chain, what differs, what was verified and when. */
import type { VNode } from 'preact'
import { countsOf } from '../plan.ts'
import type { Report } from '../report.ts'
import type { ReportedCredential } from '../stored-credentials.ts'
import { ownerOf } from '../findings.ts'
import { chainOf } from './chain.ts'
import { code, details, element, table, type Child } from './element.ts'
import { actionsOf, notesOf } from './findings.ts'
import { toneOf } from '../tone.ts'
import { badge } from './marks.ts'

export function runOf(report: Report): readonly Child[] {
  return [
    placesOf(report),
    actionsOf(report),
    chainOf(report),
    planOf(report),
    differencesOf(report),
    verificationsOf(report),
    exportsOf(report),
    migrationOf(report),
    credentialsOf(report),
    notesOf(report),
    durationsOf(report)
  ]
}

/** When the evidence was read: a page is often opened long after. */
function placesOf({ target, login, startedAt, durationMs }: Report): VNode {
  const { cluster, identity, repositories } = target
  const places = repositories.length === 1 ? (repositories[0] ?? '') : `${repositories.length} repositories`
  return element(
    'p',
    { class: 'soft' },
    `Argo CD on ${cluster}`,
    repositories.length === 0 ? '' : ` → ${places}`,
    identity === undefined ? '' : `, as ${identity}`,
    `. Read at ${startedAt} in ${(durationMs / 1000).toFixed(1)} s; login: ${login}.`
  )
}

function planOf({ plan }: Report): Child {
  if (!plan) return undefined
  const rows = plan.steps.map((step) => [
    ownerOf(step),
    step.action,
    [
      ...step.fields.map(({ field, before, after }) =>
        element(
          'div',
          {},
          `${field}: `,
          ...(before === undefined ? [] : [code(before), ' → ']),
          step.action === 'delete' ? '' : code(after ?? 'known after apply')
        )
      ),
      ...step.effects.map((effect) => element('div', {}, effect))
    ]
  ])
  return [
    element('h3', {}, 'Plan'),
    element('p', {}, `${countsOf(plan)}.`),
    table(['Resource', 'Action', 'What'], rows)
  ]
}

function differencesOf({ resources, plan }: Report): Child {
  if (plan || resources.length === 0) return undefined
  const rows = resources.map((resource) => [
    ownerOf(resource),
    badge(toneOf(resource.result), resource.result),
    resource.differences.length === 0
      ? (resource.summary ?? '')
      : resource.differences.map(({ field, expected, actual }) =>
          element(
            'div',
            {},
            `${field}: expected `,
            code(expected),
            ', found ',
            actual === undefined ? 'nothing' : code(actual)
          )
        )
  ])
  return [element('h3', {}, 'Resources'), table(['Resource', 'Result', 'What'], rows)]
}

function verificationsOf({ verification, verifications, repositories, resources }: Report): Child {
  if (resources.length === 0) return undefined
  const names = Object.keys(verifications) as (keyof typeof verifications)[]
  const rows = repositories.map(({ url, verifications: each }) => [
    url,
    ...names.map((name): Child => {
      const one = each[name]
      if (!one) return ''
      return [
        badge(toneOf(one.result), one.result),
        one.commit === undefined ? '' : [' ', code(one.commit.slice(0, 12))]
      ]
    })
  ])
  return [
    element('h3', {}, 'Verification'),
    element('p', {}, badge(toneOf(verification.result), verification.result), ` ${verification.reason}`),
    names.length === 0 ? undefined : table(['Repository', ...names], rows)
  ]
}

function exportsOf({ exports }: Report): Child {
  return Object.entries(exports ?? {}).map(([name, content]) =>
    details(name, element('pre', {}, ...content.split('\n').map((line) => `${line}\n`)))
  )
}

function migrationOf({ migration, findings }: Report): Child {
  if (!migration) return undefined
  const { before, after, moves, unused } = migration
  const rows = moves.map(({ name, kind, url, state, problem }) => [
    [name, element('div', { class: 'soft' }, kind)],
    code(url),
    badge(
      state === 'migrated' || state === 'stays'
        ? 'good'
        : state === 'failed' || state === 'rolled-back'
          ? 'bad'
          : 'warn',
      state
    ),
    findings.find(({ id, summary }) => id === problem && summary.includes(name))?.summary ?? ''
  ])
  return [
    element('h3', {}, `Stored credentials: ${before} before, ${after} after`),
    table(['Secret', 'For', 'Result', 'Why'], rows),
    table(
      ['To revoke', 'Where', 'Still used by'],
      unused.map(({ held, where, still }) => [held.join(', '), where, still.join(', ')])
    )
  ]
}

function credentialsOf({ storedCredentials }: Report): Child {
  if (!storedCredentials || storedCredentials.length === 0) return undefined
  return [
    element('h3', {}, `Stored credentials (${storedCredentials.length})`),
    table(['Where', 'Holds', 'For', 'Can it go?', 'Why'], storedCredentials.map(rowOf))
  ]
}

function rowOf({ object, keys, url, verdict, reasons, allowed }: ReportedCredential): readonly Child[] {
  return [
    [`${object.namespace}/${object.name}`, element('div', { class: 'soft' }, object.kind)],
    keys.join(', '),
    code(url),
    badge(verdict === 'can-go' ? 'warn' : 'grey', verdict),
    [
      ...reasons.map(({ text }) => element('div', {}, text)),
      allowed ? element('div', {}, `accepted until ${allowed.until}: ${allowed.reason}`) : undefined
    ]
  ]
}

function durationsOf({ resources, verifications, durationMs }: Report): Child {
  const rows = [
    ...resources.map((one) => [ownerOf(one), one.start, one.end - one.start]),
    ...Object.entries(verifications).map(([name, { start, end }]) => [
      `${name} verification`,
      start,
      end - start
    ]),
    ['whole run', 0, durationMs]
  ]
  return details('Durations', table(['Part', 'From (ms)', 'Took (ms)'], rows))
}
