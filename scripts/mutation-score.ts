/** The mutation score of each part of src, over all partial runs: 90 at least for what diagnoses, 85 for the others. */
import { readdirSync, readFileSync } from 'node:fs'

const LEAST = 85
const LEAST_OF: Readonly<Record<string, number>> = { 'src/diagnosis': 90 }
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
    const part = file.split('/').slice(0, 2).join('/')
    const counted = mutants.map(({ status }) => status).filter((status) => COUNTED.includes(status))
    found.set(part, [...(found.get(part) ?? []), ...counted])
  }
}
for (const [part, all] of found) {
  const killed = all.filter((status) => KILLED.includes(status)).length
  const score = (100 * killed) / all.length
  if (!(score >= (LEAST_OF[part] ?? LEAST))) process.exitCode = 1
  console.log(`${part}: ${score.toFixed(1)} (${killed} of ${all.length} mutants)`)
}
