/**
 * How Argo CD decides that two repository URLs are equal (util/git: NormalizeGitURL, SameURL), on top of Go's net/url.
 */

/** Empty for what Go cannot parse: such a URL equals nothing. */
export function normalized(url: string): string {
  let text = url.trim().toLowerCase()
  // `git@host:path`; an https URL with a user does not have this form.
  if (/^(?:ssh:\/\/)?[^/:]*@[^@]+$/.test(text) && !text.startsWith('ssh://'))
    text = `ssh://${text.replace(':', '/')}`
  return reserialised(text.replace(/\.git$/, '')).replace(/^ssh:\/\//, '')
}

export function sameUrl(left: string, right: string): boolean {
  const one = normalized(left)
  return one !== '' && one === normalized(right)
}

/** url.Parse(text).String() */
function reserialised(text: string): string {
  if (/[\u0000-\u001f\u007f]/.test(text)) return ''
  const [, scheme = '', authority, path = '', rest = ''] =
    /^([a-z][a-z0-9+.-]*:)?(?:\/\/([^/?#]*))?([^?#]*)(.*)$/.exec(text) ?? []
  if (scheme === '' && /^[^/]*:/.test(path)) return ''
  const host = authority?.slice(authority.lastIndexOf('@') + 1) ?? ''
  if (/[\s<>"^`{|}\\]/.test(host) || !/^(?:\[[^\]]*\]|[^:]*)(?::\d*)?$/.test(host)) return ''
  if (/%(?![0-9a-f]{2})/.test(path)) return ''
  const slashes = authority === undefined || (authority === '' && path === '') ? '' : '//'
  return `${scheme}${slashes}${authority ?? ''}${escapedPath(path)}${rest}`
}

/** A path that is validly escaped stays as it is; any other is unescaped and escaped anew. */
function escapedPath(path: string): string {
  if (/^(?:[\w\-.~!$&'()*+,;=:@[\]/]|%[0-9a-f]{2})*$/.test(path)) return path
  const bytes = Buffer.from(
    Buffer.from(path)
      .toString('latin1')
      .replaceAll(/%([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1'
  )
  return bytes
    .toString('latin1')
    .replaceAll(
      /[^\w\-.~$&+,/:;=@]/g,
      (one) => `%${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
    )
}
