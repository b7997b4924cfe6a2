/** Names in requests to the Kubernetes API. */
import { safe, UnexpectedReply } from '../../http/errors.ts'

/** Checks names, because the client puts them into paths unchanged and some come from annotations, such as `..`. */
export function withValidNames<T extends { readonly namespace?: string; readonly name?: string }>(
  parameters: T
): T {
  for (const one of [parameters.namespace, parameters.name]) {
    if (one !== undefined && !NAME.test(one))
      throw new UnexpectedReply('Kubernetes', 'a request', `an invalid name: ${safe(one, 60)}`)
  }
  return parameters
}

/** Names of objects and of Services with a port (`https:name:443`). */
const NAME = /^(?!\.{1,2}$)[\w.:-]{1,300}$/
