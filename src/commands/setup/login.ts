/** What the pipeline logs in as: a user-assigned identity, or on request an application of Entra. */
import { identity } from '../../chain/identity.ts'
import { word } from '../../core/shell.ts'
import type { FindingFacts } from '../../core/finding.ts'
import type { IdentityPlace, ManagedIdentity } from '../../services/azure/managed-identities.ts'
import { APPLICATION_TAG, type Application } from '../../services/entra/applications.ts'
import type { SetupResource } from './services.ts'
import { sharedLogin } from './settings.ts'

/** What both kinds have. */
export interface Login {
  readonly clientId: string
  /** Object id of the service principal. */
  readonly principalId: string
  readonly holder: CredentialHolder
}

/** Whose federated credentials are meant. */
export type CredentialHolder =
  | ({ readonly kind: 'identity' } & IdentityPlace)
  | { readonly kind: 'application'; readonly id: string; readonly name: string }

interface LoginSpec extends IdentityPlace {
  readonly location: string
}

/** A user-assigned identity: it needs no right in Entra, and it has no secret. */
export const pipelineIdentity: SetupResource<LoginSpec, ManagedIdentity | undefined, Login> = {
  kind: 'pipeline-identity',
  read: (spec, { identities }) => identities.get(spec),

  assess(spec, state) {
    const { output, summary, differences, exists } = identity.assess({ ...spec, tags: {} }, state)
    const blocked = state && !state.marked ? [taken(spec)] : differences
    return {
      exists,
      differences: blocked,
      ...(state?.marked === true &&
        output && {
          output: { ...output, holder: { kind: 'identity', ...placeOf(spec) } },
          ...(summary !== undefined && { summary })
        })
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

function placeOf({ subscriptionId, resourceGroup, name }: IdentityPlace): IdentityPlace {
  return { subscriptionId, resourceGroup, name }
}

interface ApplicationSpec {
  readonly name: string
}

interface ApplicationState {
  readonly own: Application | undefined
  /** Of its service principal. */
  readonly principalId: string | undefined
  /** Client ids of other applications of this name. */
  readonly others: readonly string[]
}

/** An application of Entra, and its service principal in this tenant. Names are not unique; the tag shows which is ours. */
export const pipelineApplication: SetupResource<ApplicationSpec, ApplicationState, Login> = {
  kind: 'pipeline-application',

  async read({ name }, { applications }) {
    const all = await applications.named(name)
    const own = all.find(({ marked }) => marked)
    const others = all.filter(({ marked }) => !marked).map(({ clientId }) => clientId)
    return { own, principalId: own && (await applications.principal(own.clientId)), others }
  },

  assess({ name }, { own, principalId, others: [other] }) {
    const missing = (field: string) => ({ field, expected: name, actual: undefined })
    if (!own && other !== undefined) {
      const blocked = applicationTaken(name, other)
      return {
        exists: true,
        differences: [{ field: 'tags', expected: APPLICATION_TAG, actual: other, blocked }]
      }
    }
    if (!own) return { exists: false, differences: [missing('application')] }
    if (principalId === undefined) return { exists: true, differences: [missing('service principal')] }
    const { clientId, id } = own
    return {
      exists: true,
      differences: [],
      output: { clientId, principalId, holder: { kind: 'application', id, name } },
      summary: `${name}, client id ${clientId}, principal id ${principalId}`
    }
  },

  async apply({ name }, { own }, { applications }, { report }) {
    if (!own) {
      report(`Creating the application ${name}.`)
      await applications.create(name)
    }
    const made = own ?? (await applications.named(name)).find(({ marked }) => marked)
    if (made && (await applications.principal(made.clientId)) === undefined)
      await applications.createPrincipal(made.clientId)
  },

  planDelete({ name }, { own, others: [other] }, { credentials }) {
    const what = `application ${name}`
    if (own) return { what, ...sharedLogin(credentials) }
    return other === undefined ? undefined : { what, retain: `it does not have the tag ${APPLICATION_TAG}` }
  },

  async delete(_spec, { own }, { applications }) {
    if (own) await applications.remove(own.id)
  }
}

function applicationTaken(name: string, clientId: string): FindingFacts {
  return {
    id: 'pipeline-application/name-taken',
    summary: `There is an application ${name} in Entra that Patless did not make: it is left as it is.`,
    expected: `the tag ${APPLICATION_TAG}, or no application of this name`,
    actual: `client id ${clientId}`,
    remedy: `choose another name: --login-name ${word(`${name}-2`)}`
  }
}
