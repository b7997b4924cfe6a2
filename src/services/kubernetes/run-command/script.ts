/**
 * Several commands as one script, and what each of them printed. The script cuts its output itself, before Azure does, and
 * each part says how it ended: a part without its end was cut. Credentials in URLs are taken out before anything is
 * printed.
 */

/** In bytes: less than the 512 kB that Azure keeps. */
const MOST_PRINTED = 480_000
/** Of what kubectl says about a failure, in bytes. */
const LONGEST_ERROR = 2_000
const MARK = '-----patless'

/** One command's output. */
export interface Part {
  readonly lines: readonly string[]
  /** undefined: cut before its end, or never begun. */
  readonly ended: { readonly code: number; readonly error: string } | undefined
}

const URL_START = '%3A%2F%2F'
/** Percent-encoded: the user part of a URL, up to its last `@` before a slash, a question mark or a number sign. */
const USER = '([^"%+]|%[014-9A-F][0-9A-F]|%2[0-24-9A-E]|%3[0-9A-E])*%40'
const AZURE_HOST = '(([A-Za-z0-9_-]+\\.){0,3}(dev\\.azure|visualstudio)\\.com)'

/**
 * The name of the organization, which Azure Repos writes into URLs, and git's own user of ssh stay: `@@` stands for their
 * `@`, which no encoded text has. The user of every other URL, and the query of the URL in a Secret, go.
 */
const KEPT = [
  `s/\\(${URL_START}\\)\\([A-Za-z0-9-]\\{1,50\\}\\)%40\\([A-Za-z0-9.-]*\\(%3A[0-9]*\\)\\{0,1\\}%2F\\2%2F\\)/\\1\\2@@\\3/g`,
  `s/\\(${URL_START}\\)\\([A-Za-z0-9-]\\{1,50\\}\\)%40\\(\\2\\.visualstudio\\.com\\)/\\1\\2@@\\3/g`,
  `s/\\(${URL_START}git\\)%40/\\1@@/g`
]
const TAKEN_OUT = [
  `s/${URL_START}[^"+]*%40${AZURE_HOST}/${URL_START}***%40\\1/g`,
  `s/${URL_START}${USER}/${URL_START}***%40/g`,
  's/("(url|proxy|repoURL)":"t[^"]*)%3F[^"]*"/\\1"/g',
  's#://[^[:space:]]*@#://***@#g'
]
const sed = (expressions: readonly string[], options = ''): string =>
  `sed ${options}${expressions.map((one) => `-e '${one}'`).join(' ')}`

/** @param commands for a shell (POSIX), which read nothing from standard input */
export function scriptOf(commands: readonly string[]): string {
  const parts = commands.map(
    (command, index) =>
      `printf '\\n%s %s\\n' ${MARK} ${index}; e=$( { { ${command}; } >&3; } 2>&1 ); c=$?; ` +
      `e=$(printf '%.${LONGEST_ERROR}s' "$e" | tr '\\n\\r' '  '); ` +
      `printf '\\n%s %s %s\\n%s\\n%s %s end\\n' ${MARK} ${index} "$c" "$e" ${MARK} ${index}`
  )
  const all = `{ ${parts.join('\n')}\n} 3>&1`
  return `export LC_ALL=C; ${all} | ${sed(KEPT)} | ${sed(TAKEN_OUT, '-E ')} | head -c ${MOST_PRINTED}`
}

/**
 * @param logs of the script
 * @returns one part per command; undefined when the beginning is missing, so that nothing of it can be trusted
 */
export function partsOf(logs: string, count: number): readonly Part[] | undefined {
  const lines = logs.replaceAll('\r\n', '\n').split('\n')
  const first = lines.indexOf(`${MARK} 0`)
  if (first < 0) return undefined
  const parts: Part[] = []
  let at = first
  for (let index = 0; index < count && lines[at] === `${MARK} ${index}`; index += 1) {
    const end = lines.indexOf(`${MARK} ${index} end`, at)
    // Of what was cut, the last line may be a part of one.
    const printed = lines.slice(at + 1, end < 0 ? -1 : end)
    const told = printed.findIndex((line) => line.startsWith(MARK))
    const whole = printed.slice(0, told < 0 ? undefined : told).filter((line) => line !== '')
    if (end < 0) {
      parts.push({ lines: whole, ended: undefined })
      break
    }
    const code = Number(printed[told]?.slice(`${MARK} ${index} `.length))
    parts.push({ lines: whole, ended: { code, error: (printed[told + 1] ?? '').trim() } })
    at = lines.indexOf(`${MARK} ${index + 1}`, end)
  }
  return [...parts, ...Array<Part>(count - parts.length).fill({ lines: [], ended: undefined })]
}
