/** The job summary of an audit: the stored credentials by what can be done about them. */
import type { CredentialVerdict } from '../core/credential-words.ts'
import { actionsOf } from './actions.ts'
import { details, more, notesOf, table } from './markdown-parts.ts'
import { cell, code } from './markdown-text.ts'
import type { Report } from './report.ts'
import type { ReportedCredential } from './stored-credentials.ts'

const TITLES: Readonly<Record<CredentialVerdict, string>> = {
  'can-go': '🟢 Can be replaced by workload identity',
  'must-wait': '🟡 Must wait',
  unused: '⚪ Not used by any object of the cluster'
}

export function auditMarkdownOf(report: Report): string {
  const { verdict, target, storedCredentials: all = [], durationMs } = report
  const mark = verdict.exitCode === 0 ? '✅' : verdict.exitCode === 2 ? '⚠️' : '❌'
  // The tables below have the findings about credentials.
  const findings = report.findings.filter(
    ({ fingerprint, id }) => fingerprint === undefined || id.endsWith('-ended')
  )
  const parts = [
    `## ${mark} Patless audit: ${cell(verdict.summary)}`,
    `Argo CD on **${cell(target.cluster)}**, read in ${Math.ceil(durationMs / 1000)} s. Values were compared in memory and are shown nowhere.`,
    ...(Object.keys(TITLES) as CredentialVerdict[]).map((one) => sectionOf(one, all)),
    groupsOf(all),
    actionsOf({ findings, resources: [] }),
    notesOf({ findings }),
    all.length === 0
      ? ''
      : details(
          'Fingerprints for the input allow',
          table(
            ['Fingerprint', 'Where', 'Accepted'],
            first(all, (one) => [
              code(one.fingerprint),
              placeOf(one),
              one.allowed ? `until ${cell(one.allowed.until)}: ${cell(one.allowed.reason)}` : 'no'
            ])
          )
        )
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function sectionOf(verdict: CredentialVerdict, all: readonly ReportedCredential[]): string {
  const own = all.filter((one) => one.verdict === verdict)
  if (own.length === 0) return ''
  const last = verdict === 'must-wait' ? 'Why' : 'Note'
  const rows = first(own, (one) => [placeOf(one), heldIn(one), usersOf(one), ageOf(one), noteOf(one)])
  return `### ${TITLES[verdict]} (${own.length})\n\n${table(['Where', 'Holds, for', 'Used by', 'Changed', last], rows)}`
}

/** Rows of one table: nobody reads more of them. */
const MOST_ROWS = 200

function first(
  all: readonly ReportedCredential[],
  rowOf: (one: ReportedCredential) => readonly string[]
): (readonly string[])[] {
  const rows = all.slice(0, MOST_ROWS).map(rowOf)
  return all.length > MOST_ROWS ? [...rows, [more(all.length - MOST_ROWS)]] : rows
}

const KINDS: Readonly<Record<ReportedCredential['kind'], string>> = {
  repository: 'repository Secret',
  template: 'credential template',
  'write-repository': 'write Secret',
  'write-template': 'write template',
  generator: 'token of generators',
  url: 'URL in it',
  proxy: 'login of its proxy',
  other: 'Secret without label'
}

function placeOf({ object, kind }: ReportedCredential): string {
  const what = kind === 'url' ? `${object.kind}, ${KINDS[kind]}` : KINDS[kind]
  return `${code(`${object.namespace}/${object.name}`)}<br/>${what}`
}

function heldIn({ keys, url, project, user }: ReportedCredential): string {
  const of = [
    user === undefined ? '' : `user ${cell(user)}`,
    project === '' ? '' : `project ${cell(project)}`
  ]
  const more = of.filter((one) => one !== '').join(', ')
  return `${cell(keys.join(', '))}${more === '' ? '' : ` (${more})`}${url === '' ? '' : `<br/>${code(url)}`}`
}

function usersOf({ serves: { applications, applicationSets } }: ReportedCredential): string {
  if (!applications || !applicationSets) return 'not known'
  const users = [
    ...(applications.length > 0 ? [`${applications.length} Application${plural(applications)}`] : []),
    ...(applicationSets.length > 0
      ? [`${applicationSets.length} ApplicationSet${plural(applicationSets)}`]
      : [])
  ]
  return users.length === 0 ? '–' : users.join('<br/>')
}

function plural({ length }: readonly unknown[]): string {
  return length === 1 ? '' : 's'
}

function ageOf({ changedAt }: ReportedCredential): string {
  return changedAt === undefined ? '–' : changedAt.slice(0, 10)
}

function noteOf({ reasons, shadows, owner, allowed, group }: ReportedCredential): string {
  const notes = [
    ...reasons.map(({ text }) => cell(text)),
    ...(shadows.length > 0 ? [`takes precedence over ${shadows.slice(0, 3).map(code).join(', ')}`] : []),
    ...(owner && !reasons.some(({ id }) => id === 'owner')
      ? [`made by ${cell(owner.kind)} ${code(owner.name)}`]
      : []),
    ...(group === undefined ? [] : [`same value as others (group ${group})`]),
    ...(allowed ? [`accepted until ${cell(allowed.until)}`] : [])
  ]
  return notes.join('<br/>')
}

/** Credentials that hold one value: who revokes it breaks them all. */
function groupsOf(all: readonly ReportedCredential[]): string {
  const groups = new Map<number, ReportedCredential[]>()
  for (const one of all)
    if (one.group !== undefined) groups.set(one.group, [...(groups.get(one.group) ?? []), one])
  if (groups.size === 0) return ''
  const rows = [...groups].map(([group, members]) => [
    String(group),
    members.map(({ object }) => code(`${object.namespace}/${object.name}`)).join(', ')
  ])
  return details(`Credentials that hold the same value (${groups.size})`, table(['Group', 'Where'], rows))
}
