/**
 * The report as one page: of one run, or of many. It asks for nothing from anywhere, and is read without a script: its
 * policy forbids both, so what a foreign text might smuggle in does not run either. Loaded when the file is written.
 */
import { createHash } from 'node:crypto'
import { renderToString } from 'preact-render-to-string'
import { VERSION } from '../../core/version.ts'
import type { Report } from '../report.ts'
import { element, type Child } from './element.ts'
import { badge, toneOfVerdict } from './marks.ts'
import { overviewOf, type Run } from './overview.ts'
import { runOf } from './run.ts'
import { STYLE } from './style.ts'

/** The sections of a page with many runs, those that are not in order first: nobody reads more. */
const MOST_SECTIONS = 200

const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`

/** @returns the page as UTF-8 text */
export function htmlOf(report: Report): string {
  const { verdict, mode } = report
  return documentOf(`Patless ${mode}: ${report.target.cluster}`, [
    element('h1', {}, badge(toneOfVerdict(verdict), mode), ` ${verdict.summary}`),
    ...runOf(report)
  ])
}

/**
 * @param runs of several targets
 * @param silent names of targets whose job left no report
 */
export function fleetHtmlOf(runs: readonly Omit<Run, 'anchor'>[], silent: readonly string[]): string {
  const worstFirst = runs.toSorted((a, b) => weightOf(b.report) - weightOf(a.report))
  const placed = worstFirst.map((run, index): Run =>
    index < MOST_SECTIONS ? { ...run, anchor: `run-${index + 1}` } : run
  )
  const open = runs.filter(({ report }) => report.verdict.exitCode !== 0).length + silent.length
  const total = runs.length + silent.length
  const title =
    open === 0 ? `In order: ${total} of ${total} targets` : `Not in order: ${open} of ${total} targets`
  return documentOf(`Patless: ${title}`, [
    element('h1', {}, title),
    ...overviewOf(placed, silent),
    ...placed.flatMap(({ name, report, anchor }) =>
      anchor === undefined
        ? []
        : [
            element(
              'section',
              { id: anchor },
              element('h2', {}, badge(toneOfVerdict(report.verdict), report.mode), ` ${name}`),
              element('p', {}, report.verdict.summary),
              runOf(report)
            )
          ]
    )
  ])
}

function weightOf({ verdict: { exitCode } }: Report): number {
  return exitCode === 1 ? 2 : exitCode === 2 ? 1 : 0
}

function documentOf(title: string, body: readonly Child[]): string {
  const head = [
    element('meta', { charset: 'utf-8' }),
    element('meta', { 'http-equiv': 'Content-Security-Policy', content: POLICY }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('meta', { name: 'referrer', content: 'no-referrer' }),
    element('meta', { name: 'generator', content: `Patless ${VERSION}` }),
    element('title', {}, title)
  ].map((one) => renderToString(one))
  const page = renderToString(element('body', {}, body))
  return `<!doctype html>\n<html lang="en">\n<head>\n${head.join('\n')}\n<style>${STYLE}</style>\n</head>\n${page}\n</html>\n`
}
