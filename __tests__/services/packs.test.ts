/** A pack proves a commit by the commit's content alone; whatever else a server answers proves nothing, and breaks nothing. */
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { bringsCommit, firstRefIn, requestFor } from '../../src/services/git/pack.ts'

const [COMMIT, TREE, BLOB, OFFSET_DELTA, REFERENCE_DELTA] = [1, 2, 3, 6, 7]
const text =
  'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a@b> 0 +0000\ncommitter A <a@b> 0 +0000\n\nFirst\n'
const id = createHash('sha1').update(`commit ${text.length}\0${text}`).digest('hex')

const packet = (content: string | Buffer): Buffer => {
  const bytes = Buffer.from(content)
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes])
}
/** One object of a pack: type and size, what a delta builds on, content. */
const object = (type: number, content: string | Buffer, base = Buffer.alloc(0)): Buffer => {
  const size = Buffer.byteLength(content)
  const header = size < 16 ? [(type << 4) | size] : [0x80 | (type << 4) | (size & 15), (size >> 4) & 127]
  return Buffer.concat([Buffer.from(header), base, deflateSync(content)])
}
const packOf = (objects: readonly Buffer[], count = objects.length): Buffer => {
  const header = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1')
  header.writeUInt32BE(count, 8)
  return Buffer.concat([header, ...objects])
}
const answer = (pack: Buffer, before = [packet(`shallow ${id}\n`), Buffer.from('0000')]): Buffer => {
  const halves = [pack.subarray(0, 20), pack.subarray(20)]
  const bands = halves.map((half) => packet(Buffer.concat([Buffer.from([1]), half])))
  const progress = packet('\x02Counting objects\n')
  return Buffer.concat([...before, packet('NAK\n'), progress, ...bands, Buffer.from('0000')])
}
const commit = object(COMMIT, text)

describe('a commit is received', () => {
  test.each([
    ['first', [commit, object(BLOB, 'x')]],
    ['behind a tree and a blob', [object(TREE, ''), object(BLOB, 'x'.repeat(2_000)), commit]],
    ['behind another commit', [object(COMMIT, text.replace('First', 'Other')), commit]],
    [
      'behind deltas',
      [
        object(OFFSET_DELTA, 'x', Buffer.from([0x81, 0x02])),
        object(REFERENCE_DELTA, 'x', Buffer.alloc(20, 200)),
        commit
      ]
    ]
  ])('%s', (_where, objects) => {
    expect(bringsCommit(answer(packOf(objects)), id)).toBe(true)
  })

  test('also when what follows was not read any more', () => {
    const whole = answer(packOf([commit], 5_000))
    expect(bringsCommit(Buffer.concat([whole.subarray(0, -4), Buffer.from('fff0\x01more')]), id)).toBe(true)
  })
})

describe('nothing is proved by', () => {
  test.each([
    ['another commit', answer(packOf([object(COMMIT, text.replace('First', 'Other'))]))],
    ['the same bytes as a blob', answer(packOf([object(BLOB, text)]))],
    ['an empty pack', answer(packOf([]))],
    ['an empty pack that is followed by the commit', answer(packOf([commit], 0))],
    ['half of it', answer(packOf([commit.subarray(0, -20)]))],
    ['a sign-in page', Buffer.from('<!DOCTYPE html><html>Sign In</html>')],
    ['no answer', Buffer.alloc(0)],
    ['a failure in the middle', Buffer.concat([packet('NAK\n'), packet('\x03access denied\n')])],
    ['an error instead of the pack', packet('ERR upload-pack: not our ref\n')],
    ['a pack without bands', Buffer.concat([packet('NAK\n'), packOf([commit])])],
    [
      'an unknown version',
      answer(Buffer.from(packOf([commit]).toString('latin1').replace('\x02', '\x09'), 'latin1'))
    ],
    ['a commit behind a mountain', answer(packOf([object(BLOB, Buffer.alloc(2 ** 20)), commit]))]
  ])('%s', (_what, bytes) => {
    expect(bringsCommit(bytes, id)).toBe(false)
  })

  test('any answer with one byte changed, unless the commit itself is whole', () => {
    const right = answer(packOf([commit]), [])
    const inside = right.indexOf(commit.subarray(8))
    fc.assert(
      fc.property(
        fc.integer({ min: inside + 4, max: inside + commit.length - 20 }),
        fc.integer({ min: 1, max: 255 }),
        (at, by) => {
          const wrong = Buffer.from(right)
          wrong[at] = ((wrong[at] ?? 0) + by) % 256
          expect(bringsCommit(wrong, id)).toBe(false)
        }
      )
    )
  })

  test('whatever else is answered', () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map((one) => Buffer.from(one))
    const packets = fc.array(fc.oneof(bytes.map(packet), bytes)).map((all) => Buffer.concat(all))
    fc.assert(
      fc.property(packets, bytes, (any, inner) => {
        expect(bringsCommit(any, id)).toBe(false)
        expect(bringsCommit(answer(packOf([inner], 3)), id)).toBe(false)
        expect(firstRefIn(any)).toBeUndefined()
      })
    )
  })
})

describe('the first ref', () => {
  const first = (line: string, service = '# service=git-upload-pack\n'): Buffer =>
    Buffer.concat([packet(service), Buffer.from('0000'), packet(line), packet(`${id} refs/heads/main\n`)])

  test('has the commit, and what the server can do', () => {
    const found = firstRefIn(first(`${id} HEAD\0multi_ack side-band-64k\n`))
    expect(found).toMatchObject({ commit: id, name: 'HEAD' })
    expect([...(found?.capabilities ?? [])]).toEqual(['multi_ack', 'side-band-64k'])
  })

  test.each([
    [
      'of a repository without commits',
      first(`${'0'.repeat(40)} capabilities^{}\0multi_ack\n`),
      'capabilities^{}'
    ],
    ['of one whose HEAD leads nowhere', first(`${id} refs/heads/main\0multi_ack\n`), 'refs/heads/main'],
    ['of another service', first(`${id} HEAD\0multi_ack\n`, '# service=git-receive-pack\n'), undefined],
    ['with ids of another length', first(`${'a'.repeat(64)} HEAD\0multi_ack\n`), undefined],
    ['without capabilities', first(`${id} HEAD\n`), undefined]
  ])('%s is not HEAD', (_what, bytes, name) => {
    expect(firstRefIn(bytes)?.name).toBe(name)
  })
})

test('one commit is asked for, without its history', () => {
  expect(requestFor(id, ['multi_ack', 'agent=x'])).toBe(
    `0044want ${id} multi_ack agent=x\n000ddeepen 1\n00000009done\n`
  )
})
