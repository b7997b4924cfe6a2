/** Markdown as GitHub shows it: rendered with GFM and raw HTML, parsed as a browser does, then searched as GitHub does. */
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { defaultTreeAdapter as tree, parseFragment, type DefaultTreeAdapterTypes as Types } from 'parse5'

const ELEMENTS: ReadonlySet<string> = new Set(
  'h2 h3 p strong code pre table thead tbody tr th td ul li a br wbr details summary'.split(' ')
)
const DOCUMENTATION =
  /^https:\/\/(?:learn\.microsoft\.com|docs\.github\.com|argo-cd\.readthedocs\.io|kubernetes\.io|azure\.github\.io\/azure-workload-identity|github\.com\/(?:argoproj|Azure|patless))\//

/** What GitHub makes links, pictures and formulas of in text that is not code (html-pipeline: mentions, references, emoji). */
const FOUND_IN_TEXT = /@\w|#\d|\bgh-\d|www\.|\w:\/\/|:[\w+-]+:|\$\S/i
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

export interface Rendered {
  /** Everything that shows more than text, and is none of the summary's own. */
  readonly strangers: readonly string[]
  /** All text, without what is only white space in the source. */
  readonly text: string
  readonly count: (element: string) => number
}

export function rendered(markdown: string): Rendered {
  const html = micromark(markdown, {
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
    allowDangerousHtml: true,
    allowDangerousProtocol: true
  })
  const strangers: string[] = []
  const counts = new Map<string, number>()
  const texts: string[] = []
  const visit = (node: Types.Node, literal: boolean): void => {
    if (tree.isTextNode(node)) {
      texts.push(node.value)
      const found = literal ? null : FOUND_IN_TEXT.exec(node.value)
      if (found) strangers.push(`text ${JSON.stringify(node.value)}: ${found[0]}`)
      if (UNSEEN.test(node.value)) strangers.push(`unseen in ${JSON.stringify(node.value)}`)
      return
    }
    if (tree.isElementNode(node)) {
      const { tagName, attrs } = node
      counts.set(tagName, (counts.get(tagName) ?? 0) + 1)
      if (!ELEMENTS.has(tagName)) strangers.push(`<${tagName}>`)
      for (const { name, value } of attrs) {
        const own =
          tagName === 'a' ? name === 'href' && DOCUMENTATION.test(value) : /^language-\w+$/.test(value)
        if (!own) strangers.push(`<${tagName} ${name}=${JSON.stringify(value)}>`)
      }
      if (tagName === 'br') texts.push('\n')
    } else if (node.nodeName !== '#document-fragment') strangers.push(node.nodeName)
    const quiet = literal || ['code', 'pre', 'a'].includes(node.nodeName)
    if ('childNodes' in node) for (const child of node.childNodes) visit(child, quiet)
  }
  visit(parseFragment(html), false)
  return { strangers, text: texts.join(''), count: (element) => counts.get(element) ?? 0 }
}
