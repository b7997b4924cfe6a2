/** Entra's refusals of a login by number (learn.microsoft.com reference-error-codes); prose may change, numbers do not. */
import type { FindingFacts } from '../../core/finding.ts'
import { input } from '../../core/input-name.ts'
import { word } from '../../core/shell.ts'
import { safe } from '../../http/errors.ts'
import type { Caller, Origin } from './caller.ts'
import { notesOn, type Claims } from './claims.ts'
import { trustCommand } from './trust.ts'

interface Cause {
  readonly codes: RegExp
  readonly facts: (
    caller: Caller,
    number: string
  ) => Pick<FindingFacts, 'id' | 'remedy'> & Partial<FindingFacts>
}

const FEDERATION = 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations'

const CAUSES: readonly Cause[] = [
  // No credential, or none with this issuer, subject or audience; 7002138: it differs in case only.
  { codes: /^(?:70021|70025|70021[123]|700213[78])$/, facts: notTrusted },
  {
    codes: /^(?:50166|501661|90061)$/,
    facts: ({ claims }) => ({
      id: 'login/issuer-unreadable',
      remedy: `run again, as this passes at times; if it stays, make ${placeOf(claims)} readable from the internet, where Entra is`,
      ...presented(claims),
      link: FEDERATION
    })
  },
  {
    codes: /^7000272$/,
    facts: ({ claims }) => ({
      id: 'login/issuer-key-unknown',
      remedy: `run again in some minutes, since the issuer may have rotated its keys; if it stays, check that ${placeOf(claims)} names the key that signs the tokens`,
      ...presented(claims),
      link: FEDERATION
    })
  },
  // Entra trusts its own tokens only for some issuers and kinds of applications.
  {
    codes: /^(?:700222|700231|700236|700238)$/,
    facts: ({ claims }) => ({
      id: 'login/issuer-not-permitted',
      remedy:
        'let a tenant administrator permit this issuer for federated credentials (policy of application management), or log in from another kind of job',
      ...presented(claims),
      link: FEDERATION
    })
  },
  // A wrong, expired or missing secret; a certificate that is not registered or has expired.
  {
    codes: /^(?:7000215|7000222|7000216|7000218|700027|700030|50012|1000502)$/,
    facts: ({ origin, clientId }) => ({
      id: 'login/secret-refused',
      remedy: WORDS[origin].secret,
      ...(clientId !== undefined && { command: `az ad app credential list --id ${word(clientId)}` })
    })
  },
  {
    codes: /^(?:700016|700054|7000112|7000229)$/,
    facts: ({ origin, clientId, tenantId }, number) => ({
      id: 'login/application-unknown',
      remedy:
        number === '7000112'
          ? `check ${WORDS[origin].application}: the application is disabled`
          : `check ${WORDS[origin].application}: the application does not exist in this tenant or is disabled (it is named by its application id, also called client id, not by its object id)`,
      ...(clientId !== undefined &&
        tenantId !== undefined && {
          command: `az login --tenant ${word(tenantId)}\naz ad sp show --id ${word(clientId)} --query '{name: displayName, kind: servicePrincipalType, enabled: accountEnabled}'`
        })
    })
  },
  {
    codes: /^(?:90002|900023|900021|90013)$/,
    facts: ({ origin, tenantId }) => ({
      id: 'login/tenant-unknown',
      remedy: `check ${WORDS[origin].application}: the tenant does not exist`,
      ...(tenantId !== undefined && { actual: tenantId }),
      ...(tenantId !== undefined && {
        command: 'az account list --query "[].{subscription: name, tenant: tenantId}"'
      })
    })
  },
  {
    codes: /^(?:500021\d*|500212|500213)$/,
    facts: () => ({
      id: 'login/tenant-restricted',
      remedy:
        'a proxy of this network restricts the tenants (tenant restrictions): let it add this tenant, or run elsewhere'
    })
  },
  {
    codes: /^(?:53003\d*|53000|53001|53002|530003|53011)$/,
    facts: ({ clientId }) => ({
      id: 'login/conditional-access',
      remedy: `let the Conditional Access policy allow ${clientId === undefined ? 'the login' : `the application ${clientId}`} from the addresses of this machine (Entra > Sign-in logs > Service principal sign-ins names the policy)`
    })
  },
  {
    codes: /^(?:700024|500133)$/,
    facts: ({ claims }) => ({
      id: 'login/clock',
      remedy: 'correct the clock of this machine, then run again',
      ...presented(claims)
    })
  },
  {
    codes: /^(?:500011|650052)$/,
    facts: () => ({
      id: 'login/service-not-in-tenant',
      remedy:
        'the tenant has no service principal of the service that the token is for: sign in once to https://dev.azure.com with a user of this tenant, or let an administrator add it'
    })
  },
  // The user's own login is too old, or must be repeated with a second factor.
  {
    codes: /^(?:50076|50078|50079|50173|50089|70043|70008|700082|700084|135010)$/,
    facts: ({ origin }) => ({ id: 'login/expired', ...againOf(origin) })
  }
]

/** @param number Entra's, without AADSTS; empty when it gave none */
export function causeOf(number: string, caller: Caller): ReturnType<Cause['facts']> {
  const { application } = WORDS[caller.origin]
  const known = CAUSES.find(({ codes }) => codes.test(number))
  if (known) return known.facts(caller, number)
  if (number === '') return { id: 'login/refused', ...againOf(caller.origin) }
  return { id: 'login/refused', remedy: `check ${application}, and look the code up under the link` }
}

function againOf(origin: Origin): Pick<FindingFacts, 'remedy' | 'command'> {
  const { again, command } = WORDS[origin]
  return { remedy: again, ...(command !== undefined && { command }) }
}

/** Issuer, subject and audience of the token beside what Entra said, and the command that makes Entra trust them. */
function notTrusted({ origin, clientId, kind, claims }: Caller, number: string): ReturnType<Cause['facts']> {
  if (!claims || clientId === undefined) {
    return {
      id: 'login/not-trusted',
      remedy: `check ${WORDS[origin].application}, and the federated credential of that application: issuer, subject and audience must equal those of the job`,
      link: FEDERATION
    }
  }
  const task = number === '700212' ? 'update' : 'create'
  const notes = notesOn(claims).map((note) => `\n${note}`)
  const byService = origin.endsWith('connection')
    ? '; where Azure DevOps manages the application, saving the service connection again (Service connections > Edit) does it'
    : ''
  return {
    id: 'login/not-trusted',
    expected: `a federated credential of the application ${clientId} with exactly\n${textOf(claims)}`,
    actual: ACTUAL[number] ?? 'none that matches',
    remedy: `${task} the credential with the command, as an owner of the application${byService}${notes.join('')}`,
    command: trustCommand({ ...claims, clientId, kind }, task),
    link: FEDERATION
  }
}

const ACTUAL: Readonly<Record<string, string>> = {
  70025: 'it has no federated credential',
  700211: 'none with this issuer',
  700212: 'one with this issuer and subject, but another audience',
  700213: 'one with this issuer, but none with this subject',
  7002138: 'one whose subject or issuer differs in upper and lower case'
}

function presented(claims: Claims | undefined): Pick<FindingFacts, 'actual'> {
  return claims ? { actual: `the token of this job has\n${textOf(claims)}` } : {}
}

function textOf({ issuer, subject, audience }: Claims): string {
  return `issuer ${safe(issuer, 600)}\nsubject ${safe(subject, 600)}\naudience ${safe(audience, 600)}`
}

/** The document that Entra reads first. */
function placeOf(claims: Claims | undefined): string {
  return claims
    ? `${safe(claims.issuer, 600).replace(/\/$/, '')}/.well-known/openid-configuration`
    : "the issuer's /.well-known/openid-configuration"
}

interface Words {
  /** The source of application and tenant. */
  readonly application: string
  readonly again: string
  readonly secret: string
  /** Logs in again. */
  readonly command?: string
}

const CONVERT = 'or better convert it to workload identity federation (Service connections > Convert)'

const WORDS: Readonly<Record<Origin, Words>> = {
  inputs: {
    application: `${input('client-id')} and ${input('tenant-id')}`,
    again: `log in again, or check ${input('client-id')} and ${input('tenant-id')}`,
    secret: `the inputs contain no secret: check ${input('client-id')}`
  },
  connection: {
    application: 'application and tenant of the service connection in azureSubscription',
    again:
      'check the service connection in azureSubscription: Project settings > Service connections > Verify',
    secret: `give the service connection in azureSubscription a valid secret, ${CONVERT}`
  },
  'identity inputs': {
    application: `${input('identity-login-client-id')} and ${input('identity-tenant-id')}`,
    again: `check ${input('identity-login-client-id')} and ${input('identity-tenant-id')}`,
    secret: `the inputs contain no secret: check ${input('identity-login-client-id')}`
  },
  'identity connection': {
    application: 'application and tenant of the service connection in identityServiceConnection',
    again:
      'check the service connection in identityServiceConnection: Project settings > Service connections > Verify',
    secret: `give the service connection in identityServiceConnection a valid secret, ${CONVERT}`
  },
  az: {
    application: 'the account that az is logged in with',
    again: 'log in again',
    secret: 'log in again with a valid secret',
    command: 'az logout\naz login'
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
