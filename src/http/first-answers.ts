/**
 * Answers that services give in the first minutes after a write, until the write has propagated. During that time
 * nothing is wrong; later, each is a real failure. Every wait uses this table.
 */
import type { ServiceName } from './errors.ts'

export interface FirstAnswer {
  readonly service: ServiceName
  /** The write that has not propagated yet. */
  readonly after: string
  /** The service's error code; for git, which has none, its text. */
  readonly says: RegExp
  /** How long it may last, in ms: several times as long as observed. */
  readonly lasts: number
}

const MINUTE = 60_000

/** Sources: Entra's error reference; issues of workload identity and Azure DevOps (argo-cd #23100, vscode #112468). */
export const FIRST_ANSWERS: readonly FirstAnswer[] = [
  { service: 'Entra', after: 'the managed identity', says: /^AADSTS700016$/, lasts: 10 * MINUTE },
  {
    service: 'Entra',
    after: 'the federated credential',
    says: /^AADSTS(?:70021|70025|700211|700212|700213)$/,
    lasts: 10 * MINUTE
  },
  // Entra reads the issuer itself: whether it exists, and its keys.
  {
    service: 'Entra',
    after: 'the issuer',
    says: /^AADSTS(?:50166|501661|90061|7000272)$/,
    lasts: 15 * MINUTE
  },
  { service: 'ARM', after: 'the managed identity', says: /^ParentResourceNotFound$/, lasts: 5 * MINUTE },
  // The text is all that tells the first two from other refusals (hashicorp/go-azure-sdk, odata errors).
  {
    service: 'Microsoft Graph',
    after: 'the application',
    says: /does not reference a valid application object|must be? in the local tenant|^Request_ResourceNotFound /,
    lasts: 5 * MINUTE
  },
  // A refusal by a firewall has the code DENIED, too, and another text (Azure/acr, docs/AAD-OAuth.md; aka.ms/acr/firewall).
  {
    service: 'Container Registry',
    after: 'the role',
    says: /^UNAUTHORIZED\b|^DENIED (?!client with IP)/,
    lasts: 15 * MINUTE
  },
  { service: 'Azure DevOps', after: 'the managed identity', says: /^VS403283$/, lasts: 10 * MINUTE },
  // After a 401, git asks for a user name, or for the password of the user in the URL.
  {
    service: 'git',
    after: 'the membership',
    says: /TF401444|could not read (?:Username|Password)|Authentication failed|error: 401/i,
    lasts: 15 * MINUTE
  },
  // A redirect to the sign-in page.
  {
    service: 'git',
    after: 'the membership',
    says: /error: 30[12378]\b|update url base from redirection/i,
    lasts: 15 * MINUTE
  },
  {
    service: 'git',
    after: 'the permission',
    says: /TF401019|not found|error: 403/i,
    lasts: 15 * MINUTE
  }
]

/**
 * How long an answer of a service may still be a first answer after a write, in ms; 0: it is none.
 *
 * @param words the service's code, or git's text
 */
export function lastsAfterWrite(service: ServiceName, words: string | undefined): number {
  const fitting = FIRST_ANSWERS.filter((one) => one.service === service && one.says.test(words ?? ''))
  return Math.max(0, ...fitting.map(({ lasts }) => lasts))
}
