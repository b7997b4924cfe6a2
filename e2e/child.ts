/** Runs a real part as a child process: it writes its output to a file and ends with the suite. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Child {
  stop(): Promise<void>
}

interface ChildOptions {
  readonly args?: readonly string[]
  /** The whole environment. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Written to its standard input. */
  readonly input?: string
  /** The file for its output. */
  readonly log: string
  /** Answers with 200 once it serves. */
  readonly ready?: string
}

/** How long a part may take to start, in ms. */
const START = 90_000

/** @throws {Error} with the end of its log when it does not start */
export async function startChild(program: string, options: ChildOptions): Promise<Child> {
  const { args = [], env = {}, cwd, input, log, ready } = options
  const file = openSync(log, 'a')
  const child = spawn(...mortal(program, args), {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', file, file],
    ...(cwd === undefined ? {} : { cwd })
  })
  closeSync(file)
  child.stdin?.end(input)
  const ended = new Promise<string>((resolve) => {
    child.once('error', ({ message }) => {
      resolve(message)
    })
    child.once('close', (code, signal) => {
      resolve(`ended with ${String(code ?? signal)}`)
    })
  })
  const stop = (): Promise<void> => stopped(child, ended)
  if (ready !== undefined) {
    const why = await Promise.race([serves(ready), ended])
    if (why !== undefined) {
      await stop()
      throw new Error(`${program}: ${why}\n${(await readFile(log, 'utf8')).slice(-4_000)}`)
    }
  }
  return { stop }
}

/** Ends with this process, even when that is killed, because the next run needs its ports. */
function mortal(program: string, args: readonly string[]): [string, string[]] {
  return SETPRIV ? ['setpriv', ['--pdeathsig', 'KILL', '--', program, ...args]] : [program, [...args]]
}

const SETPRIV = spawnSync('setpriv', ['--version'], { stdio: 'ignore' }).error === undefined

async function stopped(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM')
  const patience = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await ended
  clearTimeout(patience)
}

/** @returns the reason when it does not become ready in time */
async function serves(url: string): Promise<string | undefined> {
  const until = Date.now() + START
  while (Date.now() < until) {
    if (await answers(url)) return undefined
    await sleep(100)
  }
  return `does not answer ${url}`
}

/** Whether the answer is 200. The address is on loopback, so the answer comes from the started process. */
export function answers(url: string): Promise<boolean> {
  const ask = url.startsWith('https:') ? httpsRequest : httpRequest
  return new Promise((resolve) => {
    const sent = ask(url, { rejectUnauthorized: false, timeout: 2_000 }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    sent.on('error', () => {
      resolve(false)
    })
    sent.on('timeout', () => sent.destroy())
    sent.end()
  })
}

/** A free port of loopback; the part that gets it listens soon after. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
