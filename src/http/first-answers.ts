/**
 * What services answer in the first minutes after a write, as long as they have not heard of it. Nothing is wrong then;
 * later each is the failure that it says. All waits ask this table.
 */
import type { ServiceName } from './errors.ts'

export interface FirstAnswer {
  readonly service: ServiceName
  /** The write that is not heard of yet. */
  readonly after: string
  /** The service's code; of git, which has none, its text. */
  readonly says: RegExp
  /** How long it may last, in ms: several times as long as was seen. */
  readonly lasts: number
}

const MINUTE = 60_000

/** Sources: Entra's error reference, workload identity's and Azure DevOps' issues (argo-cd #23100, vscode #112468). */
export const FIRST_ANSWERS: readonly FirstAnswer[] = [
  { service: 'Entra', after: 'the managed identity', says: /^AADSTS700016$/, lasts: 10 * MINUTE },
  {
    service: 'Entra',
    after: 'the federated credential',
    says: /^AADSTS(?:70021|70025|700211|700212|700213)$/,
    lasts: 10 * MINUTE
  },
  // Entra reads the issuer itself: that it is there, and its keys.
  {
    service: 'Entra',
    after: 'the issuer',
    says: /^AADSTS(?:50166|501661|90061|7000272)$/,
    lasts: 15 * MINUTE
  },
  { service: 'ARM', after: 'the managed identity', says: /^ParentResourceNotFound$/, lasts: 5 * MINUTE },
  { service: 'Azure DevOps', after: 'the managed identity', says: /^VS403283$/, lasts: 10 * MINUTE },
  // git asks for a user name, or for the password of the one in the URL, where it gets a 401.
  {
    service: 'git',
    after: 'the membership',
    says: /TF401444|could not read (?:Username|Password)|Authentication failed|error: 401/i,
    lasts: 15 * MINUTE
  },
  // To the page for signing in.
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
 * How long what a service answered may be nothing but the first answer after a write, in ms; 0: it is none.
 *
 * @param words its code, or git's text
 */
export function lastsAfterWrite(service: ServiceName, words: string | undefined): number {
  const fitting = FIRST_ANSWERS.filter((one) => one.service === service && one.says.test(words ?? ''))
  return Math.max(0, ...fitting.map(({ lasts }) => lasts))
}
