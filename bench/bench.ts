/**
 * The performance budgets of Patless, as ratios within one run on one machine; no test depends on absolute times.
 * `npm run bench` prints one line per budget: the figure, the limit, and whether it holds; `npm run bench -- large` only
 * those of that name. Figures without a limit give context for the others.
 */
import { setDefaultCACertificates } from 'node:tls'
import { makeCertificates } from '../sandbox/certificates.ts'
import { byHand, firstApply } from './apply.ts'
import { audits } from './audits.ts'
import { checks } from './check.ts'
import { fleet } from './fleet.ts'
import { large, memory } from './large.ts'
import { fifty } from './many.ts'
import { migrations, rehearsal } from './migrations.ts'
import { oneProcess } from './one-process.ts'
import { bundle, coldStart } from './start.ts'

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  cold: coldStart,
  bundle,
  check: checks,
  apply: firstApply,
  fifty,
  large,
  memory,
  fleet,
  together: oneProcess,
  audit: audits,
  migrate: migrations,
  rehearsal,
  hand: byHand
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in BENCHES))
if (unknown.length > 0)
  throw new Error(`there is no bench ${unknown.join(', ')}: ${Object.keys(BENCHES).join(', ')}`)
// All twins of this process share one certificate.
setDefaultCACertificates([(await makeCertificates()).ca])
for (const [name, bench] of Object.entries(BENCHES))
  if (asked.length === 0 || asked.includes(name)) await bench()
