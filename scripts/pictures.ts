/**
 * `npm run pictures`: the pictures for the Marketplace page, the README and docs/migrate-from-pats.md. Chromium draws the summaries that the
 * committed bundle writes against the twin. Without Chromium it reports that and changes nothing. Debian: chromium
 * fonts-noto-color-emoji.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { marked } from 'marked'
import { makeOrganization } from '../sandbox/argocd/organization.ts'
import { runAzurePipelinesJob, serviceConnectionOf } from '../sandbox/job.ts'
import { startTwin } from '../sandbox/twin.ts'

const WIDTH = 1160
/** The rest of a long table says no more. */
const TALLEST = 1600
/** The style in which both hosts show a summary, approximately. */
const STYLE = `
  body { margin: 20px; font: 16px/1.5 system-ui, 'DejaVu Sans', 'Noto Color Emoji', sans-serif; color: #1f2328; background: #fff }
  h2 { padding-bottom: .3em; border-bottom: 1px solid #d1d9e0 }
  table { border-collapse: collapse }
  th, td { padding: 6px 13px; border: 1px solid #d1d9e0; overflow-wrap: anywhere }
  td:nth-child(-n+2), th { overflow-wrap: normal }
  tr:nth-child(2n) { background: #f6f8fa }
  code { padding: .2em .4em; font: 85% 'DejaVu Sans Mono', monospace; background: #818b981f; border-radius: 6px }`

const chromium = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined
)
if (chromium === undefined) process.stdout.write('No picture made: there is no Chromium on PATH.\n')
else
  for (const [name, summary] of Object.entries({ ...(await summaries()), ...(await migrations()) })) {
    draw(chromium, summary, name)
    process.stdout.write(`${name}\n`)
  }

/** @returns file name → the summary of a run */
async function summaries(): Promise<Record<string, string>> {
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
    return { 'extension/summary.png': applied, 'extension/drift.png': await run('check') }
  } finally {
    await twin.close()
  }
}

/** The rehearsal and the migration of an organization with forty stored credentials. */
async function migrations(): Promise<Record<string, string>> {
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
    return {
      'docs/pictures/migrate-rehearsal.png': rehearsal,
      'docs/pictures/migrate.png': await run({})
    }
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

function draw(browser: string, markdown: string, picture: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'patless-picture-'))
  try {
    const page = join(folder, 'page.html')
    const height = '<script>document.title = document.documentElement.scrollHeight</script>'
    writeFileSync(
      page,
      `<!doctype html><meta charset="utf-8"><style>${STYLE}</style>${withPublicNames(marked.parse(markdown, { async: false }))}${height}`
    )
    // Chromium has no sandbox as root; the page is our own and offline.
    const browse = (...args: string[]): string =>
      execFileSync(
        browser,
        ['--headless', '--no-sandbox', '--hide-scrollbars', `--user-data-dir=${folder}`, ...args],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 60_000 }
      )
    const url = pathToFileURL(page).href
    const dom = browse(`--window-size=${WIDTH},100`, '--dump-dom', url)
    const [, tall = '1000'] = /<title>(\d+)<\/title>/.exec(dom) ?? []
    browse(
      `--window-size=${WIDTH},${Math.min(Number(tall), TALLEST)}`,
      `--screenshot=${join(process.cwd(), picture)}`,
      url
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
