/** The style of the page, for screens, dark screens, phones and paper. It names no address. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1f2328; --soft: #57606a; --back: #fff; --card: #f6f8fa; --line: #d1d9e0;
  --good: #1a7f37; --good-back: #dafbe1; --warn: #7d4e00; --warn-back: #fff8c5; --bad: #b42318; --bad-back: #ffebe9;
  --grey: #57606a; --grey-back: #eaeef2 }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --soft: #9da7b3; --back: #0d1117; --card: #161b22;
  --line: #3d444d; --good: #56d364; --good-back: #10331c; --warn: #e3b341; --warn-back: #3a2d0b; --bad: #ff8a80;
  --bad-back: #471a1a; --grey: #9da7b3; --grey-back: #262c36 } }
* { box-sizing: border-box }
body { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; color: var(--text); background: var(--back);
  font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; overflow-wrap: anywhere }
h1 { margin: 0 0 .25rem; font-size: 1.5rem; line-height: 1.3 }
h2 { margin: 2.5rem 0 .5rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: 1.25rem }
h3 { margin: 1.5rem 0 .5rem; font-size: 1rem }
p { margin: .5rem 0 }
.soft { color: var(--soft) }
a { color: inherit }
code { padding: .1em .35em; border-radius: 4px; background: var(--grey-back); font: .85em/1.4 ui-monospace, 'DejaVu Sans Mono', monospace }
pre { margin: .5rem 0; padding: .75rem; overflow-x: auto; border-radius: 6px; background: var(--grey-back);
  font: .85rem/1.5 ui-monospace, 'DejaVu Sans Mono', monospace; white-space: pre-wrap }
.badge { display: inline-block; padding: 0 .5em; border-radius: 1em; font-size: .85rem; white-space: nowrap }
.badge.good { color: var(--good); background: var(--good-back) } .badge.warn { color: var(--warn); background: var(--warn-back) }
.badge.bad { color: var(--bad); background: var(--bad-back) } .badge.grey { color: var(--grey); background: var(--grey-back) }
.finding { margin: .75rem 0; padding: .5rem 1rem; border-left: 4px solid var(--line); border-radius: 4px; background: var(--card) }
.finding.bad { border-color: var(--bad) } .finding.warn { border-color: var(--warn) } .finding.grey { border-color: var(--grey) }
.facts { margin: .25rem 0; padding: 0; list-style: none }
.wide { overflow-x: auto }
table { width: 100%; border-collapse: collapse; font-size: .9rem }
th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top }
thead th { color: var(--soft); font-weight: 600 }
tbody th { min-width: 9rem; font-weight: 600 }
.matrix table { width: auto } .matrix th, .matrix td { white-space: nowrap }
.matrix tbody th { position: sticky; left: 0; background: var(--back) }
details { margin: 1rem 0 } summary { cursor: pointer; font-weight: 600 }
.chain { overflow-x: auto; margin: 1rem 0 } .chain svg { display: block; min-width: 46rem; width: 100%; height: auto }
.chain text { fill: var(--text); font: 13px system-ui, 'DejaVu Sans', sans-serif; text-anchor: middle }
.chain .word { font-size: 12px } .chain path { fill: none; stroke: var(--soft); stroke-width: 1.5 } .chain marker path { fill: var(--soft); stroke: none }
.chain rect { stroke-width: 1.5 }
.chain .good rect { fill: var(--good-back); stroke: var(--good) } .chain .warn rect { fill: var(--warn-back); stroke: var(--warn) }
.chain .bad rect { fill: var(--bad-back); stroke: var(--bad) } .chain .grey rect { fill: var(--grey-back); stroke: var(--grey) }
@media (max-width: 30rem) { body { padding: 1rem .75rem 3rem; font-size: 15px } h1 { font-size: 1.25rem } th, td { padding: .3rem .4rem }
  .wide:not(.matrix) :is(table, tbody, tr, th, td) { display: block } .wide:not(.matrix) thead { display: none }
  .wide:not(.matrix) tr { padding: .5rem 0; border-bottom: 1px solid var(--line) } .wide:not(.matrix) :is(th, td) { padding: .1rem 0; border: 0 }
  .wide:not(.matrix) td:not(:empty)::before { content: attr(data-of) ': '; color: var(--soft) } }
@media print { body { max-width: none; padding: 0; font-size: 11pt } h2, .finding, tr { break-inside: avoid }
  .wide, .chain, pre { overflow: visible } .chain svg { min-width: 0 } .matrix table { font-size: .75rem } .matrix th, .matrix td { white-space: normal; overflow-wrap: normal; padding: .2rem } .matrix tbody th { min-width: 0 }
  details::details-content { content-visibility: visible; block-size: auto } }
`
