/** Commands in a cluster: what a tenant of the cluster names its objects, and writes into them, runs nothing and shows nothing. */
import { beforeAll, describe, expect, test } from '@jest/globals'
import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { has } from '../../sandbox/by-hand.ts'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'
import type { Wire } from '../../src/http/request.ts'
import { Kubernetes } from '../../src/services/kubernetes/api.ts'
import { ArgocdObjects } from '../../src/services/kubernetes/argocd-objects.ts'
import { Reach } from '../../src/services/kubernetes/reach.ts'
import { commandOf, quoted } from '../../src/services/kubernetes/run-command/kubectl.ts'
import { partsOf, scriptOf } from '../../src/services/kubernetes/run-command/script.ts'
import { OF_REPOSITORIES, UNLABELLED } from '../../src/services/kubernetes/secrets.ts'
import { urlOf } from '../migration/pats.ts'
import { hostileText, NASTY } from '../report/hostile-text.ts'
import { useTwin } from '../twin.ts'

const exec = promisify(execFile)
const twin = useTwin({ shared: true })
const SHELLS = ['sh', 'bash']
const API = 'https://commands.invalid'
const MARKS = [
  '-----patless 0',
  '-----patless 0 0',
  '-----patless 1',
  '{{.data.password}}',
  "'; touch canary; '"
]
const hostile = fc.oneof(
  hostileText(),
  fc.constantFrom(...MARKS, '$(touch canary)', '`touch canary`', '--help', '-A', '')
)

/** A folder with a kubectl that notes its arguments, and what it is given, before it prints `says`. */
function recorder(says = ''): {
  folder: string
  run: (shell: string, script: string) => string
  seen: () => string[][]
} {
  const folder = mkdtempSync(join(twin.temporary, 'recorder-'))
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'says'), says)
  const note = `printf '%s\\0' "$@" >> "$NOTES/seen"; printf '\\1\\0' >> "$NOTES/seen"`
  writeFileSync(join(folder, 'bin', 'kubectl'), `#!/bin/sh\n${note}\ncat "$NOTES/says"\n`)
  chmodSync(join(folder, 'bin', 'kubectl'), 0o755)
  return {
    folder,
    run: (shell, script) =>
      execFileSync(shell, ['-c', script], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, NOTES: folder },
        encoding: 'utf8'
      }),
    seen: () =>
      readFileSync(join(folder, 'seen'), 'utf8')
        .split('\u0001\0')
        .slice(0, -1)
        .map((one) => one.split('\0').slice(0, -1))
  }
}

describe.each(SHELLS)('%s', (shell) => {
  test('takes every name as one word', () => {
    const usable = hostile.filter((text) => !text.includes('\0'))
    fc.assert(
      fc.property(fc.array(usable, { minLength: 1, maxLength: 8 }), (texts) => {
        const { folder, run, seen } = recorder()
        const wellFormed = texts.map((text) => text.toWellFormed())
        run(shell, scriptOf(wellFormed.map((text) => `kubectl ${quoted(text)}`)))
        expect(seen()).toEqual(wellFormed.map((text) => [text]))
        expect(existsSync(join(folder, 'canary'))).toBe(false)
      }),
      { numRuns: 15 }
    )
  })

  test('takes selectors, names and bodies of requests as what they are', () => {
    const selectors = [...NASTY, ...MARKS].map((text) => text.toWellFormed())
    const { folder, run, seen } = recorder()
    const commands = selectors.flatMap((text) => {
      const url = new URL('/api/v1/namespaces/argocd/secrets', API)
      url.searchParams.set('labelSelector', text)
      url.searchParams.set('continue', text)
      const named = new URL(`${url.pathname}/name?fieldManager=${encodeURIComponent(text)}`, API)
      const body = { metadata: { annotations: { [text]: text } } }
      return [
        commandOf({ method: 'GET', url, body: undefined }).text,
        commandOf({ method: 'PATCH', url: named, body }).text
      ]
    })
    run(shell, scriptOf(commands))
    const words = seen()
    expect(words).toHaveLength(commands.length)
    words.forEach((one, index) => {
      const text = selectors[Math.floor(index / 2)] ?? ''
      if (index % 2 === 0) expect(one).toContain(`--selector=${text}`)
      else
        expect(JSON.parse(one.find((word) => word.startsWith('--patch='))?.slice(8) ?? '')).toEqual({
          metadata: { annotations: { [text]: text } }
        })
    })
    expect(existsSync(join(folder, 'canary'))).toBe(false)
  })

  const secret = 'pAt0123456789abcdefghijklmnopqrstuvwxyz0123456789abcd'
  const encoded = (url: string): string => new URLSearchParams({ '': url }).toString().slice(1)
  test.each([
    `https://anna:${secret}@dev.azure.com/contoso/shop/_git/app`,
    `https://${secret}@dev.azure.com/contoso/shop/_git/app`,
    `https://contoso:${secret}@dev.azure.com/contoso/shop/_git/app`,
    `https://contoso@dev.azure.com:${secret}@dev.azure.com/contoso/shop`,
    `https://anna:${secret}/with/a/slash@dev.azure.com/contoso/shop`,
    `https://anna:${secret}"'\\@git.example/x`,
    `http://anna:${secret}@proxy:3128`,
    `https://git@git.example:${secret}@git.example/x`
  ])('shows no credential of %s', (url) => {
    const lines = [
      `{"data":{"url":"t${encoded(url)}"}}`,
      `{"spec":{"source":{"repoURL":"${encoded(url)}"}}}`,
      `{"status":{"conditions":[{"message":"${encoded(`cannot read ${url}: no`)}"}]}}`
    ]
    const { run } = recorder(`${lines.join('\n')}\n`)
    const printed = run(
      shell,
      scriptOf(['kubectl get', `{ kubectl get; echo ${quoted(`cannot read ${url}`)} >&2; exit 1; }`])
    )
    expect(partsOf(printed, 2)?.[0]?.lines).toHaveLength(3)
    expect(printed).not.toContain(secret.slice(5))
  })

  test('keeps what is no credential: the organization of an address, the user of ssh', () => {
    const urls = [
      'https://contoso@dev.azure.com/contoso/shop/_git/app',
      'https://contoso@contoso.visualstudio.com/shop/_git/app',
      'ssh://git@ssh.dev.azure.com/v3/contoso/shop/app',
      'https://git.example/a%40b/c@d?x'
    ]
    const { run } = recorder(urls.map((url) => `{"spec":{"repoURL":"${encoded(url)}"}}\n`).join(''))
    const lines = partsOf(run(shell, scriptOf(['kubectl get'])), 1)?.[0]?.lines ?? []
    expect(lines.map((line) => line.replaceAll('@@', '%40'))).toEqual(
      urls.map((url) => `{"spec":{"repoURL":"${encoded(url)}"}}`)
    )
  })
})

test.each([
  '/api/v1/namespaces/argocd/secrets/..',
  '/api/v1/namespaces/-A/secrets',
  '/api/v1/namespaces/argocd/secrets/$(x)',
  '/api/v1/namespaces/argocd/secrets/name/token',
  '/api/v1/namespaces/argocd/pods/name/exec',
  '/version'
])('%s has no command', (path) => {
  const url = { pathname: path, search: '', searchParams: new URLSearchParams() } as URL
  expect(() => commandOf({ method: 'GET', url, body: undefined })).toThrow()
})

const wire: Wire = {
  policy: { deadline: Infinity, report: () => undefined, signal: new AbortController().signal },
  debug: () => undefined,
  warn: () => undefined,
  timeout: 5_000,
  proxyFor: () => undefined
}

;(has('kubectl') ? describe : describe.skip)('in a cluster of somebody who writes anything into it', () => {
  let outputs: string[]
  let near: Kubernetes
  let far: Kubernetes
  const kind = (group: string, resource: string): Kind => kindOf(group, resource) as Kind
  const text = NASTY.concat(MARKS).join(' ').toWellFormed().replaceAll('\0', '')
  const metadata = (name: string) => ({
    name,
    labels: { 'argocd.argoproj.io/secret-type': 'repository' },
    annotations: {
      [`hostile/${name}`]: text,
      'patless/x': text,
      'kubectl.kubernetes.io/last-applied-configuration': text
    }
  })

  beforeAll(() => {
    outputs = []
    const { store } = twin.kubernetes
    const [own, other] = [urlOf({ twin }, 'app'), 'https://git.example/x']
    for (const [name, more] of [
      ['a', { url: own, password: text, username: text, type: 'git', enableLfs: text, project: text }],
      ['b', { url: `https://anna:${'x'.repeat(40)}@git.example/y`, useAzureWorkloadIdentity: 'true' }],
      ['c', { url: other, [`key.${'k'.repeat(100)}`]: 'v', noProxy: text, tlsClientCertData: text }]
    ] as const)
      store.create(kind('', 'secrets'), 'argocd', {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: metadata(name),
        stringData: more
      })
    store.create(kind('', 'secrets'), 'argocd', {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'Opaque',
      metadata: { name: 'of-others' },
      stringData: { token: text, url: `https://hooks.example/${'s'.repeat(30)}` }
    })
    for (let nth = 0; nth < 520; nth += 1)
      store.create(kind('argoproj.io', 'applications'), nth % 2 === 0 ? 'argocd' : 'team-a', {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Application',
        metadata: { ...metadata(`app-${nth}`), labels: {} },
        spec: {
          project: text,
          source: { repoURL: own, path: 'x', targetRevision: 'HEAD' },
          sources: [],
          destination: { namespace: 'x' }
        }
      })
    const kubeconfig = () => Promise.resolve({ yaml: twin.kubernetes.kubeconfig(), from: 'file' } as const)
    const credentials = { entraToken: () => Promise.resolve('t'.repeat(20)), mask: () => undefined }
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: twin.temporary,
      KUBECONFIG: twin.environment['KUBECONFIG'] ?? ''
    }
    const run = async (_id: string, script: string): Promise<string> => {
      const { stdout } = await exec('sh', ['-c', script], { env, maxBuffer: 4_000_000 })
      outputs.push(stdout)
      return stdout
    }
    const access = () => ({ isPrivate: true, ranges: [], runsCommands: true, asksEntra: false })
    const byAzure = {
      ...credentials,
      id: twin.azure.ids.clusterId,
      access,
      commands: () => Promise.resolve({ run })
    }
    near = new Kubernetes(kubeconfig, credentials, wire)
    far = new Kubernetes(kubeconfig, credentials, wire, undefined, new Reach('run-command', byAzure))
  })

  test('thousands of bytes in each of hundreds of Applications come whole, in pages', async () => {
    const [expected, found] = await Promise.all(
      [near, far].map((api) => new ArgocdObjects(api).applications(undefined))
    )
    expect(found).toHaveLength(520)
    const sorted = (all = expected) => all?.toSorted((one, two) => (one.name < two.name ? -1 : 1))
    const unnoted = (all = expected) =>
      sorted(all)?.map(({ marks, ...one }) => ({ ...one, version: marks.version }))
    expect(unnoted(found)).toEqual(unnoted(expected))
    expect(outputs.length).toBeGreaterThan(2)
    for (const one of outputs) expect(Buffer.byteLength(one)).toBeLessThanOrEqual(480_000)
  })

  test('other objects are what they are over HTTP', async () => {
    for (const read of [
      (api: Kubernetes) => api.deployments('argocd'),
      (api: Kubernetes) => api.statefulSets('argocd'),
      (api: Kubernetes) => api.services('argocd'),
      (api: Kubernetes) => api.serviceAccount('argocd', 'argocd-repo-server'),
      (api: Kubernetes) => api.serviceAccount('argocd', 'nobody'),
      (api: Kubernetes) => api.hasConfigMap('argocd', 'argocd-cm'),
      (api: Kubernetes) => api.hasConfigMap('argocd', 'nothing'),
      (api: Kubernetes) =>
        api.object({ group: 'nobody.example', version: 'v1', plural: 'things' }, 'argocd', 'x'),
      async (api: Kubernetes) => (await api.reads.secretKeys('argocd', 'c'))?.toSorted(),
      (api: Kubernetes) =>
        api.missing([{ verb: 'list', group: '', resource: 'secrets', namespace: 'argocd' }])
    ])
      expect(withoutValues(await read(far))).toEqual(withoutValues(await read(near)))
  })

  test('of Secrets come the names of keys and what decides how Argo CD reads, and nothing else is printed', async () => {
    outputs.length = 0
    const [labelled, others] = [
      await far.argoSecrets('argocd', OF_REPOSITORIES),
      await far.argoSecrets('argocd', UNLABELLED)
    ]
    const values: Record<string, unknown> = Object.fromEntries(
      [...labelled, ...others].map(({ metadata, data = {} }) => [
        metadata?.name ?? '',
        Object.fromEntries(
          Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()])
        )
      ])
    )
    const unread: unknown = expect.stringMatching(/^\?[0-9a-f]{6}$/)
    expect(values).toMatchObject({
      a: {
        url: urlOf({ twin }, 'app'),
        type: 'git',
        project: text,
        password: unread,
        username: unread,
        enableLfs: unread
      },
      b: { url: 'https://***@git.example/y', useAzureWorkloadIdentity: 'true' },
      c: { url: 'https://git.example/x', noProxy: text, tlsClientCertData: unread },
      'of-others': { token: unread, url: unread }
    })
    const printed = outputs.join('\n')
    for (const secret of [
      'x'.repeat(40),
      's'.repeat(30),
      encodeURIComponent('last-applied-configuration":"-')
    ])
      expect(printed).not.toContain(secret)
    // What may be any text is where nobody takes it for a credential: project and noProxy, in base64.
    expect(
      printed.split(encodeURIComponent(Buffer.from(text).toString('base64').slice(0, 60))).length - 1
    ).toBe(2)
  })

  test('a value that may be a credential is not written, and no token is asked for', async () => {
    const count = outputs.length
    await expect(far.token('argocd', 'argocd-repo-server', 'x')).rejects.toMatchObject({
      facts: { id: 'run-command/token-refused' }
    })
    const secret = { metadata: { name: 'n' } }
    for (const stringData of [
      { password: 'x' },
      { username: 'x' },
      { url: `https://a:${'y'.repeat(20)}@git.example` },
      { any: 'x' }
    ])
      for (const write of [
        () => far.createSecret('argocd', { ...secret, stringData }),
        () => far.patchSecret('argocd', 'a', { stringData }),
        () =>
          far.createSecret('argocd', {
            ...secret,
            data: Object.fromEntries(
              Object.entries(stringData).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
            )
          })
      ])
        await expect(write()).rejects.toMatchObject({ facts: { id: 'run-command/secret-refused' } })
    expect(outputs).toHaveLength(count)
  })
})

/**
 * Without the values of variables, which are not read through commands, and without what kubectl applied. In lists over
 * HTTP, built-in objects do not say what they are.
 */
function withoutValues(object: unknown): unknown {
  const left = ['env', 'kubectl.kubernetes.io/last-applied-configuration', 'apiVersion', 'kind']
  const text = JSON.stringify({ object }, (key, value: unknown) =>
    left.includes(key) || (key === 'annotations' && JSON.stringify(value) === '{}') ? undefined : value
  )
  return JSON.parse(text)
}
