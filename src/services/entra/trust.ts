/** The commands that make an application trust a token: for an app registration, for a managed identity, or for both. */
import { word } from '../../core/shell.ts'
import type { Claims } from './claims.ts'

/** What the client id belongs to; undefined where nothing tells. */
export type ApplicationKind = 'app-registration' | 'managed-identity'

/** The audience that Entra wants; a credential for any other would be of no use here. */
interface Trusted extends Claims {
  readonly clientId: string
  readonly kind?: ApplicationKind | undefined
}

/** A long command on several lines, which fit on more screens. */
const NEXT = ' \\\n  '

/**
 * @param clientId of the application that the job logs in as
 * @param task `create`: no credential has issuer and subject; `update`: one has them, with another audience
 * @returns lines for a POSIX shell (learn.microsoft.com/cli: az ad app federated-credential, az identity federated-credential)
 */
export function trustCommand(trusted: Trusted, task: 'create' | 'update'): string {
  const { kind } = trusted
  if (kind === 'app-registration') return forApplication(trusted, task)
  if (kind === 'managed-identity') return forIdentity(trusted, task)
  return [
    '# if the client id is that of an app registration:',
    forApplication(trusted, task),
    '# if it is that of a managed identity:',
    forIdentity(trusted, task)
  ].join('\n')
}

function forApplication(trusted: Trusted, task: 'create' | 'update'): string {
  const { clientId, issuer, subject, audience } = trusted
  const name = nameFor(subject)
  const parameters = { ...(task === 'create' && { name }), issuer, subject, audiences: [audience] }
  const command = `az ad app federated-credential ${task} --id ${word(clientId)}`
  const which =
    task === 'create'
      ? ''
      : `${NEXT}--federated-credential-id "$(az ad app federated-credential list --id ${word(clientId)} --query ${wordOfQuery('id', subject)} --output tsv)"`
  return `${command}${which}${NEXT}--parameters ${word(JSON.stringify(parameters))}`
}

function forIdentity({ clientId, issuer, subject, audience }: Trusted, task: 'create' | 'update'): string {
  const identity = '--identity-name "${id##*/}" --resource-group "$(echo "$id" | cut -d/ -f5)"'
  const name =
    task === 'create'
      ? word(nameFor(subject))
      : `"$(az identity federated-credential list ${identity} --query ${wordOfQuery('name', subject)} --output tsv)"`
  return [
    `id=$(az identity list --query ${word(`[?clientId=='${clientId}'].id`)} --output tsv)`,
    [
      `az identity federated-credential ${task} ${identity}`,
      `--name ${name}`,
      `--issuer ${word(issuer)}`,
      `--subject ${word(subject)}`,
      `--audiences ${word(audience)}`
    ].join(NEXT)
  ].join('\n')
}

/** JMESPath: the one that has the subject. */
function wordOfQuery(field: string, subject: string): string {
  return word(`[?subject=='${subject.replaceAll(/[\\']/g, '\\$&')}'].${field}`)
}

/** Entra: 3 to 120 letters, digits, - and _, the first a letter or digit. */
function nameFor(subject: string): string {
  const name = subject
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 120)
  return name.length < 3 ? `job-${name}` : name
}
