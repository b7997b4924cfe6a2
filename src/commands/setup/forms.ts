/**
 * What each answer may be. Every one ends in a file, a script or a request, so nothing passes that would mean more there
 * than its text: no control characters, no expressions of GitHub and Azure Pipelines.
 */
import { GUID, IDENTITY_NAME, NAMESPACE, RESOURCE_GROUP, ISSUER } from '../../config/patterns.ts'

type Form = (text: string) => string | undefined

const matching =
  (pattern: RegExp, problem: string): Form =>
  (text) =>
    pattern.test(text) && !/[\p{C}\p{Zl}\p{Zp}]|\$\{\{|\$\(|\$\[/u.test(text) ? undefined : problem

export const guid: Form = matching(GUID, 'It is no GUID.')
export const resourceGroup: Form = matching(RESOURCE_GROUP, 'It is no name of a resource group.')
export const identityName: Form = matching(IDENTITY_NAME, 'It is no name of a managed identity.')
export const namespace: Form = matching(NAMESPACE, 'It is no name of a namespace.')
export const clusterName: Form = matching(
  /^[a-z0-9](?:[\w-]{0,61}[a-z0-9])?$/i,
  'It is no name of an AKS cluster.'
)
export const issuerUrl: Form = matching(ISSUER, 'It is no https issuer.')
export const gitHubRepository: Form = matching(
  /^(?!\.{1,2}\/)[\w.-]{1,100}\/(?!\.{1,2}$)[\w.-]{1,100}$/,
  'It is not owner/name.'
)
export const subject: Form = matching(/^\S.{0,598}\S$/u, 'It is no subject of a token.')
/** GitHub's own list of characters that an environment must not have. */
export const environment: Form = matching(/^[^'"`,;/\\]{1,255}$/u, 'It is no name of a GitHub environment.')
/** Names of Azure DevOps organizations (learn.microsoft.com, naming restrictions). */
export const organization: Form = matching(
  /^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$/i,
  'It is no name of an organization.'
)
/** Azure allows more; these are words in every shell and table. */
export const roleName: Form = matching(/^[\p{L}\p{N}][\p{L}\p{N} ._()-]{0,99}$/u, 'It is no name of a role.')
export const project: Form = matching(
  /^(?![_.])[^/\\:*?"<>|;#$*{},+=[\]]{1,64}$/u,
  'It is no name of a project.'
)
export const connection: Form = matching(
  /^[^\s/\\"'<>|:*?;#{}[\]][^/\\"'<>|:*?;#{}[\]]{0,126}$/u,
  'It is no name of a service connection.'
)
/** As `git check-ref-format` has it, without a dash at the beginning. */
export const branch: Form = (text) =>
  matching(/^(?![-/])[^\s~^:?*[\\]{1,200}$/u, 'It is no name of a branch.')(text) ??
  (/\.\.|@\{|\/\/|\/$|\.$|\.lock$|(?:^|\/)\./.test(text) ? 'It is no name of a branch.' : undefined)
/** Relative, with slashes, and below the checkout. */
export const filePath: Form = (text) =>
  matching(
    /^(?!\/)(?:[\w .-]+\/)*[\w .-]+\.ya?ml$/,
    'It is no path of a YAML file below the checkout.'
  )(text) ??
  (text.split('/').some((part) => /^\.{1,2}$/.test(part)) ? 'It leads out of the checkout.' : undefined)
