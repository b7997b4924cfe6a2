/** Inputs for many clusters: a file of targets, and what of it a run is for. */
import { CLUSTER_MODES, type InputRow } from '../row.ts'

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
    modes: CLUSTER_MODES,
    perRun: true,
    description: 'Name of the target in that file that this run is for.'
  },
  {
    name: 'reports',
    group: 'run',
    kind: 'file',
    modes: ['summarize'],
    required: ['summarize'],
    perRun: true,
    visible: 'mode = summarize',
    hint: 'Give the path of the folder into which the artifacts of the jobs were downloaded.',
    description:
      'Folder with the JSON reports of the jobs, in any folders within; with targets, jobs without one are named.'
  }
] as const satisfies readonly InputRow[]
