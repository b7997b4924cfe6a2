/** Inputs for many clusters: a file of targets, and what of it a run is for. */
import { CLUSTER_MODES, type InputRow } from '../row.ts'

export const FLEET_ROWS = [
  {
    name: 'targets',
    group: 'target',
    kind: 'file',
    required: ['plan'],
    perRun: true,
    hint: 'Give the path of a YAML file, as in docs/targets.md.',
    description:
      'Path of a YAML file that lists clusters with their repositories, by the names of these inputs; instead of cluster and repository-url (docs/targets.md).'
  },
  {
    name: 'target',
    group: 'target',
    kind: 'lines',
    modes: [...CLUSTER_MODES, 'plan'],
    perRun: true,
    description:
      'Targets of that file that this run is for, one per line; a job of a matrix gets its own from plan. If left out: all of them.'
  },
  {
    name: 'concurrency',
    group: 'run',
    kind: 'number',
    modes: CLUSTER_MODES,
    default: '8',
    perRun: true,
    range: [1, 64],
    hint: 'Write e.g. 8.',
    description: 'How many targets run at a time, in one process.'
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
