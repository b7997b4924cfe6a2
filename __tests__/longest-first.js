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
  'chain/defects',
  'installs/installs',
  'chain/chain',
  'bundle/hosts',
  'sandbox/argocd',
  'chain/remove',
  'installs/applications',
  'bundle/github',
  'installs/broken',
  'bundle/azure-pipelines',
  'services/programs',
  'services/foreign-data'
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
