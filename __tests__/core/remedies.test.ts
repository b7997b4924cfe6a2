/**
 * A command that a finding gives is a command of its own, ready to copy: none is part of a sentence. Looked for in the
 * texts of the whole source, since most findings need a failure to be made.
 */
import { describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { IN_PROSE } from '../diagnosis/runnable.ts'

/** Parts of a finding, and of what findings are made from, that are read and not run. */
const READ = new Set(['summary', 'expected', 'actual', 'remedy', 'again', 'secret', 'problem', 'why'])

/** Commands, and what the documentation says of a cause. */
const DECIDED = new Set(['command', 'cause', 'symptom'])

/** What only the user can know or choose; everything else is filled in. */
const CHOICES = [
  '<address of the API server>',
  '<address of the runner>',
  '<client id>',
  '<project>',
  '<url>',
  '<https URL>'
]

interface Text {
  readonly place: string
  /** The property that it is in. */
  readonly of: string
  /** Without what is computed. */
  readonly text: string
}

function textsIn(path: string): Text[] {
  const source = readFileSync(path, 'utf8')
  if (!IN_PROSE.test(source) && !/command:/.test(source)) return []
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true)
  const found: Text[] = []
  const visit = (node: ts.Node, of: string): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
      const text = ts.isTemplateExpression(node)
        ? [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('…')
        : node.text
      const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1
      found.push({ place: `${path}:${line}`, of, text })
    }
    const named = ts.isPropertyAssignment(node) ? node.name.getText() : of
    ts.forEachChild(node, (child) => {
      visit(child, named)
    })
  }
  visit(file, '')
  return found
}

const texts = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .flatMap((path) => textsIn(`src/${path}`))

/** Help and descriptions are read beside a command line; a script is made of commands. */
const isHelp = ({ place }: Text): boolean =>
  /^src\/(?:host\/terminal\/|config\/rows\/|commands\/(?:setup|export)\/script|commands\/setup\/script\/)/.test(
    place
  )

/** A command behind other words: the text does not begin as a command or a value of the shell. */
function isInProse({ text }: Text): boolean {
  const at = IN_PROSE.exec(text.trimStart())?.index ?? 0
  return at > 0 && !/^(?:kubectl|az|git|gh) |^"?\$\(|^\w+=|^export |^…--/.test(text.trimStart())
}

describe('what is said', () => {
  test('is looked at in the whole source', () => {
    expect(texts.filter(({ of }) => of === 'remedy').length).toBeGreaterThan(200)
    expect(texts.filter(({ of }) => of === 'command').length).toBeGreaterThan(60)
  })

  test('holds no command', () => {
    const wrong = texts.filter(
      (one) =>
        (READ.has(one.of) && IN_PROSE.test(one.text)) ||
        (!isHelp(one) && !DECIDED.has(one.of) && isInProse(one))
    )
    expect(wrong.map(({ place, text }) => `${place}: ${text}`)).toEqual([])
  })

  test.each([
    ['correct it: kubectl config set-cluster x', true],
    ['run az login --tenant x', true],
    ['use the az login', false],
    ['see kubectl -n … get pods', true],
    ['if nobody needs it: kubectl -n … delete secret …', true],
    ['turn it on (az aks update -g … -n …)', true],
    ['kubectl -n … get secret … | base64 -d | kubectl -n … replace -f -', false],
    ['$(az ad app list --id …)', false],
    ['the client of kubectl', false]
  ])('%s: %s', (text, is) => {
    expect(isInProse({ place: '', of: '', text })).toBe(is)
  })
})

test('a command leaves to the user only what nobody else can know', () => {
  const holes = texts.filter(
    ({ of, text }) =>
      of === 'command' && /<[a-z]/.test(CHOICES.reduce((rest, one) => rest.replaceAll(one, ''), text))
  )
  expect(holes.map(({ place, text }) => `${place}: ${text}`)).toEqual([])
})
