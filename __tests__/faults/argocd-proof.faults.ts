/** What a run asks of Argo CD, beside what every run reads: the probe, and the mark on the Secret. */
import { faultMatrix } from './matrix.ts'

faultMatrix({
  name: 'the proof through Argo CD',
  mode: 'apply',
  built: true,
  inputs: {},
  // How often the probe is looked at differs from run to run; the first look stands for all.
  only: ({ method, path, nth }) =>
    nth === 1 && (path.includes('/argocd/applications') || (method === 'PATCH' && path.includes('/secrets')))
})
