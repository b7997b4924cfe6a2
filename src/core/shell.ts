/** Commands that are printed to be copied: a name in them is one word, whoever chose it. */

/** What no shell makes more of than it is. */
const PLAIN = /^[\w@%+=:,./][\w@%+=:,./-]*$/
/** What a shell, or the terminal it is pasted into, could act on even between quotes. */
const UNFIT = /^-|[\p{C}\p{Zl}\p{Zp}]/u

/**
 * @returns `text` as one word for a POSIX shell: as it is, or in single quotes. What begins
 *   like an option, or holds what cannot be seen, is left to the reader: `'<name>'` in its place.
 */
export function word(text: string): string {
  if (PLAIN.test(text)) return text
  return UNFIT.test(text) || text === '' ? "'<name>'" : `'${text.replaceAll("'", `'\\''`)}'`
}
