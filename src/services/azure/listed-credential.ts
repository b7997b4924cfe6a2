/** A federated credential of an identity, as ARM lists it. */
import * as z from 'zod/mini'
import { RESOURCE_NAME } from './ids.ts'

/**
 * One of the identity's credentials. Fields that do not have the usual form are omitted (a flexible one has no
 * subject).
 */
export interface ListedCredential {
  readonly name: string
  readonly issuer?: string | undefined
  readonly subject?: string | undefined
  readonly audiences?: readonly string[] | undefined
}

/** Placeholder for a missing name. No credential has it, and none can be written or deleted by it. */
export const UNNAMED = '(without a name)'

const credentialShape = z.looseObject({
  // The name becomes part of the URL of a DELETE, where `..` would be the identity itself.
  name: z.string().check(z.regex(RESOURCE_NAME)),
  issuer: z.catch(z.optional(z.string()), undefined),
  subject: z.catch(z.optional(z.string()), undefined),
  audiences: z.catch(z.optional(z.array(z.string())), undefined)
})

/** Omits no credential, because remove must know all of them. */
export function credentialOf(resource: unknown): ListedCredential {
  const parsed = credentialShape.safeParse(resource)
  return parsed.success ? parsed.data : { name: UNNAMED }
}
