/** The name that was probably meant. Loaded only when there is a wrong one. */
import { distance } from 'fastest-levenshtein'

/** @returns undefined when no name is near enough to be a typing error, an abbreviation or a longer form of `typed`. */
export function nearest(typed: string, names: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  const word = plain(typed).slice(0, LONGEST)
  if (word === '') return undefined
  const [best] = names
    .map((name) => ({ name, edits: swapped(word, plain(name)) ? 1 : distance(word, plain(name)) }))
    .toSorted((a, b) => a.edits - b.edits)
  if (best && best.edits <= Math.max(1, Math.floor(word.length / 3))) return best.name
  if (word.length < SHORTEST) return undefined
  return names.find((name) => plain(name).includes(word) || word.includes(plain(name)))
}

/** Two letters in the wrong order, the most frequent typing error, which count as two edits otherwise. */
function swapped(typed: string, name: string): boolean {
  let at = 0
  while (at < typed.length && typed[at] === name[at]) at += 1
  return `${typed.slice(0, at)}${typed.charAt(at + 1)}${typed.charAt(at)}${typed.slice(at + 2)}` === name
}

/** No name is longer; a text of a megabyte must not be compared with each of them. */
const LONGEST = 60
/** Shorter texts are part of too many names. */
const SHORTEST = 3
