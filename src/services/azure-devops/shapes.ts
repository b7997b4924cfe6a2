/** The fields of Azure DevOps' answers that Patless reads (MicrosoftDocs/vsts-rest-api-specs 7.1). */
import * as z from 'zod/mini'

/** Formats of values that become part of a URL or of the token of an access control list. */
const guid = z.string().check(z.regex(/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i))
/** Descriptors of subjects in the graph: `aadsp.…`, `vssgp.…`, `scp.…`, followed by base64url. */
const DESCRIPTOR = /^[a-z]{2,12}\.[\w-]{1,600}$/i

export const list = <T>(item: z.ZodMiniType<T>) => z.looseObject({ value: z.array(item) })
export const areaShape = z.looseObject({ id: z.string(), locationUrl: z.string() })
export const projectShape = z.looseObject({ id: guid, name: z.string() })
export const namedShape = z.looseObject({ id: guid, name: z.string() })
export const repositoryShape = z.looseObject({
  id: guid,
  name: z.string(),
  isDisabled: z.optional(z.boolean()),
  defaultBranch: z.nullish(z.string()),
  project: z.looseObject({ id: guid, name: z.optional(z.string()) })
})
export const refShape = z.looseObject({ name: z.string() })
export const servicePrincipalShape = z.looseObject({ originId: z.string(), descriptor: z.string() })
export const storageKeyShape = z.looseObject({ value: guid })
export const descriptorShape = z.looseObject({ value: z.string().check(z.regex(DESCRIPTOR)) })
export const groupShape = z.looseObject({
  descriptor: z.string(),
  displayName: z.optional(z.string()),
  principalName: z.optional(z.string())
})
export const identityShape = z.looseObject({ descriptor: z.string() })
export const deniedShape = z.looseObject({
  descriptor: z.string(),
  subjectDescriptor: z.optional(z.string()),
  providerDisplayName: z.optional(z.string())
})
export const membershipShape = z.looseObject({ containerDescriptor: z.string() })
export const entitlementShape = z.looseObject({
  id: guid,
  accessLevel: z.optional(
    z.looseObject({ accountLicenseType: z.optional(z.string()), status: z.optional(z.string()) })
  ),
  projectEntitlements: z.nullish(z.array(z.unknown()))
})
export const projectEntitlementShape = z.looseObject({
  group: z.optional(z.looseObject({ groupType: z.optional(z.string()) })),
  projectRef: z.optional(z.looseObject({ id: z.optional(z.string()), name: z.nullish(z.string()) }))
})
export const failureShape = z.looseObject({
  key: z.optional(z.union([z.string(), z.number()])),
  value: z.optional(z.string())
})
const outcomeShape = z.looseObject({
  isSuccess: z.optional(z.boolean()),
  errors: z.nullish(z.array(failureShape))
})
export const writtenShape = z.looseObject({
  isSuccess: z.optional(z.boolean()),
  operationResult: z.nullish(outcomeShape),
  operationResults: z.nullish(z.array(outcomeShape)),
  servicePrincipalEntitlement: z.nullish(entitlementShape)
})
export const aclShape = z.looseObject({
  token: z.optional(z.string()),
  acesDictionary: z.optional(z.record(z.string(), z.unknown()))
})
export const aceShape = z.looseObject({
  allow: z.optional(z.number()),
  deny: z.optional(z.number()),
  extendedInfo: z.nullish(
    z.looseObject({ effectiveAllow: z.nullish(z.number()), effectiveDeny: z.nullish(z.number()) })
  )
})
export const booleansShape = z.looseObject({ value: z.array(z.boolean()) })

/** Checked only where a descriptor is used: lists contain those of all subjects, and the others need not be valid. */
export function isDescriptor(text: string): boolean {
  return DESCRIPTOR.test(text)
}

export function isGuid(text: string | undefined): text is string {
  return guid.safeParse(text).success
}
