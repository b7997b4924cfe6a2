import { setFlagsFromString } from 'node:v8'

/**
 * For runs that read much and keep little of it: what they read is soon garbage. Growing young generations would keep that
 * of many objects, and so would a heap that may grow fourfold between collections: together half of the peak. A small run
 * has nothing to gain, and would collect more often.
 */
export function collectEarly(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--heap-growing-percent=150')
}
