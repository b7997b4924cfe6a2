/** Flags as Go's strconv.ParseBool reads them, and so Argo CD. */
export function isTrue(text: string | undefined): boolean {
  return text !== undefined && ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)
}

export function isBoolean(text: string): boolean {
  return isTrue(text) || ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)
}
