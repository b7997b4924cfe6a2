/**
 * What the Kubernetes client's own HTTP stack lacks: it sets no time limit, follows redirects, reads bodies of any
 * size, and opens a connection per request.
 */
import type { Middleware, RequestContext } from '@kubernetes/client-node'
import { LARGEST_BODY, timeLimit, type Wire } from '../../http/request.ts'
import { UnexpectedReply } from '../../http/errors.ts'

type Dispatcher = NonNullable<ReturnType<RequestContext['getDispatcher']>>
type Dispatch = Dispatcher['dispatch']

export function guardedRequests(wire: Wire): Middleware {
  let shared: Dispatcher | undefined
  return {
    pre(context) {
      context.setSignal(timeLimit(wire))
      shared ??= context.getDispatcher()?.compose(guarded)
      if (shared) context.setDispatcher(shared)
      return Promise.resolve(context)
    },
    post: (response) => Promise.resolve(response)
  }
}

/** The failure given to `abort` is what the caller meets, as the cause. */
function guarded(dispatch: Dispatch): Dispatch {
  return (options, handler) => {
    const refused = (problem: string): UnexpectedReply =>
      new UnexpectedReply('Kubernetes', `${options.method} ${options.path}`, problem)
    let size = 0
    return dispatch(options, {
      onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
      onRequestUpgrade: (...all) => handler.onRequestUpgrade?.(...all),
      onResponseStart(controller, status, headers, text) {
        if (status >= 300 && status < 400)
          controller.abort(refused(`a redirect (${status}), which is not followed`))
        else handler.onResponseStart?.(controller, status, headers, text)
      },
      onResponseData(controller, chunk) {
        size += chunk.length
        if (size > LARGEST_BODY) controller.abort(refused(`a body of more than ${LARGEST_BODY} bytes`))
        else handler.onResponseData?.(controller, chunk)
      },
      onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
      onResponseError: (controller, error) => handler.onResponseError?.(controller, error)
    })
  }
}
