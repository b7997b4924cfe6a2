/**
 * For kubectl only, which sends built-in kinds as protobuf in the envelope of k8s.io/apimachinery runtime.Unknown. It
 * only decodes, and only kinds that people create by hand; field numbers are from the generated.proto files of
 * k8s.io/api.
 */
type Shape = Readonly<
  Record<
    number,
    readonly [
      name: string,
      type: 'text' | 'texts' | 'bytes' | 'number' | 'map' | 'byteMap' | Shape,
      // A list of such messages.
      repeated?: true
    ]
  >
>

const META: Shape = {
  1: ['name', 'text'],
  2: ['generateName', 'text'],
  3: ['namespace', 'text'],
  11: ['labels', 'map'],
  12: ['annotations', 'map']
}
const KINDS: Readonly<Record<string, Shape>> = {
  Secret: { 1: ['metadata', META], 2: ['data', 'byteMap'], 3: ['type', 'text'], 4: ['stringData', 'map'] },
  ConfigMap: { 1: ['metadata', META], 2: ['data', 'map'] },
  ServiceAccount: { 1: ['metadata', META] },
  Namespace: { 1: ['metadata', META] },
  RoleBinding: {
    1: ['metadata', META],
    2: [
      'subjects',
      { 1: ['kind', 'text'], 2: ['apiGroup', 'text'], 3: ['name', 'text'], 4: ['namespace', 'text'] },
      true
    ],
    3: ['roleRef', { 1: ['apiGroup', 'text'], 2: ['kind', 'text'], 3: ['name', 'text'] }]
  },
  TokenRequest: {
    1: ['metadata', META],
    2: ['spec', { 1: ['audiences', 'texts'], 4: ['expirationSeconds', 'number'] }]
  },
  SelfSubjectAccessReview: {
    1: ['metadata', META],
    2: [
      'spec',
      {
        1: [
          'resourceAttributes',
          {
            1: ['namespace', 'text'],
            2: ['verb', 'text'],
            3: ['group', 'text'],
            4: ['version', 'text'],
            5: ['resource', 'text'],
            6: ['subresource', 'text'],
            7: ['name', 'text']
          }
        ]
      }
    ]
  },
  SelfSubjectReview: { 1: ['metadata', META] }
}
const ENVELOPE: Shape = {
  1: ['typeMeta', { 1: ['apiVersion', 'text'], 2: ['kind', 'text'] }],
  2: ['raw', 'bytes']
}

/** @returns the object as in JSON; undefined for an unknown kind. */
export function objectOf(bytes: Buffer): unknown {
  const { typeMeta, raw } = decoded(bytes.subarray(4), ENVELOPE) as {
    typeMeta?: { apiVersion?: string; kind?: string }
    raw?: Buffer
  }
  const shape = KINDS[typeMeta?.kind ?? '']
  if (!shape || !raw) return undefined
  return { ...typeMeta, metadata: {}, ...decoded(raw, shape) }
}

export function isProtobuf(contentType: string | undefined): boolean {
  return contentType?.startsWith('application/vnd.kubernetes.protobuf') === true
}

function decoded(bytes: Buffer, shape: Shape): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [number, value] of fieldsOf(bytes)) {
    const [name, type, repeated = false] = shape[number] ?? []
    if (name === undefined || type === undefined) continue
    if (type === 'number') result[name] = Number(value)
    if (typeof value === 'bigint') continue
    if (type === 'text') result[name] = value.toString('utf8')
    else if (type === 'texts')
      result[name] = [...((result[name] as string[] | undefined) ?? []), value.toString('utf8')]
    else if (type === 'bytes') result[name] = value
    else if (type === 'map' || type === 'byteMap')
      result[name] = { ...(result[name] as object | undefined), ...entryOf(value, type) }
    else if (type !== 'number') {
      const inner = decoded(value, type)
      result[name] = repeated ? [...((result[name] as object[] | undefined) ?? []), inner] : inner
    }
  }
  return result
}

function entryOf(bytes: Buffer, type: 'map' | 'byteMap'): Record<string, string> {
  const { key = '', value = Buffer.alloc(0) } = decoded(bytes, {
    1: ['key', 'text'],
    2: ['value', 'bytes']
  }) as { key?: string; value?: Buffer }
  return { [key]: value.toString(type === 'map' ? 'utf8' : 'base64') }
}

function* fieldsOf(bytes: Buffer): Generator<[number, bigint | Buffer]> {
  let at = 0
  const varint = (): bigint => {
    let result = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] ?? 0
      result |= BigInt(byte & 0x7f) << shift
      if ((byte & 0x80) === 0) return result
    }
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    const wire = tag & 7
    if (wire === 0) yield [tag >> 3, varint()]
    else if (wire === 2) {
      const length = Number(varint())
      yield [tag >> 3, bytes.subarray(at, at + length)]
      at += length
    } else at += wire === 1 ? 8 : 4
  }
}
