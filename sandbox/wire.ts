/** Requests and answers, as the servers of the twin and the journal see them. */
import type { IncomingMessage, ServerResponse } from 'node:http'

export interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly method: string
  readonly url: URL
  /** Groups of the route's pattern, percent-decoded. */
  readonly params: Readonly<Record<string, string>>
  readonly headers: IncomingMessage['headers']
  bytes(): Promise<Buffer>
  /** The JSON body; undefined when the body is empty. */
  json(): Promise<unknown>
}

/** An answer: an object is sent as JSON, text as text/plain unless a content-type is given. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** `STREAMED`: the handler wrote (or is still writing) to `call.response` itself, as watches and git do. */
export const STREAMED = Symbol('streamed')
export type Handler = (call: Call) => Promise<Answer | typeof STREAMED> | Answer | typeof STREAMED
/**
 * Method (or `*`), path pattern in URLPattern syntax such as `/:org/_apis/projects/:project`, handler. First match
 * wins.
 */
export type Route = readonly [method: string, path: string, handler: Handler]
