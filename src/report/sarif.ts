/**
 * The findings of a run as SARIF 2.1.0, for code scanning. GitHub wants a place in a file of the repository for each
 * result: that of the workflow or pipeline, which is where somebody can act on it. Loaded when a file is written.
 */
import { SarifBuilder, SarifResultBuilder, SarifRuleBuilder, SarifRunBuilder } from 'node-sarif-builder'
import { createHash } from 'node:crypto'
import type { FindingId } from '../core/finding-titles.ts'
import { toSafeText } from '../core/safe-text.ts'
import { VERSION } from '../core/version.ts'
import { needsAction, type PlacedFinding } from './findings.ts'
import type { Report } from './report.ts'

/** GitHub keeps 5,000 results of a run, the most severe first. */
const MOST_RESULTS = 5_000
/** In characters, of one result. */
const LONGEST_MESSAGE = 4_000
const HOME = 'https://github.com/patless/patless'
const FINDINGS = `${HOME}/blob/main/docs/findings.md`

/** What a rule says in general (`sarif-help.ts`, which is loaded only where there is a rule). */
export interface RuleTexts {
  readonly titleOf: (id: FindingId) => string
  readonly helpOf: (id: FindingId) => string
}

/** The findings that become results. Those that an exception covers are none, so an alert of one is closed. */
export function resultsOf({ findings }: Pick<Report, 'findings'>): PlacedFinding[] {
  return findings.filter(needsAction).slice(0, MOST_RESULTS)
}

/**
 * @param definition path of the workflow or pipeline file in its repository
 * @param texts of the rules; a report without results needs none
 */
export function sarifOf(report: Report, definition: string, texts?: RuleTexts): object {
  const findings = resultsOf(report)
  const run = new SarifRunBuilder().initSimple({
    toolDriverName: 'Patless',
    toolDriverVersion: VERSION,
    url: HOME
  })
  if (texts)
    for (const id of new Set(findings.map((finding) => finding.id))) run.addRule(ruleOf(id, findings, texts))
  for (const finding of findings) run.addResult(resultOf(finding, definition))
  Object.assign(run.run, {
    results: run.run.results ?? [],
    columnKind: 'utf16CodeUnits',
    // Runs of other modes and clusters have alerts of their own.
    automationDetails: { id: `patless/${report.mode}/${report.target.name ?? report.target.cluster}/` }
  })
  Object.assign(run.run.tool.driver, { semanticVersion: VERSION, organization: 'Patless' })
  const sarif = new SarifBuilder({ $schema: 'https://json.schemastore.org/sarif-2.1.0.json' })
  sarif.addRun(run)
  return sarif.buildSarifOutput()
}

function ruleOf(
  id: FindingId,
  findings: readonly PlacedFinding[],
  { titleOf, helpOf }: RuleTexts
): SarifRuleBuilder {
  const severe = findings.some((finding) => finding.id === id && finding.severity === 'error')
  const rule = new SarifRuleBuilder().initSimple({
    ruleId: id,
    shortDescriptionText: `${titleOf(id)}.`,
    fullDescriptionText: helpOf(id),
    helpUri: FINDINGS
  })
  Object.assign(rule.rule, {
    name: nameOf(id),
    help: { text: helpOf(id), markdown: `${helpOf(id)}\n\n[All findings](${FINDINGS})` },
    defaultConfiguration: { level: severe ? 'error' : 'warning' },
    properties: {
      tags: ['security', 'argo-cd', 'azure-repos'],
      precision: 'very-high',
      'problem.severity': severe ? 'error' : 'warning',
      // As GitHub counts: 7.0 to 8.9 is high.
      ...(id.startsWith('stored-credential/') && { 'security-severity': '7.5' })
    }
  })
  return rule
}

/** `stored-credential/in-url` → `StoredCredentialInUrl` */
function nameOf(id: FindingId): string {
  return id.replaceAll(/(?:^|[/-])([a-z])/g, (_all, letter: string) => letter.toUpperCase())
}

function resultOf(finding: PlacedFinding, definition: string): SarifResultBuilder {
  const { id, severity, summary, remedy, object, target } = finding
  const of = target === undefined ? '' : `${target}: `
  const result = new SarifResultBuilder().initSimple({
    level: severity === 'error' ? 'error' : 'warning',
    messageText: toSafeText(`${of}${summary}\nRemedy: ${remedy}`, LONGEST_MESSAGE),
    ruleId: id,
    fileUri: definition,
    startLine: 1
  })
  const [location] = result.result.locations ?? []
  if (location && object !== undefined)
    location.logicalLocations = [{ fullyQualifiedName: toSafeText(object, 600), kind: 'resource' }]
  const print = fingerprintOf(finding)
  // The name that GitHub compares: without it, all results of one line would be one alert.
  result.result.partialFingerprints = { primaryLocationLineHash: `${print}:1`, 'patless/v1': print }
  return result
}

/** The same in every run, and different for every thing that a finding is about. */
function fingerprintOf(finding: PlacedFinding): string {
  const { id, fingerprint, resource, organization = '', verification, repository = '', target } = finding
  const of = target === undefined ? [] : [target]
  // Two clusters may have the same Secret.
  if (fingerprint !== undefined && target === undefined) return fingerprint
  const parts = [fingerprint ?? id, resource ?? '', organization, verification ?? '', repository, ...of]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}
