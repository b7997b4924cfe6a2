/**
 * A block to paste into an issue. When it is redacted, only words of Patless's own vocabulary survive: whatever a
 * service, a cluster or the inputs named is replaced, known or not.
 */
import { TITLES } from '../core/finding-titles.ts'
import { toSafeText } from '../core/safe-text.ts'
import { VERSION } from '../core/version.ts'
import { RESULTS, VERIFICATION_RESULTS } from '../engine/outcome.ts'
import { ownerOf, type PlacedFinding } from './findings.ts'
import type { Report, ReportedResource } from './report.ts'

/** Characters of the whole block: GitHub takes 65,536 in an issue. */
const LIMIT = 30_000

export function issueOf(report: Report, redact: boolean): string {
  const show = redact ? redactionOf(report) : (text: string): string => text
  const unread = report.resources.filter(({ result }) => result === 'failed' || result === 'unknown')
  const lines = [
    `Patless ${VERSION}, mode diagnose, exit code ${report.verdict.exitCode}`,
    '',
    ...report.resources.flatMap((one) => resourceLines(one, show)),
    `verification: ${report.verification.result}: ${show(report.verification.reason)}`,
    ...(unread.length === 0
      ? []
      : [
          '',
          `not read, so no rule about it could be tried: ${unread.map(({ resource }) => resource).join(', ')}`
        ]),
    ...report.findings.flatMap((one) => ['', ...findingLines(one, show)])
  ]
  return toSafeText(lines.join('\n'), LIMIT)
}

function resourceLines(
  { resource, organization, result, differences, summary }: ReportedResource,
  show: (text: string) => string
): string[] {
  const name = show(ownerOf({ resource, ...(organization !== undefined && { organization }) }))
  const why = differences.length === 0 && result !== 'unchanged' ? ` ${show(summary ?? '')}` : ''
  return [
    `${name}: ${result}${why}`,
    ...differences.map(
      ({ field, expected, actual }) =>
        `  ${show(field)}: expected ${show(expected)}, found ${show(actual ?? 'nothing')}`
    )
  ]
}

function findingLines(finding: PlacedFinding, show: (text: string) => string): string[] {
  const { id, severity, code, summary, expected, actual } = finding
  return [
    `${severity} ${id}${code === undefined ? '' : ` (${show(code)})`}`,
    `  ${TITLES[id]}`,
    `  ${show(summary)}`,
    ...(expected === undefined
      ? []
      : [`  expected: ${show(expected)}`, `  found: ${show(actual ?? 'nothing')}`])
  ]
}

/** Codes of services, and small numbers such as an HTTP status, name nobody. */
const PLAIN = /^(?:(?:AADSTS|TF|VS|VSS)\d{3,9}|\d{1,3})$/
const TOKEN = /[\p{L}\p{N}\p{M}_][^\s,;()[\]{}<>"'`]*/gu

function redactionOf(report: Report): (text: string) => string {
  const names = namesIn(report)
  const vocabulary = new Set(
    [...Object.keys(TITLES), ...Object.values(TITLES), ...RESULTS, ...VERIFICATION_RESULTS, WORDS]
      .flatMap((text) => text.split(/[^A-Za-z-]+/))
      .map((word) => word.toLowerCase())
  )
  return (text) =>
    text.replaceAll(TOKEN, (token) => {
      const word = token.replace(/[.:!?…]+$/, '')
      const end = token.slice(word.length)
      const known = names.get(word.toLowerCase())
      if (known !== undefined) return `<${known}>${end}`
      return PLAIN.test(word) || vocabulary.has(word.toLowerCase()) ? token : `…${end}`
    })
}

/** Words in the texts of Patless that no title has, and that help to read them. */
const WORDS =
  'a an and are at be by can does each for from has have in is it its not nothing of on only or same so than that the them then they this to was which while who will with without answered found expected fields field pod pods template label annotation variable reads writes lives token tokens none true false git fetch'

/** Names that are words as well (a project called identity) are replaced by what they name. */
function namesIn({ target, outputs }: Report): ReadonlyMap<string, string> {
  const named: (readonly [what: string, name: string | undefined])[] = [
    ['cluster', target.cluster],
    ['identity', target.identity],
    ...target.organizations.map((name) => ['organization', name] as const),
    ...target.repositories.flatMap((url) => [
      ['repository-url', url] as const,
      ...url
        .split(/[/@:]+/)
        .filter((part) => !/^(?:https|_git|dev\.azure\.com)?$/.test(part))
        .map((part) => ['name', part] as const)
    ]),
    ['client-id', outputs['client-id']],
    ['principal-id', outputs['principal-id']],
    ['tenant-id', outputs['tenant-id']],
    ['identity-id', outputs['identity-resource-id']],
    ['issuer', outputs['oidc-issuer-url']],
    ['subject', outputs.subject]
  ]
  return new Map(
    named
      .flatMap(([what, name = '']) => (name === '' ? [] : [[name.toLowerCase(), what] as const]))
      .toReversed()
  )
}
