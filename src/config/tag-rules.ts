/** Azure tags: at most 50 per resource, names are case-insensitive (learn.microsoft.com/azure/…/tag-resources). */
import type { Fault } from './inputs.ts'

/** In addition to Patless's own tag. */
const MOST = 49
const NAME = /^[^<>%&\\?/\p{Cc}]{1,512}$/u
const VALUE = /^\P{Cc}{0,256}$/u
/** Marks what Patless made. */
const OWN = 'managed-by'
const FORM = 'Write one name=value per line, e.g. costCenter=4711.'

export function tagsOf(lines: readonly string[], fault: Fault): Readonly<Record<string, string>> {
  const tags = new Map<string, readonly [name: string, value: string]>()
  const refuse = (problem: string, remedy = FORM): void => {
    fault('tags', problem, remedy)
  }
  for (const line of lines) {
    const at = line.indexOf('=')
    const [name, value] = [line.slice(0, Math.max(at, 0)).trim(), line.slice(at + 1).trim()]
    const key = name.toLowerCase()
    if (at < 1) refuse(`"${line}" is not a tag.`)
    else if (!NAME.test(name))
      refuse(
        `"${name}" is not a valid name of an Azure tag.`,
        'A name has at most 512 characters and none of <>%&\\?/.'
      )
    else if (!VALUE.test(value))
      refuse(
        `The value of ${name} is not a valid value of an Azure tag.`,
        'A value has at most 256 characters and no control characters.'
      )
    else if (key === OWN) refuse(`Patless itself sets ${OWN} to mark what it made.`, 'Choose another name.')
    else if (tags.has(key))
      refuse(`${name} is given twice.`, 'Use each name once; Azure ignores case in names.')
    tags.set(key, [name, value])
  }
  if (tags.size > MOST) refuse(`There are ${tags.size} tags.`, `Azure allows 50; one is Patless's own.`)
  return Object.fromEntries(tags.values())
}
