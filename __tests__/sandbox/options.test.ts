/** What `npm run sandbox --` takes: everything else is refused in one line, before anything starts. */
import { describe, expect, test } from '@jest/globals'
import { orderOf } from '../../sandbox/options.ts'
import { DEFECT_NAMES, startTwin } from '../../sandbox/twin.ts'

const KNOWN = ['credential-subject', 'secret-password']

test.each<[string[], unknown]>([
  [[], { kind: 'run', host: 'github', defects: [], inputs: {} }],
  [['--mode', 'check'], { kind: 'run', host: 'github', defects: [], inputs: { mode: 'check' } }],
  [['--dry-run'], { kind: 'run', host: 'github', defects: [], inputs: { 'dry-run': 'true' } }],
  [
    ['--break=credential-subject,secret-password'],
    { kind: 'run', host: 'github', defects: KNOWN, inputs: {} }
  ],
  [
    ['--host', 'azure-pipelines', '--break', 'credential-subject', '--break', 'secret-password'],
    { kind: 'run', host: 'azure-pipelines', defects: KNOWN, inputs: {} }
  ],
  [['--list'], { kind: 'list' }],
  [['serve', '--env-file', 'x'], { kind: 'serve', envFile: 'x' }]
])('%j', (args, order) => {
  expect(orderOf(args, KNOWN)).toEqual(order)
})

test.each<[string[], RegExp]>([
  [['--colour', 'red'], /^no such option: --colour; /],
  [['--broken', 'x'], /^no such option: --broken; /],
  [['--break', 'nothing'], /^no such defect: nothing; --list/],
  [['--break'], /needs a name/],
  [['--break', 'credential-subject', '--break', 'x'], /^no such defect: x/],
  [['--host', 'gitlab'], /^no such host: gitlab/],
  // An input of the other host.
  [['--azure-subscription', 'x'], /^no such option: --azure-subscription/],
  [['--host', 'azure-pipelines', '--client-id', 'x'], /^no such option: --client-id/],
  [['start'], /^no such command: start/],
  [['serve'], /^usage: /],
  [['serve', '--mode', 'check'], /^serve has no option --mode/],
  [['serve', 'again'], /^no such command: again/],
  [['--a\nb'], /^no such option: --a b/]
])('%j is refused in one line', (args, text) => {
  const order = orderOf(args, KNOWN)
  expect(order).toMatchObject({ kind: 'refused', text: expect.stringMatching(text) as unknown })
  expect(JSON.stringify(order)).not.toContain('\\n')
})

describe('every name of the list', () => {
  test('is one that the twin knows', async () => {
    const twin = await startTwin()
    try {
      expect(DEFECT_NAMES).toEqual(
        [...new Set([...twin.azure.defects, ...twin.kubernetes.defects])].toSorted()
      )
      expect(DEFECT_NAMES).toEqual(
        expect.arrayContaining(['login-subject', 'secret-password', 'helm-install'])
      )
      expect(() => {
        twin.defect('nothing')
      }).toThrow('no such defect: nothing')
    } finally {
      await twin.close()
    }
  })
})
