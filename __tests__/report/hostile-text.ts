/** Text that tries to be more than text, and reports that hold it in every field. */
import fc from 'fast-check'
import type { FindingFacts } from '../../src/core/finding.ts'
import { TITLES, type FindingId, type ResourceKind } from '../../src/core/finding-titles.ts'
import { PLAN_ACTIONS } from '../../src/engine/plan.ts'
import { REPORT_VERSION } from '../../src/report/report.ts'
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
const facts: fc.Arbitrary<FindingFacts> = fc.record(
  {
    id: fc.constantFrom(...(Object.keys(TITLES) as FindingId[])),
    summary: text,
    remedy: text,
    expected: text,
    actual: text,
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
    code: text,
    command: text
  },
  { requiredKeys: ['id', 'summary', 'remedy'] }
)

const KINDS: readonly ResourceKind[] = ['cluster', 'identity', 'argocd']

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
    const times = { start: 0, end: 1 }
    const failed = { result: 'failed' as const, reason: one, ...times }
    const changes = problems.map((blocked, index) => ({
      field: two,
      expected: three,
      actual: index === 0 ? four : undefined,
      blocked: blocked.id
    }))
    return {
      version: REPORT_VERSION,
      mode,
      startedAt: '2026-11-25T00:00:00.000Z',
      durationMs: 1,
      target: { cluster: five, identity: six, organizations: [seven], repositories: [eight, one] },
      login: four,
      resources: KINDS.map((resource, index) => ({
        resource,
        ...(index === 1 && { organization: seven }),
        result: 'drifted' as const,
        differences: index % 2 === 0 ? changes : [],
        summary: texts[index % 8] ?? '',
        ...times
      })),
      verification: failed,
      verifications: { access: failed, argocd: failed },
      repositories: [
        { url: two, verifications: { access: { result: 'failed' as const, commit: three } } },
        { url: eight, verifications: {} }
      ],
      findings: [
        ...problems.map((one) => ({ ...one, severity: 'error' as const, resource: 'identity' as const })),
        ...problems.map((one) => ({ ...one, severity: 'note' as const, verification: 'access' as const }))
      ],
      plan: {
        steps: PLAN_ACTIONS.map((action, index) => ({
          resource: 'identity' as const,
          ...(index === 1 && { organization: seven }),
          action,
          fields: [{ field: two, before: three, after: four }, { field: five }],
          effects: index === 0 ? [] : [one, eight]
        })),
        create: 1,
        change: 1,
        delete: 1
      },
      verdict: { exitCode, summary: six },
      outputs: {} as Report['outputs']
    } satisfies Report
  })
