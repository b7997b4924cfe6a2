/** The fields of the cluster's answers that Patless relies on: the client does not check answers against its types. */
import * as z from 'zod/mini'
import { safe, TOKEN, UnexpectedReply } from '../../http/errors.ts'

const text = z.optional(z.string())
const count = z.optional(z.number())
const words = z.optional(z.record(z.string(), z.string()))
const metadata = z.optional(
  z.looseObject({
    name: text,
    namespace: text,
    uid: text,
    labels: words,
    annotations: words,
    generation: count,
    ownerReferences: z.optional(z.array(z.looseObject({ kind: z.string(), name: z.string() })))
  })
)
const strings = z.optional(z.array(z.string()))
const reference = z.optional(z.looseObject({ name: text }))
const container = z.looseObject({
  name: z.string(),
  image: text,
  command: strings,
  args: strings,
  envFrom: z.optional(z.array(z.looseObject({ secretRef: reference, configMapRef: reference }))),
  volumeMounts: z.optional(z.array(z.looseObject({ name: z.string(), mountPath: z.string() }))),
  env: z.optional(z.array(z.looseObject({ name: z.string(), value: text })))
})
const projection = z.looseObject({
  serviceAccountToken: z.optional(z.looseObject({ path: z.string(), audience: text }))
})
const volume = z.looseObject({
  name: z.string(),
  projected: z.optional(z.looseObject({ sources: z.optional(z.array(projection)) }))
})
const podSpec = z.looseObject({
  containers: z.array(container),
  serviceAccountName: text,
  volumes: z.optional(z.array(volume))
})
const condition = z.looseObject({ type: z.string(), status: z.string(), message: text })

export const deploymentShape = z.looseObject({
  metadata,
  spec: z.optional(
    z.looseObject({
      replicas: count,
      selector: z.looseObject({ matchLabels: words }),
      template: z.looseObject({ metadata, spec: z.optional(podSpec) })
    })
  ),
  status: z.optional(
    z.looseObject({
      observedGeneration: count,
      replicas: count,
      updatedReplicas: count,
      availableReplicas: count,
      conditions: z.optional(z.array(condition))
    })
  )
})
export const podShape = z.looseObject({
  metadata,
  spec: z.optional(podSpec),
  status: z.optional(z.looseObject({ phase: text }))
})
export const secretShape = z.looseObject({ metadata, data: words })
export const serviceAccountShape = z.looseObject({ metadata })
export const serviceShape = z.looseObject({
  metadata,
  spec: z.optional(z.looseObject({ selector: words }))
})
export const tokenShape = z.looseObject({
  status: z.looseObject({ token: z.string().check(z.regex(TOKEN)) })
})
export const reviewShape = z.looseObject({ status: z.looseObject({ allowed: z.boolean() }) })
export const listOf = (item: z.ZodMiniType) => z.looseObject({ items: z.array(item) })

/** @returns the answer unchanged. @throws {UnexpectedReply} when it does not have the shape. */
export function checkReply<T>(request: string, shape: z.ZodMiniType, answer: T): T {
  parseReply(request, shape, answer)
  return answer
}

/** @returns the parsed answer, with the shape's defaults. @throws {UnexpectedReply} when it does not have the shape. */
export function parseReply<T>(request: string, shape: z.ZodMiniType<T>, answer: unknown): T {
  const parsed = shape.safeParse(answer)
  if (parsed.success) return parsed.data
  throw new UnexpectedReply('Kubernetes', request, safe(describeIssue(parsed.error)))
}

/** The first mismatch: `path: reason`. */
export function describeIssue({ issues: [issue] }: z.core.$ZodError): string {
  return `${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'not as documented'}`
}
