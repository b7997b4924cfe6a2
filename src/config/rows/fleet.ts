/** Inputs for many clusters: a file of targets, and what of it a run is for. */
import type { InputRow } from '../row.ts'

export const FLEET_ROWS = [
  {
    name: 'targets',
    group: 'target',
    kind: 'file',
    perRun: true,
    hint: 'Give the path of a YAML file, as in docs/targets.md.',
    description:
      'Path of a YAML file that lists clusters with their repositories, by the names of these inputs; instead of cluster and repository-url (docs/targets.md).'
  },
  {
    name: 'target',
    group: 'target',
    kind: 'text',
    perRun: true,
    description: 'Name of the target in that file that this run is for.'
  }
] as const satisfies readonly InputRow[]
