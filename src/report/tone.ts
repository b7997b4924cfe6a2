/** How good a result is, for pictures and tables. */
import type { Result, VerificationResult } from '../engine/outcome.ts'

export type Tone = 'good' | 'warn' | 'bad' | 'grey'

const TONES: Readonly<Record<Result | VerificationResult, Tone>> = {
  unchanged: 'good',
  created: 'good',
  updated: 'good',
  removed: 'good',
  verified: 'good',
  drifted: 'warn',
  missing: 'warn',
  inconclusive: 'warn',
  failed: 'bad',
  unknown: 'grey',
  skipped: 'grey'
}

export function toneOf(result: Result | VerificationResult): Tone {
  return TONES[result]
}
