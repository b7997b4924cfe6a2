/** Handles foreign text in linear time: a regular expression with `\s*` or `/+$` takes minutes for a few megabytes. */
import { organizationInHost } from './azure-repos.ts'

/** Removes every trailing `end`. */
export function withoutTrailing(text: string, end: string): string {
  let length = text.length
  while (length > 0 && text[length - 1] === end) length -= 1
  return text.slice(0, length)
}

/** Whether `text` matches `pattern`, where `*` matches any text, ignoring case (as in Azure RBAC actions). */
export function matchesWildcard(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.toLowerCase().split('*')
  const given = text.toLowerCase()
  const last = rest.pop()
  if (last === undefined) return given === first
  if (!given.startsWith(first)) return false
  // The leftmost match of each part leaves the most room for the others.
  let from = first.length
  for (const part of rest) {
    const at = given.indexOf(part, from)
    if (at === -1) return false
    from = at + part.length
  }
  return given.length - from >= last.length && given.endsWith(last)
}

/**
 * Replaces the user part of every URL in the text with `***`, since it may be a credential. The exception is the name
 * of the organization, which Azure Repos writes there (`https://contoso@dev.azure.com/contoso/…`).
 */
export function withoutCredentials(text: string): string {
  return text.replaceAll(URL_WITH_USER, (all, ...parts) => {
    const [begin = '', user = '', host = '', path = ''] = parts as (string | undefined)[]
    return isOrganization(user, host, path.slice(1)) ? all : `${begin}***@${host}${path}`
  })
}

/** URL parsers treat a backslash as a slash, and accept a single one after the scheme. */
const URL_WITH_USER = /([/\\]{2}|:[/\\])([^/?#\s'"<>\\]*)@([^/?#\s'"<>\\@]*)([/\\][^/?#\s'"<>\\]*)?/g

/** In characters. No token is shorter, and masking a shorter word would blank out half the log. */
const SHORTEST_SECRET = 6

/**
 * Finds possible credentials in a text that should be a URL, in every form in which they may be printed: the user
 * part, even if it contains a slash, where no parser recognizes it.
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
  return [...new Set([...words, ...words.map(decode)])].filter((word) => word.length >= SHORTEST_SECRET)
}

/**
 * Whether the user part of a URL is the name of its organization.
 *
 * @param user as written in the URL
 * @param segment the first segment of the path
 */
export function isOrganization(user: string, host: string, segment: string): boolean {
  const legacy = organizationInHost(host)
  const name = decode(user).toLowerCase()
  return name !== '' && name === (legacy ?? decode(segment)).toLowerCase()
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
