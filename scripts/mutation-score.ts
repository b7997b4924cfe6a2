/** The mutation score of each directory, over all partial runs. Fails below 85. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'

const LEAST = 85
const KILLED = ['Killed', 'Timeout']
const COUNTED = [...KILLED, 'Survived', 'NoCoverage']

interface Mutated {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>
}

const found = new Map<string, string[]>()
const reports = readdirSync('reports/mutation').filter((name) => /^[a-z]+\.json$/.test(name))
for (const name of reports) {
  const { files } = JSON.parse(readFileSync(`reports/mutation/${name}`, 'utf8')) as Mutated
  for (const [file, { mutants }] of Object.entries(files)) {
    const counted = mutants.map(({ status }) => status).filter((status) => COUNTED.includes(status))
    found.set(dirname(file), [...(found.get(dirname(file)) ?? []), ...counted])
  }
}
for (const [directory, all] of found) {
  const killed = all.filter((status) => KILLED.includes(status)).length
  const score = (100 * killed) / all.length
  if (!(score >= LEAST)) process.exitCode = 1
  console.log(`${directory}: ${score.toFixed(1)} (${killed} of ${all.length} mutants)`)
}
