/**
 * `npm run pictures`: the pictures for the Marketplace page and the documentation. Chromium draws the summaries that the committed
 * bundle writes against the twin; parts of names choose pictures. Without Chromium it reports that and changes nothing.
 * Debian: chromium fonts-noto-color-emoji.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { marked } from 'marked'
import { chromium, type Browser } from 'playwright-core'
import { makeOrganization } from '../sandbox/argocd/organization.ts'
import { runAzurePipelinesJob, serviceConnectionOf } from '../sandbox/job.ts'
import { findProgram } from '../sandbox/search-path.ts'
import { startTwin } from '../sandbox/twin.ts'

/** The rest of a long table says no more. */
const TALLEST = 1600

interface Screen {
  readonly width: number
  readonly colorScheme?: 'light' | 'dark'
  /** Pixels of the picture per pixel of the page. */
  readonly scale?: number
  readonly style?: string
}

/** The style in which both hosts show a summary, approximately. */
const STYLE = `
  body { margin: 20px; font: 16px/1.5 system-ui, 'DejaVu Sans', 'Noto Color Emoji', sans-serif; color: #1f2328; background: #fff }
  h2 { padding-bottom: .3em; border-bottom: 1px solid #d1d9e0 }
  table { border-collapse: collapse }
  th, td { padding: 6px 13px; border: 1px solid #d1d9e0; overflow-wrap: anywhere }
  td:nth-child(-n+2), th { overflow-wrap: normal }
  tr:nth-child(2n) { background: #f6f8fa }
  code { padding: .2em .4em; font: 85% 'DejaVu Sans Mono', monospace; background: #818b981f; border-radius: 6px }`

/** The card on the Extensions tab of Azure Pipelines in its light and its dark theme, approximately. */
const AZURE_PIPELINES = `
  :root { color-scheme: light dark; --text: #000000e6; --page: #fff; --line: #eaeaea; --soft: #f4f4f4; --link: #005a9e }
  @media (prefers-color-scheme: dark) {
    :root { --text: #ffffffe6; --page: #201f1e; --line: #ffffff24; --soft: #ffffff14; --link: #3aa0f3 }
  }
  body { margin: 16px; font: 14px/1.45 'Segoe UI', system-ui, 'DejaVu Sans', 'Noto Color Emoji', sans-serif; color: var(--text); background: var(--page) }
  a { color: var(--link) }
  h2 { font-size: 20px } h3 { font-size: 16px }
  table { border-collapse: collapse }
  th, td { padding: 5px 8px; border: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere }
  th { background: var(--soft) }
  pre { padding: 8px; overflow: auto; background: var(--soft) }
  code { font: 12px 'DejaVu Sans Mono', monospace; background: var(--soft) }
  pre code { background: none }`

const PAGE: Screen = { width: 1160 }
const ON_AZURE_PIPELINES: Readonly<Record<string, Screen>> = {
  '': { width: 1000, style: AZURE_PIPELINES },
  '-dark': { width: 1000, style: AZURE_PIPELINES, colorScheme: 'dark' },
  '-phone': { width: 390, style: AZURE_PIPELINES, scale: 2 },
  '-phone-dark': { width: 390, style: AZURE_PIPELINES, colorScheme: 'dark', scale: 2 }
}

interface Picture extends Screen {
  readonly name: string
  readonly summary: string
}

const program = findProgram('chromium') ?? findProgram('google-chrome')
/** Parts of names; none: all. */
const asked = process.argv.slice(2)
const isAsked = (...names: readonly string[]): boolean =>
  asked.length === 0 || names.some((name) => asked.some((part) => name.includes(part)))

if (program === undefined) process.stdout.write('No picture made: there is no Chromium on PATH.\n')
else {
  // Chromium has no sandbox as root; the page is our own and offline.
  const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] })
  try {
    const runs = isAsked('extension/summary', 'extension/drift', 'docs/pictures/azure-pipelines')
      ? await summaries()
      : []
    const migrated = isAsked('docs/pictures/migrate-rehearsal') ? await migrations() : []
    for (const picture of [...runs, ...migrated].filter(({ name }) => isAsked(name))) {
      await draw(browser, picture)
      process.stdout.write(`${picture.name}\n`)
    }
  } finally {
    await browser.close()
  }
}

/** An apply, and what a check says when the federated credential was changed. */
async function summaries(): Promise<Picture[]> {
  const twin = await startTwin()
  const { cluster, repositoryUrl } = twin.azure.ids
  const run = async (mode: string): Promise<string> => {
    const { summary } = await runAzurePipelinesJob({
      environment: twin.places,
      inputs: { cluster, 'repository-url': repositoryUrl, mode },
      connection: serviceConnectionOf(twin)
    })
    return summary
  }
  try {
    const applied = await run('apply')
    twin.defect('credential-subject')
    const drifted = await run('check')
    return [
      { ...PAGE, name: 'extension/summary.png', summary: applied },
      { ...PAGE, name: 'extension/drift.png', summary: drifted },
      ...Object.entries(ON_AZURE_PIPELINES).map(([where, screen]) => ({
        ...{ ...screen, name: `docs/pictures/azure-pipelines${where}.png`, summary: drifted }
      }))
    ]
  } finally {
    await twin.close()
  }
}

/** The rehearsal and the migration of an organization with forty stored credentials. */
async function migrations(): Promise<Picture[]> {
  const twin = await startTwin()
  try {
    makeOrganization(twin, 120)
    const run = async (inputs: Readonly<Record<string, string>>): Promise<string> => {
      const { summary } = await runAzurePipelinesJob({
        environment: twin.places,
        inputs: { cluster: twin.azure.ids.cluster, mode: 'migrate', ...inputs },
        connection: serviceConnectionOf(twin)
      })
      return summary
    }
    const rehearsal = await run({ 'dry-run': 'true' })
    return [
      { ...PAGE, name: 'docs/pictures/migrate-rehearsal.png', summary: rehearsal },
      { ...PAGE, name: 'docs/pictures/migrate.png', summary: await run({}) }
    ]
  } finally {
    await twin.close()
  }
}

/** Replaces the twin's loopback addresses with the names that a user would see. */
function withPublicNames(html: string): string {
  const local = 'https:(?:<wbr>)?//(?:<wbr>)?localhost:(?:<wbr>)?\\d+/(?:<wbr>)?'
  return html
    .replaceAll(new RegExp(`${local}contoso\\b`, 'g'), 'https://dev.azure.com/contoso')
    .replaceAll(new RegExp(`${local}issuer\\b`, 'g'), 'https://westeurope.oic.prod-aks.azure.com')
}

async function draw(
  browser: Browser,
  { name, summary, width, colorScheme = 'light', scale = 1, style = STYLE }: Picture
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'patless-picture-'))
  try {
    const file = join(folder, 'page.html')
    const body = withPublicNames(marked.parse(summary, { async: false }))
    writeFileSync(file, `<!doctype html><meta charset="utf-8"><style>${style}</style>${body}`)
    const page = await browser.newPage({
      viewport: { width, height: 100 },
      colorScheme,
      deviceScaleFactor: scale
    })
    await page.goto(pathToFileURL(file).href)
    const tall = await page.locator('html').evaluate(({ scrollHeight }) => scrollHeight)
    await page.screenshot({
      path: name,
      fullPage: true,
      clip: { x: 0, y: 0, width, height: Math.min(tall, TALLEST) }
    })
    await page.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
