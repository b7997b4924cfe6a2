/** Where the documentation explains a finding: docs/troubleshooting.md has an anchor for each id. */
import type { FindingId } from './finding-titles.ts'

const PAGE = 'https://github.com/patless/patless/blob/main/docs/troubleshooting.md'

export function anchorOf(id: FindingId): string {
  return id.replace('/', '-')
}

export function helpFor(id: FindingId): string {
  return `${PAGE}#${anchorOf(id)}`
}
