/** Rules about `git`; of several that match one failure, the first counts. */
import type { Rule } from '../rule.ts'
import { gitUnreachable } from './git/unreachable.ts'

export const GIT: readonly Rule[] = [gitUnreachable]
