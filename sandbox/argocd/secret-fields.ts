/** How Argo CD parses the keys of its Secrets, by version (util/db: secretToRepository, secretToRepoCred, secrets.go). */
import type { KubeObject } from '../kubernetes/objects.ts'
import { atLeast } from './versions.ts'

export type Fields = Readonly<Record<string, string>>
export type SecretType = 'repository' | 'repo-creds'

const TYPE = 'argocd.argoproj.io/secret-type'
const ALWAYS = '3.0.0'

/** In the order in which they are parsed: the first that cannot be is what the text names. */
const PARSED: readonly (readonly [key: string, as: 'bool' | 'int', since: string, only?: SecretType])[] = [
  ['insecureIgnoreHostKey', 'bool', ALWAYS, 'repository'],
  ['insecure', 'bool', ALWAYS, 'repository'],
  ['enableLfs', 'bool', ALWAYS, 'repository'],
  ['enableOCI', 'bool', ALWAYS],
  ['insecureOCIForceHttp', 'bool', '3.1.0'],
  ['githubAppID', 'int', ALWAYS],
  ['githubAppInstallationID', 'int', ALWAYS],
  ['forceHttpBasicAuth', 'bool', ALWAYS],
  ['useAzureWorkloadIdentity', 'bool', ALWAYS],
  ['depth', 'int', '3.3.0', 'repository'],
  ['webhookManifestCacheWarmDisabled', 'bool', '3.5.0', 'repository']
]

export function secretsOf(secrets: readonly KubeObject[], type: SecretType): Fields[] {
  return secrets.filter(({ metadata }) => metadata.labels?.[TYPE] === type).map(fieldsOf)
}

/** @throws {Error} with Go's text: a key that is there, even empty, has to parse. */
export function assertReadable(fields: Fields, type: SecretType, version: string, where: string): void {
  for (const [key, as, since, only] of PARSED) {
    const value = fields[key]
    if (value === undefined || (only ?? type) !== type || !atLeast(version, since)) continue
    const shown = JSON.stringify(value)
    if (as === 'bool' && parseBool(value) === undefined)
      throw new Error(`${where}: strconv.ParseBool: parsing ${shown}: invalid syntax`)
    if (as === 'int' && !/^[+-]?\d{1,19}$/.test(value))
      throw new Error(`${where}: strconv.ParseInt: parsing ${shown}: invalid syntax`)
  }
}

/** As Go's strconv.ParseBool. */
export function parseBool(text: string): boolean | undefined {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false
  return undefined
}

function fieldsOf({ data }: KubeObject): Fields {
  return Object.fromEntries(
    Object.entries((data ?? {}) as Record<string, string>).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64').toString()
    ])
  )
}
