/** What stands around or within a URL when it was copied from somewhere else: prefixes, quotes, placeholders. */

/** Longer than any URL of Azure Repos: two names of 64 characters, each at most nine characters when encoded. */
export const LONGEST_URL = 2_000

/** Terraform and pip (`git::`, `git+`), Maven (`scm:git:`), a shell, YAML, and what texts put around URLs. */
const BEFORE =
  /^(?:(?:-|git clone|(?:repository-?|repo_?)?url *[:=]) +|(?:repository-?|repo_?)?url[:=](?=h)|git::|git\+|scm:git:|["'`<([])/i
/** What closes the marks of `BEFORE`. A name may end with one of them, so only as many are dropped as were opened. */
const CLOSED_BY: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '`': '`',
  '<': '>',
  '(': ')',
  '[': ']'
}

/** @param text at most `LONGEST_URL` characters */
export function unwrapped(text: string): string {
  let inner = text
  const open: string[] = []
  for (let found = BEFORE.exec(inner); found; found = BEFORE.exec(inner)) {
    const [mark] = found
    inner = inner.slice(mark.length).trim()
    open.push(CLOSED_BY[mark] ?? '')
  }
  // No name ends with a comma or a semicolon.
  for (let last = inner.slice(-1); last !== ''; last = inner.slice(-1)) {
    const at = open.indexOf(last)
    if (at === -1 && !',;'.includes(last)) break
    if (at !== -1) open.splice(at, 1)
    inner = inner.slice(0, -1)
  }
  return inner
}

/** Placeholders of templates and of documentation. No name of Azure DevOps can contain one of their marks. */
const PLACEHOLDERS = [
  /\$\{\{[^}]*\}\}/,
  /\{\{[^}]*\}\}/,
  /\$\([^)]*\)|\$\{[^}]*\}|\$\[[^\]]*\]|\$[a-z_]\w*/i,
  /#?\{[^{}]*\}#?/,
  /<[^<>]*>/,
  /%7B.*?%7D|%3C.*?%3E/i,
  /(?<=[^/]\/)\[[^\]]*\]/,
  /%[A-Z]+_[A-Z_]+%/,
  /(?<=[^/]\/):[a-z]\w*/i,
  /(?<=\/)__\w+__(?=\/|$)/
]
/** Anything else could be a secret. */
const SHOWN = /^[\w .:{}()<>[\]$#%-]{1,60}$/

/** @returns the first placeholder, as far as it may be shown; undefined when there is none */
export function placeholderIn(text: string): string | undefined {
  for (const pattern of PLACEHOLDERS) {
    const [found] = pattern.exec(text) ?? []
    if (found !== undefined) return SHOWN.test(found) ? found : `${found.slice(0, 1)}…`
  }
  return undefined
}
