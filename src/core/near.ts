/** The name that was probably meant. Loaded only when there is a wrong one. */
import { distance } from 'fastest-levenshtein'

/** @returns undefined when no name is near enough to be a typing error, an abbreviation or a longer form of `typed`. */
export function nearest(typed: string, names: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  const word = plain(typed).slice(0, LONGEST)
  if (word === '') return undefined
  const [best] = names
    .map((name) => ({ name, edits: distance(word, plain(name)) }))
    .toSorted((a, b) => a.edits - b.edits)
  if (best && best.edits <= Math.max(1, Math.floor(word.length / 3))) return best.name
  if (word.length < SHORTEST) return undefined
  return names.find((name) => plain(name).includes(word) || word.includes(plain(name)))
}

/** No name is longer; a text of a megabyte must not be compared with each of them. */
const LONGEST = 60
/** Shorter texts are part of too many names. */
const SHORTEST = 3
