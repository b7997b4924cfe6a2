/**
 * Guards the Kubernetes client's own HTTP stack, which sets no time limit, follows redirects, reads bodies of any size
 * (and unpacks them only after their size is counted), and opens a connection per request.
 */
import type { Middleware, RequestContext } from '@kubernetes/client-node'
import { LARGEST_BODY, LARGEST_LIST, PLAIN_BODY, timeLimit, type Wire } from '../../http/request.ts'
import { UnexpectedReply } from '../../http/errors.ts'
import { Emptied } from './emptied.ts'
import { unreadOf } from './unread.ts'

type Dispatcher = NonNullable<ReturnType<RequestContext['getDispatcher']>>
type Dispatch = Dispatcher['dispatch']

/**
 * @param origin the cluster's origin: its login must not go elsewhere
 * @param read counts the bytes of all answers
 */
export function guardRequests(origin: string, wire: Wire, read: { bytes: number }): Middleware {
  let shared: Dispatcher | undefined
  return {
    pre(context) {
      const { origin: asked, host } = new URL(context.getUrl())
      if (asked !== origin)
        throw new UnexpectedReply('Kubernetes', 'a request', `it would have gone to another host: ${host}`)
      context.setSignal(timeLimit(wire))
      for (const [name, value] of Object.entries(PLAIN_BODY)) context.setHeaderParam(name, value)
      const own = shared ? undefined : context.getDispatcher()
      if (own) {
        shared = own.compose((dispatch) => guardDispatch(dispatch, read, wire))
        wire.atEnd?.(() => own.destroy())
      }
      if (shared) context.setDispatcher(shared)
      return Promise.resolve(context)
    },
    post: (response) => Promise.resolve(response)
  }
}

/** The error passed to `abort` reaches the caller as the cause. */
function guardDispatch(dispatch: Dispatch, read: { bytes: number }, { clocks }: Wire): Dispatch {
  return (options, handler) => {
    const refused = (problem: string): UnexpectedReply =>
      new UnexpectedReply('Kubernetes', `${options.method} ${options.path}`, problem)
    const unread = unreadOf(options.method, options.path)
    const emptied = unread && new Emptied(unread)
    // What is left out takes no memory, only time.
    const most = emptied ? LARGEST_LIST : LARGEST_BODY
    let [size, kept] = [0, 0]
    const asked = Date.now()
    return dispatch(options, {
      onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
      onRequestUpgrade: (...all) => handler.onRequestUpgrade?.(...all),
      onResponseStart(controller, status, headers, text) {
        clocks?.hear('Kubernetes', [headers['date']].flat()[0], asked)
        if (status >= 300 && status < 400)
          controller.abort(refused(`a redirect (${status}), which is not followed`))
        else if (isCompressed(headers['content-encoding']))
          controller.abort(refused('a compressed body, which was not requested'))
        else handler.onResponseStart?.(controller, status, headers, text)
      },
      onResponseData(controller, chunk) {
        size += chunk.length
        read.bytes += chunk.length
        const rest = size > most ? chunk : (emptied?.write(chunk) ?? chunk)
        kept += rest.length
        if (size > most) controller.abort(refused(`a body of more than ${most} bytes`))
        else if (kept > LARGEST_BODY) controller.abort(refused(`a body of more than ${LARGEST_BODY} bytes`))
        else if (rest.length > 0) handler.onResponseData?.(controller, rest)
      },
      onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
      onResponseError: (controller, error) => handler.onResponseError?.(controller, error)
    })
  }
}

function isCompressed(encoding: string | string[] | undefined): boolean {
  return [encoding].flat().some((one) => one !== undefined && !['', 'identity'].includes(one.toLowerCase()))
}
