import Sequencer from '@jest/test-sequencer'

/** What takes longest starts first, on a machine that never ran it as well. */
const LONGEST = ['remove', 'first-apply', 'hostile', 'kill-apply', 'second-apply', 'check', 'kill-remove']

export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const at = LONGEST.findIndex((name) => path.endsWith(`/${name}.faults.ts`))
      return at < 0 ? LONGEST.length : at
    }
    return [...tests].sort((a, b) => rank(a) - rank(b))
  }
}
