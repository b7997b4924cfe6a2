/** The HTML page as people meet it: light, dark, on a phone, on paper, in a browser that runs no script. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type BrowserContextOptions } from 'playwright-core'
import { findProgram } from '../../sandbox/search-path.ts'
import { fleetHtmlOf, htmlOf } from '../../src/report/html/page.ts'
import type { Report } from '../../src/report/report.ts'
import { NASTY } from '../report/hostile-text.ts'
import { useWorld } from '../world.ts'

const CHROMIUM = findProgram('chromium') ?? findProgram('google-chrome')
/** What the browser itself is asked: by how many pixels the page is too wide, and which texts are hard to read. */
const MEASURE = readFileSync(new URL('measure.js', import.meta.url), 'utf8')
const inBrowser = CHROMIUM === undefined ? describe.skip : describe
/** Pictures to look at: kept where this says. */
const PICTURES = process.env['PATLESS_PICTURES']

const SCREENS: readonly (readonly [string, BrowserContextOptions, ('screen' | 'print')?])[] = [
  ['light', { colorScheme: 'light', viewport: { width: 1280, height: 800 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 1280, height: 800 } }],
  ['phone', { colorScheme: 'light', viewport: { width: 390, height: 844 } }],
  ['paper', { colorScheme: 'light', viewport: { width: 794, height: 1123 } }, 'print']
]

inBrowser('the page', () => {
  const world = useWorld({ shared: true })
  const folder = mkdtempSync(join(tmpdir(), 'patless-page-'))
  const pages = new Map<string, string>()
  let browser: Browser

  beforeAll(async () => {
    // Nothing of it may look for a network: its own updates and look-ups included.
    const args = [
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-quic'
    ]
    browser = await chromium.launch({ ...(CHROMIUM !== undefined && { executablePath: CHROMIUM }), args })
    const applied = await world.run({ mode: 'apply' })
    world.twin.defect('credential-subject')
    world.twin.defect('secret-password')
    const drifted = await world.run({ mode: 'check' })
    world.twin.defect('cluster-deleted')
    const failed = await world.run({ mode: 'check' })
    const audited = await world.run({ mode: 'audit', 'repository-url': '' })
    const fleet = ['north', 'south', 'east'].map((name, at) => ({
      name: `aks-prod-${name}`,
      report: [applied, drifted, failed][at] as Report
    }))
    const wild = { ...drifted, verdict: { exitCode: 2 as const, summary: NASTY.join(' ') } }
    const all = {
      applied: htmlOf(applied),
      drifted: htmlOf(drifted),
      audited: htmlOf(audited),
      fleet: fleetHtmlOf(fleet, ['aks-prod-west']),
      wild: htmlOf(wild)
    }
    for (const [name, html] of Object.entries(all)) {
      const path = join(folder, `${name}.html`)
      writeFileSync(path, html)
      pages.set(name, pathToFileURL(path).href)
    }
  }, 60_000)
  afterAll(async () => {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  })

  describe.each(SCREENS)('%s', (screen, options, media = 'screen') => {
    test.each(['applied', 'drifted', 'audited', 'fleet', 'wild'])(
      '%s: legible, within its width, and asks for nothing',
      async (name) => {
        const context = await browser.newContext({ ...options, javaScriptEnabled: false })
        const page = await context.newPage()
        const asked: string[] = []
        const complaints: string[] = []
        page.on('request', (request) => asked.push(request.url()))
        page.on('console', (message) => complaints.push(message.text()))
        await page.emulateMedia({ media })
        await page.goto(pages.get(name) ?? '')
        if (PICTURES !== undefined)
          await page.screenshot({ path: join(PICTURES, `${name}-${screen}.png`), fullPage: true })
        expect(asked).toEqual([pages.get(name)])
        expect(complaints).toEqual([])
        expect(await page.evaluate(MEASURE)).toEqual({ overflow: 0, faint: [] })
        if (media === 'print') expect(await page.getByText('whole run').first().isVisible()).toBe(true)
        await context.close()
      }
    )
  })
})
