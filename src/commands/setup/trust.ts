/** The trust that limits the login of the pipeline to one place in one repository. */
import { createHash } from 'node:crypto'
import type { FindingFacts } from '../../core/finding.ts'
import { word } from '../../core/shell.ts'
import type { ListedCredential } from '../../services/azure/listed-credential.ts'
import type { CredentialHolder } from './login.ts'
import type { SetupResource, SetupServices } from './services.ts'
import type { AzurePipeline, GitHubPipeline } from './settings.ts'

/** Entra allows no more for one identity or application. */
const LIMIT = 20

export interface TrustSpec {
  readonly holder: CredentialHolder
  readonly issuer: string
  readonly subject: string
  readonly audience: string
  /** Begin of the credential's name. */
  readonly title: string
}

/** Entra trusts the tokens of exactly one branch or environment, byte for byte. */
export const pipelineTrust: SetupResource<TrustSpec, readonly ListedCredential[], TrustSpec> = {
  kind: 'pipeline-trust',
  read: ({ holder }, services) => credentialsOf(holder, services).list(),

  assess(spec, state) {
    const { issuer, subject, audience } = spec
    const found = nearest(spec, state)
    const fields = [
      { field: 'issuer', expected: issuer, actual: found?.issuer },
      { field: 'subject', expected: subject, actual: found?.subject },
      { field: 'audiences', expected: audience, actual: found?.audiences?.join(', ') }
    ].filter(({ expected, actual }) => expected !== actual)
    const missing = { field: 'federated credential', expected: `${subject} of ${issuer}`, actual: undefined }
    const full = state.length >= LIMIT && { blocked: noRoom(spec) }
    return {
      exists: found !== undefined,
      differences: found ? fields : [{ ...missing, ...full }],
      output: spec,
      summary: `${subject} of ${issuer}`,
      dependents: { credentials: state.filter((one) => one !== found).map(({ name }) => name) }
    }
  },

  async apply(spec, state, services, { report }) {
    const { issuer, subject, audience } = spec
    report(`Trusting ${subject} of ${issuer}.`)
    const name = nearest(spec, state)?.name ?? credentialName(spec)
    await credentialsOf(spec.holder, services).put({ name, issuer, subject, audiences: [audience] })
  },

  planDelete(spec, state) {
    const found = nearest(spec, state)
    if (!found) return undefined
    const what = `federated credential ${found.name} of ${spec.holder.name}`
    return found.name === credentialName(spec)
      ? { what }
      : { what, retain: 'its name is none that Patless gives' }
  },

  async delete(spec, state, services) {
    const found = nearest(spec, state)
    if (found) await credentialsOf(spec.holder, services).remove(found.name)
  }
}

function nearest(spec: TrustSpec, state: readonly ListedCredential[]): ListedCredential | undefined {
  const { issuer, subject } = spec
  return (
    state.find((one) => one.issuer === issuer && one.subject === subject) ??
    state.find(({ name }) => name === credentialName(spec))
  )
}

/** Where the jobs are that it is for. */
export function titleOf(pipeline: GitHubPipeline | AzurePipeline): string {
  return pipeline.host === 'github'
    ? `${pipeline.owner}-${pipeline.name}`
    : `${pipeline.organization}-${pipeline.project}`
}

/** 3 to 120 letters, digits, - and _; the hash distinguishes branches and environments. */
export function credentialName({ title, subject }: Pick<TrustSpec, 'title' | 'subject'>): string {
  const hash = createHash('sha256').update(subject).digest('hex').slice(0, 8)
  return `${`p-${title}`.replaceAll(/[^\w-]/g, '-').slice(0, 100)}-${hash}`
}

/** The same three calls, whoever has the credentials. */
function credentialsOf(
  holder: CredentialHolder,
  { identities, applications }: SetupServices
): {
  list(): Promise<readonly ListedCredential[]>
  put(credential: Parameters<SetupServices['identities']['putCredential']>[1]): Promise<void>
  remove(name: string): Promise<void>
} {
  if (holder.kind === 'identity')
    return {
      list: () => identities.credentials(holder),
      put: (credential) => identities.putCredential(holder, credential),
      remove: (name) => identities.removeCredential(holder, name)
    }
  const { id } = holder
  return {
    list: () => applications.credentials(id),
    put: (credential) => applications.putCredential(id, credential),
    remove: (name) => applications.removeCredential(id, name)
  }
}

function noRoom({ holder: { name } }: TrustSpec): FindingFacts {
  return {
    id: 'pipeline-trust/no-room',
    summary: `${name} already has ${LIMIT} federated credentials, and Entra allows no more.`,
    remedy: `delete one that nobody needs, or take another login: --login-name ${word(`${name}-2`)}`
  }
}
