/**
 * What a server of git answers to the two requests of a fetch: refs, and a pack with objects (gitprotocol-common,
 * gitprotocol-pack, gitformat-pack). All of it is foreign: what is not as documented is nothing.
 */
import { createHash } from 'node:crypto'
import { inflateSync, type Inflate } from 'node:zlib'

/** A line of refs: commit, name, and behind the first one what the server can do. */
const FIRST_REF = /^([0-9a-f]{40}) ([^\0\n]+)\0([^\n]*)/
/** Unpacked bytes that are looked through for a commit, which servers send first. */
const LOOKED_THROUGH = 1024 * 1024
const COMMIT = 1
const DELTAS = { offset: 6, reference: 7 } as const
/** The id of the object that a delta with a reference builds on, in bytes. */
const ID = 20
const BAND = { pack: 1, failure: 3 } as const

export interface FirstRef {
  readonly commit: string
  readonly name: string
  readonly capabilities: ReadonlySet<string>
}

/** The first of the refs that `info/refs` answers; HEAD comes first where it leads to a commit. */
export function firstRefIn(advertisement: Buffer): FirstRef | undefined {
  const [service, ref] = [...packetsIn(advertisement)].filter(({ length }) => length > 0)
  if (service?.toString('latin1').trimEnd() !== '# service=git-upload-pack') return undefined
  const [, commit, name, capabilities] = FIRST_REF.exec(ref?.toString('utf8') ?? '') ?? []
  if (commit === undefined || name === undefined || capabilities === undefined) return undefined
  return { commit, name, capabilities: new Set(capabilities.split(' ')) }
}

/** The question for one commit without its history. `done`: there is nothing to negotiate. */
export function requestFor(commit: string, capabilities: readonly string[]): string {
  const packet = (line: string): string => (line.length + 4).toString(16).padStart(4, '0') + line
  return `${packet(`want ${commit} ${capabilities.join(' ')}\n`)}${packet('deepen 1\n')}0000${packet('done\n')}`
}

/** Whether the begin of an answer with `side-band-64k` contains the commit: its content has the id that was asked for. */
export function bringsCommit(answer: Buffer, commit: string): boolean {
  const pieces: Buffer[] = []
  let bands = false
  for (const packet of packetsIn(answer)) {
    const text = packet.toString('latin1', 0, 4)
    // Before the bands: where the history is cut, and that nothing is in common.
    if (!bands && (packet.length === 0 || text === 'shal')) continue
    if (!bands && text === 'NAK\n') bands = true
    else if (bands && packet[0] === BAND.pack) pieces.push(packet.subarray(1))
    else if (!bands || packet[0] === BAND.failure) return false
  }
  const pack = Buffer.concat(pieces)
  const version = pack.length < 12 ? 0 : pack.readUInt32BE(4)
  if (pack.toString('latin1', 0, 4) !== 'PACK' || ![2, 3].includes(version)) return false
  let at = 12
  let room = LOOKED_THROUGH
  for (let left = pack.readUInt32BE(8); left > 0; left -= 1) {
    const object = objectAt(pack, at, room)
    if (!object) return false
    if (object.type === COMMIT && idOf(object.content) === commit) return true
    at = object.end
    room -= object.content.length
  }
  return false
}

function idOf(commit: Buffer): string {
  return createHash('sha1').update(`commit ${commit.length}\0`).update(commit).digest('hex')
}

interface PackedObject {
  readonly type: number
  readonly content: Buffer
  /** Where the next one begins. */
  readonly end: number
}

/** With the option `info`, of which Node's types do not know. */
interface Inflated {
  readonly buffer: Buffer
  /** `bytesWritten`: how many bytes it took. */
  readonly engine: Inflate
}

/** undefined where no whole object is, or one that is larger than `room`. */
function objectAt(pack: Buffer, start: number, room: number): PackedObject | undefined {
  let at = start
  const type = ((pack[at] ?? 0) >> 4) & 7
  // The size, seven bits a byte, which the content has anyway.
  while (((pack[at] ?? 0) & 0x80) !== 0) at += 1
  at += 1
  if (type === DELTAS.reference) at += ID
  if (type === DELTAS.offset) {
    while (((pack[at] ?? 0) & 0x80) !== 0) at += 1
    at += 1
  }
  try {
    const options = { info: true, maxOutputLength: Math.max(1, room) }
    const { buffer, engine } = inflateSync(pack.subarray(at), options) as unknown as Inflated
    return { type, content: buffer, end: at + engine.bytesWritten }
  } catch {
    return undefined
  }
}

/** The packets of whole length; an empty one is a delimiter. Ends where something else begins. */
function* packetsIn(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at + 4 <= bytes.length;) {
    const digits = bytes.toString('latin1', at, at + 4)
    if (!/^[0-9a-f]{4}$/i.test(digits)) return
    const length = Number.parseInt(digits, 16)
    const end = at + Math.max(4, length)
    if (end > bytes.length) return
    yield bytes.subarray(at + 4, end)
    at = end
  }
}
