/** Colors, decided for each stream by itself: `patless > log` has none in the file, and still some on stderr. */
import { WriteStream } from 'node:tty'
import { styleText } from 'node:util'

export type Style = Parameters<typeof styleText>[0]

/** Writes one line, made of parts. */
export type Writer = (
  ...parts: readonly { readonly text: string; readonly style?: Style | undefined }[]
) => void

/** By Node's own rules: FORCE_COLOR, NODE_DISABLE_COLORS, NO_COLOR, TERM, and whether it is a terminal at all. */
export function hasColors(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): boolean {
  if (environment['FORCE_COLOR'] === undefined && !stream.isTTY) return false
  return WriteStream.prototype.getColorDepth.call(stream, environment) > 2
}

/** `styleText` knows about streams from Node 20.18 on only, and then it looks at stdout. */
export function painted(text: string, style: Style | undefined, colors: boolean): string {
  return style === undefined || !colors ? text : styleText(style, text, { validateStream: false })
}
