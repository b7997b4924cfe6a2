/** What git and az print, and what a kubeconfig says, is foreign as well: a right result or a typed error. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { credentialOfAz } from '../../src/services/entra/az.ts'
import { endpointsOf } from '../../src/services/endpoints.ts'
import { Git } from '../../src/services/git/git.ts'
import type { Wire } from '../../src/http/request.ts'
import { Kubernetes } from '../../src/services/kubernetes/api.ts'
import { logIn } from '../../src/services/entra/login.ts'
import { proxyFor } from '../../src/http/proxy.ts'
import { Problem } from '../../src/core/finding.ts'

const RUNS = { numRuns: 25 }
const wire: Wire = {
  policy: { deadline: Date.now() + 600_000, report: () => undefined, signal: new AbortController().signal },
  debug: () => undefined,
  timeout: 20_000,
  warn: () => undefined,
  proxyFor: () => undefined
}
let folder: string
let environment: NodeJS.ProcessEnv
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patless-programs-'))
  environment = { PATH: `${folder}:${process.env['PATH'] ?? ''}` }
  for (const name of ['git', 'az']) {
    writeFileSync(join(folder, name), `#!/bin/sh\ncat '${join(folder, 'printed')}'\n`)
    chmodSync(join(folder, name), 0o755)
  }
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})
const printed = (text: string): void => {
  writeFileSync(join(folder, 'printed'), text)
}
/** Resolves, or fails with a type. */
const survives = (work: Promise<unknown>): Promise<void> =>
  work.then(
    () => undefined,
    (error: unknown) => {
      expect(error).toBeInstanceOf(Problem)
    }
  )
const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.constant('git version next'))

test('whatever git prints as refs', () =>
  fc.assert(
    fc.asyncProperty(anyText, async (text) => {
      printed(text)
      const refs = await new Git(environment, wire).refs('https://dev.azure.com/c/p/_git/r', 'token')
      for (const { name, commit } of refs)
        expect(`${commit}\t${name}`).toMatch(/^[0-9a-f]{40,64}\t(?:HEAD|refs\/\S+)$/)
    }),
    RUNS
  ))

test('a ref among the noise is found', async () => {
  printed(`warning: x\n${'a'.repeat(40)}\tHEAD\nnoise\n${'b'.repeat(40)}\trefs/heads/main\n`)
  const refs = await new Git(environment, wire).refs('https://dev.azure.com/c/p/_git/r', 'token')
  expect(refs.map(({ name }) => name)).toEqual(['HEAD', 'refs/heads/main'])
})

test('whatever git says its version is', () =>
  fc.assert(
    fc.asyncProperty(anyText, (text) => {
      printed(text)
      return survives(new Git(environment, wire).assertUsable())
    }),
    RUNS
  ))

test.each([
  ['git version 2.30.9', false],
  ['git version 2.31.0', true],
  ['git version 3.0', true],
  ['git version 1.99', false]
])('%s is usable: %s', async (text, usable) => {
  printed(text)
  const asked = new Git(environment, wire).assertUsable()
  await (usable ? expect(asked).resolves.toBeUndefined() : expect(asked).rejects.toThrow(/too old/))
})

test('a git that ends with an error is said to be broken, not to be old', async () => {
  const broken = join(folder, 'broken')
  mkdirSync(broken)
  writeFileSync(join(broken, 'git'), '#!/bin/sh\necho "no developer tools" >&2\nexit 1\n', { mode: 0o755 })
  const asked = new Git({ PATH: `${broken}:/bin` }, wire).assertUsable()
  await expect(asked).rejects.toMatchObject({
    facts: { id: 'git/not-working', actual: 'no developer tools' }
  })
})

test('whatever az prints as a token', () =>
  fc.assert(
    fc.asyncProperty(anyText, async (text) => {
      printed(text)
      await credentialOfAz(undefined, environment, wire)
        .getToken('https://management.azure.com/.default')
        .catch((error: unknown) => {
          expect(String(error)).toBe('Error: az printed no token')
        })
    }),
    RUNS
  ))

test.each([
  ['{"accessToken":"t","expires_on":4102444800,"expiresOn":"2001-01-01 00:00:00.000000"}', 4_102_444_800_000],
  ['{"accessToken":"t","expiresOn":"2100-01-01 00:00:00.000000"}', new Date(2100, 0, 1).getTime()]
])('az says when its token ends: %s', async (text, expiresOnTimestamp) => {
  printed(text)
  const credential = credentialOfAz(undefined, environment, wire)
  expect(await credential.getToken('scope')).toEqual({ token: 't', expiresOnTimestamp })
})

test('whatever az prints as the account', () =>
  fc.assert(
    fc.asyncProperty(anyText, (text) => {
      printed(text)
      const sources = { environment, mask: (): void => undefined }
      return survives(logIn({}, endpointsOf('public', {}), sources, wire))
    }),
    RUNS
  ))

describe('whatever a kubeconfig says', () => {
  const shape = fc.record(
    {
      clusters: fc.anything(),
      contexts: fc.anything(),
      users: fc.anything(),
      'current-context': fc.anything()
    },
    { requiredKeys: [] }
  )
  const yaml = fc.oneof(
    fc.string({ unit: 'binary' }),
    shape.map((value) => JSON.stringify(value)),
    fc.constantFrom('', 'null', '[]', 'clusters: [null]', 'a: *nowhere', 'current-context: x\nclusters: []')
  )
  test('is reported as such, before a request', () =>
    fc.assert(
      fc.asyncProperty(yaml, (text) => {
        const cluster = new Kubernetes(
          () => Promise.resolve({ yaml: text, from: 'file' }),
          { entraToken: () => Promise.resolve('token'), mask: () => undefined },
          wire
        )
        return expect(cluster.deployments(undefined)).rejects.toBeInstanceOf(Problem)
      }),
      { numRuns: 200 }
    ))
})

describe('the proxy for a URL', () => {
  const proxy = 'http://proxy:3128'
  test.each([
    [{ HTTPS_PROXY: proxy }, proxy],
    [{ https_proxy: proxy }, proxy],
    [{ HTTP_PROXY: proxy }, undefined],
    [{ HTTPS_PROXY: proxy, NO_PROXY: '*' }, undefined],
    [{ HTTPS_PROXY: proxy, NO_PROXY: 'example.com' }, undefined],
    [{ HTTPS_PROXY: proxy, no_proxy: 'other, .example.com' }, undefined],
    [{ HTTPS_PROXY: proxy, NO_PROXY: '*.example.com' }, undefined],
    [{ HTTPS_PROXY: proxy, NO_PROXY: 'aks.example.com:6443' }, undefined],
    [{ HTTPS_PROXY: proxy, NO_PROXY: 'aks.example.com:443' }, proxy],
    [{ HTTPS_PROXY: proxy, NO_PROXY: 'ample.com' }, proxy],
    [{ HTTPS_PROXY: proxy, NO_PROXY: '' }, proxy]
  ])('%j', (given, expected) => {
    expect(proxyFor('https://AKS.example.com:6443/api', given)).toBe(expected)
  })
})
