/**
 * Fills in what undici, which the Kubernetes client uses, expects of Node: functions that exist only since 22.15 (zstd),
 * 22.10 and 22.0. Both CI hosts run Node 24, but a developer's machine may not. The first two are never called here: no
 * API server sends zstd unless asked, and no request is cloned to another thread.
 */
import threads from 'node:worker_threads'
import zlib from 'node:zlib'

const isMissing = (owner: object, name: string): boolean => !(name in owner)

if (isMissing(zlib, 'createZstdDecompress')) Object.assign(zlib, { createZstdDecompress: () => undefined })
if (isMissing(threads, 'markAsUncloneable')) Object.assign(threads, { markAsUncloneable: () => undefined })
if (isMissing(Promise, 'withResolvers')) Object.assign(Promise, { withResolvers: withResolvers })

function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: PromiseWithResolvers<T>['resolve'] = () => undefined
  let reject: PromiseWithResolvers<T>['reject'] = () => undefined
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
