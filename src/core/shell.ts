/** For commands that users copy: a name in them is always a single shell word, whoever chose it. */

/** No special meaning to any shell. */
const PLAIN = /^[\w@%+=:,./][\w@%+=:,./-]*$/
/** Even in quotes, a program, a shell or the terminal that it is pasted into could act on it. */
const UNFIT = /^-|[\p{C}\p{Zl}\p{Zp}]/u

/**
 * @returns `text` as one word for a POSIX shell: as it is, or in single quotes. Text that starts like an option, or
 *   holds invisible characters, is replaced with the placeholder `'<name>'`.
 */
export function word(text: string): string {
  if (PLAIN.test(text)) return text
  return UNFIT.test(text) || text === '' ? "'<name>'" : `'${text.replaceAll("'", `'\\''`)}'`
}
