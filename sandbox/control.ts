/** The control API: plain HTTP on loopback, for tests and for the curious. Shapes: CONTRIBUTING.md. */
import { FAULTS, PLANES, type Fault, type Journal } from './journal.ts'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Controlled {
  readonly journal: Journal
  state(): unknown
  defect(name: string): void
  reset(): void
}

/** A request that the control API refuses with 400. */
class BadOrder extends Error {}

/** A separate server, so that its requests do not appear in the journal. */
export async function startControl(controlled: Controlled): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    void serve(controlled, request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      })
  }
}

async function serve(
  controlled: Controlled,
  request: IncomingMessage,
  response: ServerResponse
): Promise<void> {
  const answer = (status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(`${JSON.stringify(body)}\n`)
  }
  try {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString('utf8')
    const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
    const done = order(controlled, `${request.method ?? ''} ${request.url ?? ''}`, body)
    answer(done === undefined ? 404 : 200, done ?? { error: 'no such path' })
  } catch (error) {
    const known = error instanceof BadOrder || error instanceof RangeError || error instanceof SyntaxError
    answer(known ? 400 : 500, { error: error instanceof Error ? error.message : String(error) })
  }
}

function order(
  { journal, state, defect, reset }: Controlled,
  what: string,
  body: Record<string, unknown>
): unknown {
  switch (what) {
    case 'GET /requests':
      return { requests: journal.entries }
    case 'DELETE /requests':
      journal.clear()
      return { requests: [] }
    case 'GET /state':
      return state()
    case 'POST /latency':
      if (typeof body['ms'] !== 'number' || body['ms'] < 0) throw new BadOrder('ms: a number of milliseconds')
      journal.latency = body['ms']
      return { ms: journal.latency }
    case 'POST /faults': {
      const fault = faultOf(body)
      journal.order(fault)
      return fault
    }
    case 'POST /defects':
      if (typeof body['name'] !== 'string') throw new BadOrder('name: a defect')
      defect(body['name'])
      return { name: body['name'] }
    case 'POST /reset':
      reset()
      return { reset: true }
    default:
      return undefined
  }
}

function faultOf(body: Record<string, unknown>): Fault {
  const { service, method, path, nth, kind, times } = body
  const known = FAULTS.find((one) => one === kind)
  if (!known) throw new BadOrder(`kind: one of ${FAULTS.join(', ')}`)
  const on = PLANES.find((one) => one === service)
  if (service !== undefined && !on) throw new BadOrder(`plane: one of ${PLANES.join(', ')}`)
  if (typeof path === 'string') new RegExp(path)
  return {
    kind: known,
    ...(on ? { service: on } : {}),
    ...(typeof method === 'string' ? { method } : {}),
    ...(typeof path === 'string' ? { path } : {}),
    ...(typeof nth === 'number' ? { nth } : {}),
    ...(typeof times === 'number' ? { times } : {})
  }
}
