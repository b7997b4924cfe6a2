/**
 * Foreign text that steers nothing: no terminal by control characters, no CI host by its commands (`##[` and `##vso[`
 * count wherever they stand in a line).
 */
export function printable(text: string): string {
  return withoutControls(text).replaceAll(/##(?=(?:vso)?\[)/gi, '## ')
}

export function withoutControls(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
}

/** Takes known secrets out of text: the last guard of every line this tool prints itself. */
export class Redaction {
  readonly #secrets = new Set<string>()

  add(secret: string): void {
    if (secret.length >= 8) this.#secrets.add(secret)
  }

  of(text: string): string {
    let clean = text
    for (const secret of this.#secrets) clean = clean.replaceAll(secret, '***')
    return clean
  }
}
