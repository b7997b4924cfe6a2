/** Tags in Azure: at most 50 on a resource, names without regard to case (learn.microsoft.com/azure/…/tag-resources). */
import type { Fault } from './inputs.ts'

/** Beside the one that Patless puts on what it makes. */
const MOST = 49
const NAME = /^[^<>%&\\?/\p{Cc}]{1,512}$/u
const VALUE = /^\P{Cc}{0,256}$/u
/** By it Patless knows its own. */
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
        `"${name}" is not a name Azure allows for a tag.`,
        'It has 512 characters at most, and none of <>%&\\?/.'
      )
    else if (!VALUE.test(value))
      refuse(`The value of ${name} is none Azure allows for a tag.`, 'It has 256 characters at most.')
    else if (key === OWN)
      refuse(`Patless itself sets ${OWN}, and knows its own by it.`, 'Choose another name.')
    else if (tags.has(key))
      refuse(`${name} is given twice.`, 'Azure does not tell names apart by their case.')
    tags.set(key, [name, value])
  }
  if (tags.size > MOST) refuse(`There are ${tags.size} tags.`, `Azure allows 50; one is Patless's own.`)
  return Object.fromEntries(tags.values())
}
