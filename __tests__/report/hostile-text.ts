/** Text that tries to be more than text, and reports that hold it in every field. */
import fc from 'fast-check'
import type { ProblemFacts } from '../../src/core/problem.ts'
import { HOPS } from '../../src/engine/outcome.ts'
import type { Report } from '../../src/report/report.ts'

export const NASTY: readonly string[] = [
  '\n\u0001::stop-commands::INJECT',
  '\n\u200b::set-output name=INJECT::x',
  '\r::error::INJECT',
  '\u0085\u00a0::warning::INJECT',
  '\u2028::add-mask::INJECT',
  '##\u0001vso[task.setvariable variable=INJECT]x',
  '#\u200d#[error]INJECT',
  '##VSO[task.complete result=Succeeded;]INJECT',
  '##teamcity[buildStatus]',
  '\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007\u001b[2J\u009b31m',
  '\u202eevil\u2066\ufeff\u00ad\u{e0041}\u180e\u3164',
  '\ud800',
  '\n```\n![x](https://evil.example/x.png)\n<img src=x onerror=INJECT>\n[a](javascript:INJECT)\n',
  '\n~~~\n\n# heading\n\n- [ ] task\n\n| a |\n| --- |\n',
  '</code></details><script>INJECT</script><!-- ',
  '\n\n[^1]\n\n[^1]: note\n\n[ref]: https://evil.example\n[ref]',
  'www.evil.example https://evil.example ftp://evil.example mailto:a@evil.example xmpp:a@evil.example',
  'a@evil.example @octocat @org/team #1 o/r#2 GH-3 gh-4 !5 :smile: :+1: $x^2$ $$y$$ $`z`$',
  '<https://evil.example> <a@evil.example> &lt;b&gt; &copy; &#x3c;',
  '**bold** _it_ ~~gone~~ `code` \\| | \\',
  '|`"\'%0A%0D%25%AZP25;]$(System.AccessToken)${{ x }}',
  '~~~~~~~~ ```````` ',
  '\nremedy:   run this\n✓ identity   unchanged  fine',
  'ghadelimiter_\nclient-id<<EOF\nevil\nEOF\n',
  'ünï©ödé 🚀 漢字'
]

/** @param begins what every one begins with, to know it by */
export function hostileText(begins = ''): fc.Arbitrary<string> {
  const parts = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...NASTY) },
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.string({ unit: fc.constantFrom(...' \t\n\r`~|<>&[]()!#*_:@$.\\/-w'), maxLength: 8 })
  )
  return fc.array(parts, { minLength: 1, maxLength: 4 }).map((all) => begins + all.join(''))
}

const text = hostileText()
const facts: fc.Arbitrary<ProblemFacts> = fc.record(
  {
    what: text,
    remedy: text,
    expected: text,
    found: text,
    link: fc.oneof(
      text,
      fc.constantFrom(
        'javascript:alert(1)',
        'data:text/html,<script>',
        'https://evil.example/',
        'https://learn.microsoft.com.evil.example/',
        'https://learn.microsoft.com@evil.example/',
        'https://learn.microsoft.com/a)![x](https://evil.example/x.png)|`<b>&copy;'
      )
    ),
    code: text
  },
  { requiredKeys: ['what', 'remedy'] }
)

/** A report with such text in every field that is not one of closed words. */
export const hostileReport: fc.Arbitrary<Report> = fc
  .record({
    exitCode: fc.constantFrom(0, 1, 2),
    facts: fc.array(facts, { minLength: 1, maxLength: 2 }),
    texts: fc.array(text, { minLength: 8, maxLength: 8 }),
    mode: fc.constantFrom('apply', 'check', 'remove', 'dry-run')
  })
  .map(({ exitCode, facts: problems, texts, mode }) => {
    const [one = '', two = '', three = '', four = '', five = '', six = '', seven = '', eight = ''] = texts
    const [problem] = problems
    const times = { start: 0, end: 1 }
    const proof = { verification: 'failed' as const, reason: one, commits: { [two]: three }, ...times }
    const changes = problems.map((blocked, index) => ({
      field: two,
      expected: three,
      found: index === 0 ? four : undefined,
      blocked
    }))
    return {
      version: '1.1',
      mode,
      startedAt: '2026-11-25T00:00:00.000Z',
      durationMs: 1,
      target: { cluster: five, identity: six, organization: seven, repositories: [eight, one] },
      login: four,
      hops: HOPS.slice(0, 3).map((hop, index) => ({
        hop,
        result: 'drifted' as const,
        changes: index % 2 === 0 ? changes : [],
        summary: texts[index % 8] ?? '',
        notes: problems,
        ...(problem && { problem }),
        ...times
      })),
      proof: { ...proof, ...(problem && { problem }) },
      proofs: { access: proof, argocd: proof },
      verdict: { exitCode, text: six, problems: problems.map((one) => ({ hop: seven, ...one })) },
      outputs: {} as Report['outputs']
    } satisfies Report
  })
