import Sequencer from '@jest/test-sequencer'

/** What takes longest, or may have to wait long, starts first, on a machine that never ran it as well. */
const LONGEST = [
  'faults/remove',
  'faults/first-apply',
  'faults/hostile',
  'faults/kill-apply',
  'faults/second-apply',
  'faults/check',
  'faults/kill-remove',
  'hostile/ownership',
  'hostile/bounds',
  'hostile/adoption',
  'hostile/bearer',
  'installs/installs',
  'bundle/hosts',
  'chain/chain',
  'chain/workload',
  'chain/connection',
  'verifications/argocd',
  'situations/table',
  'sandbox/argocd',
  'bundle/github',
  'chain/remove',
  'bundle/azure-pipelines',
  'chain/federated-credential',
  'services/programs',
  'services/foreign-data',
  'verifications/access'
]

export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const at = LONGEST.findIndex((name) => path.includes(`/${name}.`))
      return at < 0 ? LONGEST.length : at
    }
    return [...tests].sort((a, b) => rank(a) - rank(b))
  }
}
