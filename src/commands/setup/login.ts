/** The identity that the pipeline logs in as, and the trust that limits it to one place in one repository. */
import { createHash } from 'node:crypto'
import { identity } from '../../chain/identity.ts'
import { word } from '../../core/shell.ts'
import type { FindingFacts } from '../../core/finding.ts'
import type { ListedCredential } from '../../services/azure/listed-credential.ts'
import type { IdentityPlace, ManagedIdentity } from '../../services/azure/managed-identities.ts'
import type { SetupResource } from './services.ts'
import { sharedLogin } from './settings.ts'

interface LoginSpec extends IdentityPlace {
  readonly location: string
}

/** A user-assigned identity: it needs no right in Entra, and it has no secret. */
export const pipelineIdentity: SetupResource<LoginSpec, ManagedIdentity | undefined, ManagedIdentity> = {
  kind: 'pipeline-identity',
  read: (spec, { identities }) => identities.get(spec),

  assess(spec, state) {
    const { output, summary, differences, exists } = identity.assess({ ...spec, tags: {} }, state)
    const blocked = state && !state.marked ? [taken(spec)] : differences
    return {
      exists,
      differences: blocked,
      ...(state?.marked === true && output && { output, ...(summary !== undefined && { summary }) })
    }
  },

  async apply(spec, state, { identities }, { report }) {
    if (state) return
    report(`Creating the identity ${spec.name} in ${spec.resourceGroup}.`)
    await identities.put(spec, spec.location, {})
  },

  planDelete({ name, resourceGroup }, state, { credentials }) {
    if (!state) return undefined
    const what = `identity ${name} in ${resourceGroup}`
    if (!state.marked) return { what, retain: 'it was not made by Patless (no tag managed-by: patless)' }
    return { what, ...sharedLogin(credentials) }
  },

  async delete(spec, _state, { identities }) {
    await identities.remove(spec)
  }
}

function taken({ name, resourceGroup }: LoginSpec) {
  const blocked: FindingFacts = {
    id: 'pipeline-identity/name-taken',
    summary: `There is an identity ${name} in ${resourceGroup} that Patless did not make: it is left as it is.`,
    expected: 'the tag managed-by: patless, or no identity of this name',
    actual: 'an identity without the tag',
    remedy: `choose another name: --login-name ${word(`${name}-2`)}`
  }
  return { field: 'tag managed-by', expected: 'patless', actual: undefined, blocked }
}

export interface TrustSpec {
  readonly identity: IdentityPlace
  readonly issuer: string
  readonly subject: string
  readonly audience: string
  /** Begin of the credential's name. */
  readonly title: string
}

/** Entra trusts the tokens of exactly one branch or environment, byte for byte. */
export const pipelineTrust: SetupResource<TrustSpec, readonly ListedCredential[], TrustSpec> = {
  kind: 'pipeline-trust',
  read: ({ identity: place }, { identities }) => identities.credentials(place),

  assess(spec, state) {
    const { issuer, subject, audience } = spec
    const found = nearest(spec, state)
    const fields = [
      { field: 'issuer', expected: issuer, actual: found?.issuer },
      { field: 'subject', expected: subject, actual: found?.subject },
      { field: 'audiences', expected: audience, actual: found?.audiences?.join(', ') }
    ].filter(({ expected, actual }) => expected !== actual)
    return {
      exists: found !== undefined,
      differences: found
        ? fields
        : [{ field: 'federated credential', expected: `${subject} of ${issuer}`, actual: undefined }],
      output: spec,
      summary: `${subject} of ${issuer}`,
      dependents: { credentials: state.filter((one) => one !== found).map(({ name }) => name) }
    }
  },

  async apply(spec, state, { identities }, { report }) {
    const { issuer, subject, audience } = spec
    report(`Trusting ${subject} of ${issuer}.`)
    const name = nearest(spec, state)?.name ?? credentialName(spec)
    await identities.putCredential(spec.identity, { name, issuer, subject, audiences: [audience] })
  },

  planDelete(spec, state) {
    const found = nearest(spec, state)
    if (!found) return undefined
    const what = `federated credential ${found.name} of ${spec.identity.name}`
    return found.name === credentialName(spec)
      ? { what }
      : { what, retain: 'its name is none that Patless gives' }
  },

  async delete(spec, state, { identities }) {
    const found = nearest(spec, state)
    if (found) await identities.removeCredential(spec.identity, found.name)
  }
}

function nearest(spec: TrustSpec, state: readonly ListedCredential[]): ListedCredential | undefined {
  const { issuer, subject } = spec
  return (
    state.find((one) => one.issuer === issuer && one.subject === subject) ??
    state.find(({ name }) => name === credentialName(spec))
  )
}

/** 3 to 120 letters, digits, - and _; the hash distinguishes branches and environments. */
export function credentialName({ title, subject }: Pick<TrustSpec, 'title' | 'subject'>): string {
  const hash = createHash('sha256').update(subject).digest('hex').slice(0, 8)
  return `${`p-${title}`.replaceAll(/[^\w-]/g, '-').slice(0, 100)}-${hash}`
}
