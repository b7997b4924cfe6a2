/** Checks a report against docs/report.schema.json; every run here does it. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { readFileSync } from 'node:fs'

const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true })
formats.default(ajv)
const validate = ajv.compile(
  JSON.parse(readFileSync(new URL('../docs/report.schema.json', import.meta.url), 'utf8')) as object
)

/** @returns one line per violation of the schema. */
export function faultsOfReport(report: unknown): string[] {
  validate(JSON.parse(JSON.stringify(report)))
  return (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`)
}

/** @throws when there is a violation. */
export function assertReport(report: unknown): void {
  const faults = faultsOfReport(report)
  if (faults.length > 0) throw new Error(`not a report: ${faults.slice(0, 5).join('; ')}`)
}
