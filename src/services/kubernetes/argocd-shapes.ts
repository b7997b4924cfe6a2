/** Argo CD's own resources on the wire: unreadable parts are skipped, because one odd Application must not stop a run. */
import * as z from 'zod/mini'

const text = z.catch(z.optional(z.string()), undefined)
const words = z.catch(z.optional(z.record(z.string(), z.string())), undefined)
// An invalid source keeps its position, because Argo CD counts sources.
export const sourceShape = z.catch(z.looseObject({ repoURL: text, path: text, targetRevision: text }), {})
// An unreadable value counts as automated.
export const automatedShape = z.catch(
  z.nullish(z.looseObject({ prune: z.optional(z.boolean()), enabled: z.optional(z.boolean()) })),
  { prune: true }
)
const metadataShape = z.looseObject({ name: z.string(), namespace: text, labels: words, annotations: words })
export const applicationShape = z.looseObject({
  metadata: metadataShape,
  spec: z.catch(
    z.looseObject({
      project: text,
      syncPolicy: z.catch(z.optional(z.looseObject({ automated: automatedShape })), undefined),
      source: z.catch(z.optional(sourceShape), undefined),
      sources: z.catch(z.optional(z.array(sourceShape)), undefined),
      sourceHydrator: z.catch(z.optional(z.looseObject({ drySource: z.optional(sourceShape) })), undefined),
      destination: z.catch(z.optional(z.looseObject({ namespace: text })), undefined)
    }),
    {}
  ),
  status: z.catch(
    z.optional(
      z.looseObject({
        reconciledAt: text,
        controllerNamespace: text,
        health: z.catch(z.optional(z.looseObject({ status: text })), undefined),
        sync: z.catch(
          z.optional(
            z.looseObject({
              status: text,
              revision: text,
              revisions: z.catch(z.optional(z.array(z.string())), undefined),
              comparedTo: z.catch(
                z.optional(
                  z.looseObject({
                    source: z.catch(z.optional(sourceShape), undefined),
                    sources: z.catch(z.optional(z.array(sourceShape)), undefined)
                  })
                ),
                undefined
              )
            })
          ),
          undefined
        ),
        conditions: z.catch(
          z.optional(z.array(z.catch(z.looseObject({ type: z.string(), message: text }), { type: '' }))),
          undefined
        )
      })
    ),
    undefined
  )
})
export const setShape = z.looseObject({ metadata: metadataShape, spec: z.catch(z.unknown(), undefined) })
export const operatedShape = z.looseObject({
  spec: z.catch(
    z.optional(
      z.looseObject({
        repo: z.catch(z.optional(z.looseObject({ serviceaccount: text, labels: words })), undefined)
      })
    ),
    undefined
  )
})
