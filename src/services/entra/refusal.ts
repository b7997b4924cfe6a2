/** A login that Entra refuses: the remedy depends on the kind of login and on Entra's error number. */
import { safe } from '../../http/errors.ts'
import { Problem } from '../../core/finding.ts'
import { numberedSentence } from './sentence.ts'
import { input } from '../../core/input-name.ts'

/** Where the login comes from. */
export type Origin = 'inputs' | 'connection' | 'az' | 'environment' | 'machine'

interface Words {
  /** The source of application and tenant. */
  readonly application: string
  readonly again: string
  readonly secret: string
}

const CONVERT = 'or better convert it to workload identity federation (Service connections > Convert)'

const WORDS: Readonly<Record<Origin, Words>> = {
  inputs: {
    application: `${input('client-id')} and ${input('tenant-id')}`,
    again: `log in again (azure/login or az login), or check ${input('client-id')} and ${input('tenant-id')}`,
    secret: `the inputs contain no secret: check ${input('client-id')}`
  },
  connection: {
    application: 'application and tenant of the service connection in azureSubscription',
    again:
      'check the service connection in azureSubscription: Project settings > Service connections > Verify',
    secret: `give the service connection in azureSubscription a valid secret, ${CONVERT}`
  },
  az: {
    application: 'the account of az (az account show)',
    again: 'log in again: az logout, az login',
    secret: 'log in again with a valid secret: az login --service-principal'
  },
  environment: {
    application: 'AZURE_CLIENT_ID and AZURE_TENANT_ID',
    again: 'check AZURE_CLIENT_ID, AZURE_TENANT_ID and the secret, certificate or token file',
    secret: 'correct AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH, or better log in without a secret'
  },
  machine: {
    application: 'the managed identity of this machine',
    again: 'check the managed identity of this machine',
    secret: 'check the managed identity of this machine'
  }
}

/** Causes by number (learn.microsoft.com reference-error-codes). */
const CAUSES: readonly (readonly [codes: RegExp, remedy: (words: Words) => string])[] = [
  // A wrong, expired or missing secret; a certificate that is not registered or has expired.
  [/^(?:7000215|7000222|7000216|700027|700030|50012)$/, ({ secret }) => secret],
  [
    /^(?:700016|700054|7000112|7000229)$/,
    ({ application }) => `check ${application}: the application does not exist or is disabled`
  ],
  [/^(?:90002|900023|900021|90013)$/, ({ application }) => `check ${application}: the tenant does not exist`],
  [
    /^(?:70021|7002\d+)$/,
    ({ application }) =>
      `check ${application}, and the federated credential of that application: issuer, subject and audience must equal those of the job`
  ],
  [
    /^53003\d*$/,
    () => 'let the Conditional Access policy allow the login from the addresses of this machine'
  ],
  [/^(?:700024|500133)$/, () => 'correct the clock of this machine, then run again']
]

/** @param said Entra's text, which contains the AADSTS number: the SDK does not give it otherwise */
export function refusedLogin(
  what: string,
  said: string,
  { cause, origin = 'inputs' }: { readonly cause?: unknown; readonly origin?: Origin } = {}
): Problem {
  // The number may be far back in the text, so it is extracted before the text is cut.
  const { code, sentence } = numberedSentence(said)
  const words = WORDS[origin]
  const number = code?.replace('AADSTS', '') ?? ''
  const known = CAUSES.find(([codes]) => codes.test(number))
  return new Problem(
    {
      id: 'login/refused',
      summary: `${what}: ${safe(sentence, 300)}`,
      remedy:
        known?.[1](words) ??
        (code === undefined
          ? words.again
          : `check ${words.application}, and look the code up under the link`),
      ...(code === undefined ? {} : { code }),
      link: 'https://learn.microsoft.com/entra/identity-platform/reference-error-codes'
    },
    { cause }
  )
}
