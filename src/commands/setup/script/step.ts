/** A step of the printed script, and what every script of az has. */
import { word } from '../../../core/shell.ts'

/** Whose part of the work a step is. */
export type Administrator = 'azure' | 'entra' | 'azure-devops' | 'kubernetes'

export interface Step {
  /** `author`: whoever has the checkout. */
  readonly for: Administrator | 'everybody' | 'author'
  /** Steps of all files run in this order. */
  readonly order: number
  readonly title: string
  readonly lines: readonly string[]
  /** Where the identity is in another tenant than the cluster: which of them az asks. Absent: either. */
  readonly tenant?: 'cluster' | 'identity'
}

/** Assigns the text to a variable of the shell, byte for byte: nothing in it has a meaning. */
export function assigned(variable: string, text: string): string[] {
  const end = unusedIn(text, 'END_OF_TEXT')
  return [`${variable}=$(cat <<'${end}'`, ...text.split('\n'), end, ')']
}

/** A word that does not occur in the text, so that it can mark a place in it, or its end. */
export function unusedIn(text: string, word: string): string {
  return text.includes(word) ? unusedIn(text, `${word}_`) : word
}

/** A segment of a URL that stays as it is between double quotes, too. */
export function segment(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*~]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`
  )
}

/** Quoted even where it need not be: shellcheck reads `id-argocd` as a subtraction. */
export function quoted(text: string): string {
  const one = word(text)
  return one === text ? `'${text}'` : one
}

/** az asks the tenant of its current subscription; whoever has none there is logged in to that tenant only. */
export const USE = [
  'use() {',
  '  az account set --subscription "$2" 2> /dev/null || true',
  '  if [ "$(az account show --query tenantId --output tsv)" != "$1" ]; then',
  '    echo "az is not logged in to tenant $1: az login --tenant $1" >&2; exit 1',
  '  fi',
  '}'
]

/** Ends a script whose az is logged in to another tenant than `$tenant`. */
export const IN_TENANT = [
  'if [ "$(az account show --query tenantId --output tsv)" != "$tenant" ]; then',
  '  echo "az is logged in to another tenant: az login --tenant $tenant" >&2; exit 1',
  'fi'
]
