/** No token, and no id of a tenant, subscription, organization or person, is in a recording: by property. */
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Redaction } from '../../live/redaction.ts'
import { recorded } from '../../live/recording.ts'
import type { Exchange } from '../../live/recorder.ts'

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 0) > 0 ? 20_000 : 1_500

const guid = fc.uuid()
const letters = (from: string, minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...from), minLength, maxLength })
const ALPHANUMERIC = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
/** A signature, a key, a password of a service: at random, as they are. */
const opaque = fc
  .noBias(fc.uint8Array({ minLength: 24, maxLength: 64 }))
  .map((bytes) => Buffer.from(bytes).toString('base64url'))
  .filter((text) => new Set(text).size > 16)
const jwt = fc.tuple(guid, guid, opaque).map(([tid, oid, signature]) =>
  [JSON.stringify({ alg: 'RS256' }), JSON.stringify({ tid, oid })]
    .map((part) => Buffer.from(part).toString('base64url'))
    .concat(signature)
    .join('.')
)
const email = fc
  .tuple(letters('abcdefghijklmnopqrstuvwxyz.', 6, 12), letters('abcdefghijklmnopqrstuvwxyz', 6, 10))
  .map(([user, domain]) => `x${user}@${domain}.onmicrosoft.com`)
/** Of an organization, a cluster, a person: it may look like any word, so it is known by name. */
const name = fc
  .tuple(letters(ALPHANUMERIC, 6, 14), fc.constantFrom('', '-prod', ' Ltd', '_x'))
  .map(([start, end]) => `q${start}${end}`)

const SPELLINGS: Readonly<Record<string, (id: string) => string>> = {
  plain: (id) => id,
  upper: (id) => id.toUpperCase(),
  lower: (id) => id.toLowerCase(),
  dashless: (id) => id.replaceAll('-', ''),
  braces: (id) => `{${id}}`,
  quoted: (id) => `'${id}'`,
  percent: (id) => [...Buffer.from(id)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  'percent twice': (id) => encodeURIComponent(encodeURIComponent(`/${id}/`)),
  escaped: (id) => [...id].map((mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  base64: (id) => Buffer.from(id).toString('base64'),
  'base64 within': (id) => Buffer.from(`{"id":"${id}"}`).toString('base64url'),
  'base64 after one': (id) => Buffer.from(`a${id}`).toString('base64'),
  hex: (id) => Buffer.from(id).toString('hex'),
  descriptor: (id) => `aadsp.${Buffer.from(id).toString('base64url')}`,
  path: (id) => `/subscriptions/${id}/resourceGroups/${id}`,
  url: (id) => `https://${id.replaceAll(/[^a-z0-9-]/gi, '')}.visualstudio.com/${id}`,
  nested: (id) => JSON.stringify({ inner: { id } })
}

const FIELDS = [
  'id',
  'type',
  'code',
  'message',
  'value',
  'reason',
  'kind',
  'data',
  'tags',
  'displayStatus',
  'x'
]
const place = fc.constantFrom(
  'field',
  'key',
  'sentence',
  'number list',
  'path',
  'query',
  'query key',
  'header',
  'text',
  'form'
)

function exchangeWith(text: string, where: string, field: string): Exchange {
  const body =
    where === 'field'
      ? { [field]: text, deeper: [{ [field]: { [field]: text } }] }
      : where === 'key'
        ? { [text]: 1, [field]: { [text]: { [text]: 'x' } } }
        : where === 'sentence'
          ? { message: `The user ${text} is not authorized (${text}), see ${text}.`, [field]: `a ${text} b` }
          : where === 'number list'
            ? { value: [text, [text]] }
            : {}
  const plain = where === 'text' ? `TF401019: no ${text}. remote: ${text}` : JSON.stringify(body)
  const inUrl = text.replaceAll(/[^\w%.~-]/g, (mark) => encodeURIComponent(mark))
  return {
    by: 'patless',
    host: 'localhost:1',
    method: 'GET',
    path: `/subscriptions/${where === 'path' ? inUrl : 'x'}/y?${where === 'query key' ? inUrl : 'api-version'}=${where === 'query' ? inUrl : '7.1'}`,
    requestHeaders: { 'content-type': 'application/x-www-form-urlencoded', authorization: `Bearer ${text}` },
    requestBody: Buffer.from(
      where === 'form' ? new URLSearchParams({ client_assertion: text, [text]: 'x' }).toString() : ''
    ),
    status: 200,
    headers: {
      'content-type': where === 'text' ? 'text/plain' : 'application/json',
      ...(where === 'header'
        ? {
            location: `https://localhost/${inUrl}`,
            etag: text,
            'www-authenticate': `Bearer realm="${text}", ${text}`
          }
        : {})
    },
    body: Buffer.from(plain)
  }
}

/** As it is and in whatever is base64 or hex in the output. */
function survives(id: string, output: string): boolean {
  const texts = [output, ...(output.match(/[\w+/-]{12,}/g) ?? []).flatMap(decodings)].map((text) =>
    text.toLowerCase()
  )
  const forms = [id, id.replaceAll('-', ''), encodeURIComponent(id), Buffer.from(id).toString('hex')]
  return texts.some((text) => forms.some((form) => text.includes(form.toLowerCase())))
}

function decodings(run: string): string[] {
  const shifts = [0, 1, 2, 3].map((offset) => Buffer.from(run.slice(offset), 'base64url').toString('latin1'))
  return [...shifts, Buffer.from(run, 'hex').toString('latin1')]
}

function written(text: string, where: string, field: string, known?: string): string {
  const redaction = new Redaction(() => undefined)
  redaction.know('organization', known)
  return JSON.stringify(recorded(exchangeWith(text, where, field), redaction))
}

test.each([
  ['a GUID', guid],
  ['a token', jwt],
  ['a secret', opaque],
  ['an address', email]
])('%s that nobody named is in no recording', (_what, ids) => {
  fc.assert(
    fc.property(
      ids,
      fc.constantFrom(...Object.keys(SPELLINGS)),
      place,
      fc.constantFrom(...FIELDS),
      (id, spelling, where, field) => {
        const spelled = SPELLINGS[spelling]?.(id) ?? id
        expect(survives(id, written(spelled, where, field))).toBe(false)
      }
    ),
    { numRuns: RUNS }
  )
})

test('a name that is known is in no recording, however it is spelled', () => {
  fc.assert(
    fc.property(
      name,
      fc.constantFrom(...Object.keys(SPELLINGS)),
      place,
      fc.constantFrom(...FIELDS),
      (id, spelling, where, field) => {
        const spelled = SPELLINGS[spelling]?.(id) ?? id
        expect(survives(id, written(spelled, where, field, id))).toBe(false)
      }
    ),
    { numRuns: RUNS }
  )
})

test('people whom an answer or a token names are taken out of later sentences', () => {
  const redaction = new Redaction(() => undefined)
  redaction.learnFrom({ value: [{ displayName: 'Ada Lovelace', mailAddress: 'ada@contoso.example' }] })
  expect(redaction.text("Access denied: Ada Lovelace needs the permission 'Add Users' (TF50309).")).toBe(
    "Access denied: <name> needs the permission '…' (TF50309)."
  )
})

test('what the interface itself says stays', () => {
  const redaction = new Redaction(() => undefined)
  redaction.know('tenant', '5f1f3d5c-8a3e-4b1d-9a70-3d2c7c1c2a01')
  const body = {
    error: {
      code: 'MissingSubscriptionRegistration',
      message: 'The subscription is not registered to use namespace Microsoft.KubernetesConfiguration.'
    },
    properties: {
      tenantId: '5F1F3D5C-8A3E-4B1D-9A70-3D2C7C1C2A01',
      provisioningState: 'Succeeded',
      principalId: '0d2a9a4e-6f27-4c0b-8f5e-7f5b2b1f9c02'
    },
    operationResult: { isSuccess: false, errors: [{ key: 5000, value: 'Access Denied: x needs it' }] }
  }
  expect(redaction.form(body)).toEqual({
    error: {
      code: 'MissingSubscriptionRegistration',
      message: 'The subscription is not registered to use namespace Microsoft.KubernetesConfiguration.'
    },
    properties: { tenantId: '<tenant>', provisioningState: 'Succeeded', principalId: '<guid>' },
    operationResult: { isSuccess: false, errors: [{ key: 5000, value: 'Access Denied: x needs it' }] }
  })
  expect(
    redaction.path('/contoso/_apis/permissions/3e65f728-f8bc-4ecd-8764-7e378b19bfa7/2?tokens=NAMESPACE%3A')
  ).toEqual({
    path: '/*/_apis/permissions/3e65f728-f8bc-4ecd-8764-7e378b19bfa7/2',
    query: { tokens: 'NAMESPACE:' }
  })
})
