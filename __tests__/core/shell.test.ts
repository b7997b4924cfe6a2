/** A printed command does what it says when it is pasted into a shell, whoever chose the names in it. */
import { describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { managerOf, secretPatch } from '../../src/argocd/managers.ts'
import { inUse } from '../../src/argocd/adoption.ts'
import { word } from '../../src/core/shell.ts'

/** What sh makes of a command line: its arguments. */
const read = (words: readonly string[]): string[] =>
  execFileSync('sh', ['-c', `printf '%s\\0' ${words.join(' ')}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1)

const HOSTILE = [
  '$(touch x)',
  '`touch x`',
  "'; touch x; '",
  '"; touch x; "',
  'a b',
  '*',
  '~root',
  '!!',
  '\\',
  '${x}',
  'a&b',
  'x#y',
  '<x',
  '|'
]

describe('a word', () => {
  test.each(['argocd', 'deploy/argocd-repo-server', 'app:v1@x', 'a=b,c', '/subscriptions/x'])(
    'that is plain stays as it is: %s',
    (text) => {
      expect(word(text)).toBe(text)
    }
  )

  test('is read as what it is', () => {
    expect(read(HOSTILE.map(word))).toEqual(HOSTILE)
  })

  test('is read as what it is, or left to the reader, whatever it is', () => {
    const texts = fc.sample(fc.string({ unit: 'binary', maxLength: 30 }), 200)
    const expected = texts.map((text) => (word(text) === "'<name>'" ? '<name>' : text))
    expect(read(texts.map(word))).toEqual(expected)
    expect(['', '-x', '--all', 'a\nb', 'a\u202eb', 'a\u0000'].map(word)).toEqual(Array(6).fill("'<name>'"))
  })
})

describe('a command with names of the cluster', () => {
  test('the resource that makes a Secret is patched by its name', () => {
    const manager = managerOf({
      ownerReferences: [
        { apiVersion: 'x/v1', kind: 'ExternalSecret', name: 'app.v1', uid: 'u', controller: true }
      ]
    })
    const text = manager ? (secretPatch(manager, 'argocd', 'repo', { project: "it's" }).command ?? '') : ''
    const spec = { target: { template: { mergePolicy: 'Merge', data: { project: "it's" } } } }
    expect(read([text])).toEqual([
      ...['kubectl', '-n', 'argocd', 'patch', 'externalsecret', 'app.v1', '--type', 'merge', '-p'],
      JSON.stringify({ spec })
    ])
  })

  test.each(HOSTILE)('no command is printed with a name that is none: %s', (name) => {
    const manager = managerOf({
      ownerReferences: [{ apiVersion: 'x/v1', kind: 'ExternalSecret', name, uid: 'u', controller: true }]
    })
    const way = manager && secretPatch(manager, 'argocd', 'repo', { project: 'x' })
    expect(way?.remedy).toMatch(/^let the controller of ExternalSecret \(unreadable\) write /)
    expect(way?.command).toBeUndefined()
  })

  test.each(HOSTILE)('a service account carries %s as its client id: no identity has it', (clientId) => {
    const want = { clientId: '', identity: { name: 'ours' } } as Parameters<typeof inUse>[2]
    const { remedy, command } = inUse('It', { clientId, place: undefined }, want, 'x')
    expect(remedy).toContain('no identity can have this client id')
    expect(command).toBe('x')
  })

  test('a name of several lines adds none to what is to be copied', () => {
    for (const annotations of [
      { 'argocd.argoproj.io/tracking-id': 'a\n- evil: true' },
      { 'meta.helm.sh/release-name': 'a\r\n\u2028b' }
    ]) {
      const manager = managerOf({ annotations })
      expect(manager?.name).not.toMatch(/[\r\n\u2028]/)
      expect(manager?.who).not.toMatch(/[\r\n\u2028]/)
    }
  })

  test('every name in a command of the source goes through word()', () => {
    // The names in whole scripts are variables of the shell; these have properties of their own.
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && !/^commands\/(?:setup|export)\/script/.test(name)
    )
    const lines = files.flatMap((name) => readFileSync(join('src', name), 'utf8').split('\n'))
    const commands = lines.flatMap(
      (line) => /(?:kubectl (?:-n|config)|az (?:aks|identity|role|k8s-extension)) .*/.exec(line) ?? []
    )
    expect(commands.length).toBeGreaterThan(15)
    // What is not a name: constants in capitals, and what was made of words above or by `diagnosis/words.ts`.
    const free =
      /\$\{(?!input\(|word\(|known\(|restart\(|ofIdentity\(|ofCluster\(|ofExtension\(|trusted\}|deploymentOf\(|organizationPage\(|wordOfQuery\(|identity\} (?:--name|--query)|task\} |name\} --issuer|at\} --|identity\}`|[A-Z_]+\}|resource\}|value\}|flag\}|place\.kind\}|account\}`|rest\})/
    expect(commands.filter((line) => free.test(line.replaceAll(/\$\{word\(`[^`]*`\)\}/g, '')))).toEqual([])
  })
})
