/** All explanations of findings that no rule makes, each with a source. */
import type { FindingId } from '../../src/core/finding-titles.ts'
import { OF_ARGOCD } from './argocd.ts'
import { OF_CHARTS } from './charts.ts'
import { OF_CLUSTER } from './cluster.ts'
import { OF_CREDENTIALS } from './credentials.ts'
import { SOURCES, type Explained, type Explanations } from './explained.ts'
import { OF_LOGIN } from './login.ts'
import { OF_RUN } from './run.ts'
import { OF_SETUP } from './setup.ts'

export const EXPLANATIONS: Explanations = {
  ...OF_ARGOCD,
  ...OF_CHARTS,
  ...OF_CLUSTER,
  ...OF_CREDENTIALS,
  ...OF_LOGIN,
  ...OF_RUN,
  ...OF_SETUP
}

/** @throws {RangeError} for a finding that nobody has explained: add it to one of these files. */
export function explanationOf(
  id: FindingId
): Required<Omit<Explained, 'certainty'>> & Pick<Explained, 'certainty'> {
  const explained = EXPLANATIONS[id]
  const source = explained?.source ?? SOURCES[id.split('/')[0] ?? '']
  if (!explained || source === undefined) throw new RangeError(`${id} has no entry in scripts/explained/`)
  return { ...explained, source }
}
