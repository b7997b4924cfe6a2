/** Foreign text, in linear time: a regular expression with `\s*` or `/+$` takes minutes for some megabytes of it. */

/** Without the `end`s it ends in. */
export function withoutTrailing(text: string, end: string): string {
  let length = text.length
  while (length > 0 && text[length - 1] === end) length -= 1
  return text.slice(0, length)
}

/** Whether `text` is what `pattern` says, whose `*` is any text; case does not count (Azure RBAC's actions). */
export function matchesWildcard(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.toLowerCase().split('*')
  const given = text.toLowerCase()
  const last = rest.pop()
  if (last === undefined) return given === first
  if (!given.startsWith(first)) return false
  // The leftmost place of each part leaves the most room for the others.
  let from = first.length
  for (const part of rest) {
    const at = given.indexOf(part, from)
    if (at === -1) return false
    from = at + part.length
  }
  return given.length - from >= last.length && given.endsWith(last)
}

/**
 * Every URL in the text without its user part, which is a credential until shown otherwise: `***` in its place. The
 * name of an organization, which Azure Repos writes there (`https://contoso@dev.azure.com/contoso/…`), is none.
 */
export function withoutCredentials(text: string): string {
  return text.replaceAll(URL_WITH_USER, (all, ...parts) => {
    const [begin = '', user = '', host = '', path = ''] = parts as (string | undefined)[]
    return isOrganization(user, host, path.slice(1)) ? all : `${begin}***@${host}${path}`
  })
}

/** Parsers of URLs take a backslash for a slash, and are content with one of them after the scheme. */
const URL_WITH_USER = /([/\\]{2}|:[/\\])([^/?#\s'"<>\\]*)@([^/?#\s'"<>\\@]*)([/\\][^/?#\s'"<>\\]*)?/g

/** Below this length, in characters, masking a word would blot out half of a log, and it is no token. */
const SHORTEST_SECRET = 6

/**
 * What may be a credential in a text that is meant for a URL, in every form that it may be printed in: its user part,
 * also where that holds a slash, so that no parser takes it for one.
 */
export function credentialsIn(text: string): string[] {
  const plain = text.replaceAll('\\', '/')
  const scheme = plain.indexOf('//')
  const after = scheme === -1 ? plain.replace(/^\s*[a-z][a-z0-9+.-]{0,20}:\//i, '') : plain.slice(scheme + 2)
  const [authority = ''] = after.split(/[/?#\\\s]/, 1)
  const azure = [...after.matchAll(/@(?=(?:[\w-]{1,63}\.){0,3}(?:dev\.azure|visualstudio)\.com\b)/gi)].at(-1)
  const at = Math.max(authority.lastIndexOf('@'), azure?.index ?? -1)
  if (at < 1) return []
  const user = after.slice(0, at)
  const [host = '', segment = ''] = after.slice(at + 1).split('/')
  if (isOrganization(user, host, segment)) return []
  const words = [user, ...user.split(':')]
  return [...new Set([...words, ...words.map(decoded)])].filter((word) => word.length >= SHORTEST_SECRET)
}

/**
 * @param user of a URL, as written there
 * @param segment the first of its path
 */
export function isOrganization(user: string, host: string, segment: string): boolean {
  const legacy = /^([a-z0-9-]{1,63})\.visualstudio\.com$/i.exec(host)?.[1]
  const name = decoded(user).toLowerCase()
  return name !== '' && name === (legacy ?? decoded(segment)).toLowerCase()
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
