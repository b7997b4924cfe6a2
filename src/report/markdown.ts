/** The job summary: verdict, one table, the chain as a picture, durations. */
import type { HopOutcome, Result } from '../engine/outcome.ts'
import type { Report } from './report.ts'

const MARKS: Readonly<Record<Result, string>> = {
  unchanged: '✅',
  created: '🆕',
  updated: '✏️',
  removed: '🗑️',
  drifted: '⚠️',
  missing: '⚠️',
  unknown: '❔',
  failed: '❌',
  skipped: '⏭️'
}

/** @param pictures mermaid is drawn on GitHub; Azure Pipelines shows it as text, so it gets none. */
export function markdownOf(report: Report, pictures: 'mermaid' | 'none'): string {
  const { verdict, mode, target, proofs, hops, durationMs } = report
  const mark = verdict.exitCode === 0 ? '✅' : verdict.exitCode === 2 ? '⚠️' : '❌'
  const parts = [
    `## ${mark} Patless ${mode}: ${cell(verdict.text)}`,
    `Argo CD on **${cell(target.cluster)}** → ${target.repositories.map((url) => code(url)).join(', ')}, as ${code(target.identity)}.`,
    table(
      ['Hop', 'Result', 'Expected', 'Found', 'Remedy'],
      hops.flatMap((hop) => rowsOf(hop, mode))
    ),
    proofOf(report),
    verdict.problems.length === 0 ? '' : problemsOf(report),
    notesOf(report),
    pictures === 'mermaid' ? details('The chain', `\`\`\`mermaid\n${mermaidOf(report)}\n\`\`\``) : '',
    details(
      'Durations',
      table(
        ['Part', 'From (ms)', 'Took (ms)'],
        [
          ...hops.map(({ hop, start, end }) => [hop, String(start), String(end - start)]),
          ...Object.entries(proofs).map(([name, { start, end }]) => [
            `proof: ${name}`,
            String(start),
            String(end - start)
          ]),
          ['**whole run**', '0', String(durationMs)]
        ]
      )
    )
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** Five columns and no more: a wider table hides the remedy behind a scroll bar. */
function rowsOf({ hop, result, changes, summary, problem }: HopOutcome, mode: Report['mode']): string[][] {
  const head = [`**${hop}**`, `${MARKS[result]}&nbsp;${result}`]
  if (changes.length === 0)
    return [[...head, '', cell(summary ?? problem?.what ?? ''), cell(problem?.remedy ?? '')]]
  return changes.map(({ field, expected, found, blocked }, index) => [
    ...(index === 0 ? head : ['', '']),
    `${cell(field)}:<br/>${code(expected)}`,
    found === undefined ? '–' : code(found),
    cell(blocked?.remedy ?? problem?.remedy ?? (mode === 'check' && index === 0 ? APPLY : ''))
  ])
}

const APPLY = 'run mode: apply'

function proofOf({ proof }: Report): string {
  const mark = { verified: '✅', failed: '❌', pending: '⏳', skipped: '⏭️' }[proof.verification]
  const read = Object.entries(proof.commits).map(
    ([url, commit]) => `${code(url)} at ${code(commit.slice(0, 12))}`
  )
  return `**Proof:** ${mark} ${proof.verification}: ${cell(proof.reason)}${read.length === 0 ? '' : `. Read ${read.join(', ')}.`}`
}

function problemsOf({ verdict }: Report): string {
  const items = verdict.problems.map(({ hop, what, expected, found, remedy, link }) =>
    [
      `- **${hop ?? 'run'}**: ${cell(what)}`,
      expected === undefined ? '' : `  - expected ${code(expected)}, found ${code(found ?? 'nothing')}`,
      `  - remedy: ${cell(remedy)}${link === undefined ? '' : ` ([why](${link}))`}`
    ]
      .filter((line) => line !== '')
      .join('\n')
  )
  return `### What needs you\n\n${items.join('\n')}`
}

/** What should be known though it stops nothing; a remedy of several lines is something to copy. */
function notesOf({ hops, proofs }: Report): string {
  const proved = Object.entries(proofs).map(([name, { notes = [] }]) => ({ hop: `proof: ${name}`, notes }))
  const items = [...hops, ...proved].flatMap(({ hop, notes }) =>
    notes.map(({ what, remedy, link }) => {
      const why = link === undefined ? '' : ` ([why](${link}))`
      const [first = '', ...rest] = remedy.split('\n')
      const copy =
        rest.length === 0 ? '' : `\n\n  \`\`\`yaml\n${rest.map((line) => `  ${line}`).join('\n')}\n  \`\`\``
      return `- **${hop}**: ${cell(what)} ${cell(first)}${why}${copy}`
    })
  )
  return items.length === 0 ? '' : details(`Notes (${items.length})`, items.join('\n'))
}

/** The hops as the trust flows, coloured by result. */
function mermaidOf({ hops, proofs }: Report): string {
  const result = (name: string): string => hops.find(({ hop }) => hop === name)?.result ?? 'unknown'
  const nodes: readonly (readonly [id: string, hop: string, text: string])[] = [
    ['cluster', 'cluster', 'AKS cluster<br/>OIDC issuer'],
    ['identity', 'identity', 'managed identity'],
    ['argocd', 'argocd', 'argocd-repo-server'],
    ['credential', 'federated-credential', 'federated credential'],
    ['member', 'entitlement', 'organization member<br/>Basic'],
    ['reader', 'permission', 'may read'],
    ['pods', 'workload', 'pods carry the identity'],
    ['secret', 'connection', 'repository Secret<br/>no password'],
    ...(hops.some(({ hop }) => hop === 'application') ? [['app', 'application', 'Application'] as const] : [])
  ]
  const { access = { verification: 'skipped' }, argocd } = proofs
  const colour = (word: string): string =>
    ['unchanged', 'created', 'updated', 'verified'].includes(word)
      ? 'good'
      : ['drifted', 'missing', 'pending'].includes(word)
        ? 'warn'
        : word === 'failed'
          ? 'bad'
          : 'grey'
  return [
    'flowchart LR',
    ...nodes.map(
      ([id, hop, text]) => `  ${id}["${text}<br/><i>${result(hop)}</i>"]:::${colour(result(hop))}`
    ),
    `  proof(["proof by access: ${access.verification}"]):::${colour(access.verification)}`,
    ...(argocd
      ? [
          `  seen(["proof by Argo CD: ${argocd.verification}"]):::${colour(argocd.verification)}`,
          '  secret --> seen'
        ]
      : []),
    '  cluster --> credential --> identity --> member --> reader --> proof',
    '  argocd --> credential',
    '  argocd --> pods --> secret',
    '  identity --> pods',
    '  proof --> secret',
    ...(hops.some(({ hop }) => hop === 'application') ? ['  secret --> app'] : []),
    '  classDef good fill:#dafbe1,stroke:#1a7f37,color:#1f2328',
    '  classDef warn fill:#fff8c5,stroke:#9a6700,color:#1f2328',
    '  classDef bad fill:#ffebe9,stroke:#cf222e,color:#1f2328',
    '  classDef grey fill:#f6f8fa,stroke:#57606a,color:#1f2328'
  ].join('\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function details(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`
}

/** Foreign text as plain text of one table cell: no markup, no line break, no pipe; long words may be broken. */
function cell(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[|*~[\]`_]/g, (mark) => `&#${mark.charCodeAt(0)};`)
    .replaceAll(/\S{25,}/g, (word) => word.replaceAll(/[/:.](?=[^/])/g, '$&<wbr>'))
    .replaceAll(/[\r\n]+/g, '<br/>')
}

function code(text: string): string {
  return `<code>${cell(text)}</code>`
}
