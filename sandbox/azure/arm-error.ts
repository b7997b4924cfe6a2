/** The shape of every refusal of Azure Resource Manager. */
import type { Answer } from '../wire.ts'

export function armError(status: number, code: string, message: string): Answer {
  return { status, body: { error: { code, message } } }
}
