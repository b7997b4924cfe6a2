/** Where a token may go, by form: ids in paths, endpoints, kubeconfigs, what is shown of a URL. */
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parse } from 'yaml'
import { makeCertificateFor } from '../../sandbox/certificates.ts'
import { Problem } from '../../src/core/finding.ts'
import { credentialsIn, withoutCredentials } from '../../src/core/text.ts'
import { UnexpectedReply } from '../../src/http/errors.ts'
import { send, type Wire } from '../../src/http/request.ts'
import { ArmWire } from '../../src/services/azure/arm-wire.ts'
import { namedId, RESOURCE_NAME } from '../../src/services/azure/ids.ts'
import { isDescriptor, isGuid } from '../../src/services/azure-devops/shapes.ts'
import { endpointsOf, hostFault, serviceFault } from '../../src/services/endpoints.ts'
import { readAccess, type Kubeconfig } from '../../src/services/kubernetes/kubeconfig.ts'
import { needsEntraToken } from '../../src/services/kubernetes/plugins.ts'

const wire: Wire = {
  policy: { deadline: Date.now() + 600_000, report: () => undefined, signal: new AbortController().signal },
  debug: () => undefined,
  warn: () => undefined,
  timeout: 20_000,
  proxyFor: () => undefined
}
const TOKEN = 'a-token-of-the-cluster'
const CLUSTER =
  '/subscriptions/9b0c7f7e-2d61-4c53-8a11-6f2f0c3a7d03/resourceGroups/rg(1).ä/providers/Microsoft.ContainerService/managedClusters/aks'

describe('an id from an answer', () => {
  const arm = new ArmWire(endpointsOf('public', {}), () => Promise.resolve(TOKEN), wire)
  const piece = fc.constantFrom(
    ...'/ // .. . %2e %2f ? # @ : \\ ; = & a subscriptions evil.example localhost:1 é \u0000'.split(' '),
    ' ',
    '\n',
    '\t'
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
    fc.array(piece, { maxLength: 4 }).map((pieces) => CLUSTER + pieces.join(''))
  )

  test('leads to itself on ARM, or nowhere', () => {
    fc.assert(
      fc.property(text, (id) => {
        let url
        try {
          url = new URL(arm.request('GET', `${id}/x`, '2025-01-01').url)
        } catch (error) {
          return error instanceof UnexpectedReply
        }
        return (
          url.origin === 'https://management.azure.com' &&
          url.username === '' &&
          url.search === '?api-version=2025-01-01' &&
          decodeURIComponent(url.pathname) === `${id}/x`
        )
      }),
      { numRuns: 20_000 }
    )
  })

  test('of a cluster is that of a cluster', () => {
    const shape = namedId('Microsoft.ContainerService/managedClusters')
    expect(shape.safeParse(CLUSTER).success).toBe(true)
    expect(shape.safeParse(CLUSTER.replace('resourceGroups', 'resourcegroups')).success).toBe(true)
    fc.assert(
      fc.property(
        text,
        (id) => !shape.safeParse(id).success || /^[\w-]+$/.test(id.slice(CLUSTER.length - 3))
      ),
      { numRuns: 20_000 }
    )
  })

  test.each(['..', '.', '', 'a/b', 'a?b', '../x', 'a%2f', 'a b', '-a', 'a'.repeat(300)])(
    '%j names nothing',
    (name) => {
      expect(RESOURCE_NAME.test(name)).toBe(false)
      expect(isGuid(name)).toBe(false)
      expect(isDescriptor(name)).toBe(false)
    }
  )

  test.each(['aadsp.ZWQ4Mjgx', 'vssgp.Uy0xLTkt', 'scp.ZGU0-_x'])('%s is a descriptor', (descriptor) => {
    expect(isDescriptor(descriptor)).toBe(true)
  })
})

describe('the last look before a request leaves', () => {
  const bearer = {
    token: () => Promise.reject(new Error('the token was asked for')),
    mayGoTo: ({ host }: URL) => host === 'localhost:1'
  }
  test.each([
    'https://localhost:2/',
    'http://localhost:1/',
    'https://u:p@localhost:1/',
    'https://evil.example/'
  ])('no token is even asked for on the way to %s', async (url) => {
    const sent = send(wire, { service: 'ARM', method: 'GET', url, bearer })
    await expect(sent).rejects.toBeInstanceOf(UnexpectedReply)
  })
})

describe('endpoints', () => {
  test('are https, and a place only', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.webUrl({ withFragments: true, withQueryParameters: true }), fc.string()),
        (text) => {
          if (serviceFault(text) !== undefined) return true
          const url = new URL(text)
          return url.protocol === 'https:' && `${url.username}${url.password}${url.search}${url.hash}` === ''
        }
      )
    )
  })

  test.each([
    ['http://127.0.0.1:41342/msi', true],
    ['http://localhost:50342/oauth2/token', true],
    ['http://[::1]:1/', true],
    ['http://169.254.169.254/metadata', true],
    ['http://[fe80::1]/', true],
    ['http://2130706433/', true],
    ['https://pipelines.actions.githubusercontent.com/x?api-version=2.0', true],
    ['http://pipelines.actions.githubusercontent.com/', false],
    ['http://169.255.1.1/', false],
    ['http://127.0.0.1.evil.example/', false],
    ['http://localhost.evil.example/', false],
    ['http://10.0.0.1/', false],
    ['http://u@127.0.0.1/', false],
    ['ftp://127.0.0.1/', false],
    ['file:///etc/passwd', false],
    ['127.0.0.1', false]
  ])('the host asks for its token at %s: %s', (url, usable) => {
    expect(hostFault(url) === undefined).toBe(usable)
  })

  test('faults name their variables, never their values', () => {
    const environment = {
      AZURE_RESOURCE_MANAGER_URL: 'http://arm.example/secret77',
      AZURE_DEVOPS_URL: 'https://u:secret77@devops.example',
      AZURE_AUTHORITY_HOST: 'secret77',
      ACTIONS_ID_TOKEN_REQUEST_URL: 'http://runner.example/secret77'
    }
    const refused = (): unknown => endpointsOf('public', environment, ['ACTIONS_ID_TOKEN_REQUEST_URL'])
    expect(refused).toThrow(Problem)
    for (const name of Object.keys(environment)) expect(refused).toThrow(name)
    expect(refused).not.toThrow('secret77')
  })

  test.each([
    ['AZURE_AUTHORITY_HOST', 'https://login.microsoftonline.us'],
    ['AZURE_AUTHORITY_HOST', 'https://LOGIN.microsoftonline.us:443//'],
    ['AZURE_AUTHORITY_HOST', 'https://login.chinacloudapi.cn/'],
    ['AZURE_AUTHORITY_HOST', 'https://login.partner.microsoftonline.cn/'],
    ['AZURE_RESOURCE_MANAGER_URL', 'https://management.usgovcloudapi.net/'],
    ['AZURE_RESOURCE_MANAGER_URL', 'https://management.chinacloudapi.cn']
  ])('no token is asked for in a cloud that Azure DevOps takes none of: %s=%s', (name, url) => {
    expect(() => endpointsOf('public', { [name]: url })).toThrow(
      `${name} belongs to a cloud whose tokens Azure DevOps does not accept`
    )
  })

  test('overrides are reported, standards are not', () => {
    expect(endpointsOf('public', {}).overrides).toEqual([])
    expect(endpointsOf('public', { AZURE_DEVOPS_URL: 'https://dev.azure.com/' }).overrides).toEqual([])
    expect(endpointsOf('public', { AZURE_DEVOPS_URL: 'https://proxy.example/' }).overrides).toEqual([
      'AZURE_DEVOPS_URL: https://proxy.example instead of https://dev.azure.com'
    ])
  })
})

describe('the Entra token for AKS', () => {
  const AKS = '6dae42f8-4368-4678-94ff-3960e28e3630'
  const place = { server: 'https://x-1.hcp.westeurope.azmk8s.io:443', context: 'c', anyServer: false }
  const exec = (command: string, ...args: string[]) => ({ exec: { command, args } })
  test.each([
    exec('kubelogin', 'get-token', '--server-id', AKS),
    exec('kubelogin', 'get-token', `--server-id=${AKS.toUpperCase()}`, '--login', 'azurecli'),
    exec('/usr/local/bin/kubelogin', 'get-token'),
    exec('C:\\Tools\\kubelogin.exe', 'get-token', '--server-id', AKS),
    { 'auth-provider': { name: 'azure', config: { 'apiserver-id': AKS } } },
    { 'auth-provider': { name: 'azure', config: { 'apiserver-id': `spn:${AKS}` } } },
    { 'auth-provider': { name: 'azure' } }
  ])('is meant for %j', (user) => {
    expect(needsEntraToken(user, place)).toBe(true)
  })

  test.each([
    exec('kubelogin', 'convert-kubeconfig'),
    exec('kubelogin', '--x', 'get-token'),
    exec('kubelogin', 'get-token', '--server-id', 'other'),
    exec('kubelogin', 'get-token', '--server-id'),
    exec('kubelogin/x', 'get-token'),
    exec('aws', 'eks', 'get-token'),
    { 'auth-provider': { name: 'azure', config: { 'apiserver-id': 'other' } } },
    { 'auth-provider': { name: 'gcp', config: {} } },
    { 'auth-provider': { name: 'oidc' } }
  ])('is not for %j', (user) => {
    expect(() => needsEntraToken(user, place)).toThrow(Problem)
    expect(() => needsEntraToken(user, { ...place, anyServer: true })).toThrow(Problem)
  })

  test.each([
    ['x-1.hcp.westeurope.azmk8s.io', true],
    ['x-1.11111111-2222-3333-4444-555555555555.privatelink.westeurope.azmk8s.io', true],
    ['x-1.hcp.usgovvirginia.cx.aks.containerservice.azure.us', true],
    ['x-1.privatelink.chinaeast2.cx.prod.service.azk8s.cn', true],
    ['azmk8s.io', false],
    ['azmk8s.io.evil.example', false],
    ['evil-azmk8s.io', false],
    ['localhost', false],
    ['10.0.0.1', false],
    ['x.azure.us', false]
  ])('a file may name %s: %s', (host, usable) => {
    const asked = (): boolean =>
      needsEntraToken(exec('kubelogin', 'get-token'), { ...place, server: `https://${host}` })
    if (usable) expect(asked()).toBe(true)
    else expect(asked).toThrow(Problem)
  })
})

describe('a kubeconfig', () => {
  const credentials = (masked: string[]) => ({
    entraToken: () => Promise.resolve(TOKEN),
    mask: (secret: string) => void masked.push(secret)
  })
  const written = (user: unknown, cluster: object = {}): Kubeconfig => ({
    from: 'file',
    yaml: JSON.stringify({
      'current-context': 'x',
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: 'https://cluster.example', ...cluster } }],
      users: [{ name: 'u', user }]
    })
  })

  test('leaves nothing in it that a client would run or read, whatever it says', () =>
    fc.assert(
      fc.asyncProperty(
        fc.record(
          {
            token: fc.string(),
            exec: fc.oneof(fc.anything(), fc.record({ command: fc.string() })),
            'auth-provider': fc.oneof(fc.anything(), fc.record({ name: fc.string() })),
            tokenFile: fc.string(),
            'token-file': fc.string(),
            'client-key': fc.string(),
            username: fc.string()
          },
          { requiredKeys: [] }
        ),
        async (user) => {
          const access = await readAccess(written(user), parse, credentials([]), wire).catch(
            (error: unknown) => {
              expect(error).toBeInstanceOf(Problem)
              return undefined
            }
          )
          if (!access) return
          expect(user.exec ?? undefined).toBeUndefined()
          const allowed = ['name', 'token', 'certData', 'keyData', 'username', 'password', 'impersonateUser']
          expect(Object.keys(access.user).filter((key) => !allowed.includes(key))).toEqual([])
        }
      ),
      { numRuns: 300 }
    ))

  test('of ARM names no file, and may name any server', async () => {
    const kubelogin = { exec: { command: 'kubelogin', args: ['get-token'] } }
    const arm = { ...written(kubelogin), from: 'ARM' } as const
    expect((await readAccess(arm, parse, credentials([]), wire)).user.token).toBe(TOKEN)
    await expect(readAccess(written(kubelogin), parse, credentials([]), wire)).rejects.toThrow(
      'not an API server of AKS'
    )
    const reads = { ...written({ tokenFile: '/etc/hostname' }), from: 'ARM' } as const
    await expect(readAccess(reads, parse, credentials([]), wire)).rejects.toThrow('/etc/hostname')
  })

  test.each([
    'http://cluster.example',
    'https://u:p@cluster.example',
    'https://cluster.example/?x',
    'cluster.example'
  ])('must not name the server %s', async (server) => {
    const access = readAccess(written({ token: TOKEN }, { server }), parse, credentials([]), wire)
    await expect(access).rejects.toThrow('The server in the kubeconfig')
  })

  const AKS_SERVER = { server: 'https://x.hcp.westeurope.azmk8s.io' }
  test.each([
    ['a token', { token: TOKEN }, {}],
    ['kubelogin', { exec: { command: 'kubelogin', args: ['get-token'] } }, AKS_SERVER]
  ])('impersonation is kept, also with %s', async (_login, user, cluster) => {
    const as = async (more: object) =>
      (await readAccess(written({ ...user, ...more }, cluster), parse, credentials([]), wire)).user
    expect(await as({ as: 'reader' })).toMatchObject({ token: TOKEN, impersonateUser: 'reader' })
    expect(await as({ as: '', 'as-groups': [] })).not.toHaveProperty('impersonateUser')
    for (const more of [{ 'as-groups': ['g'] }, { 'as-uid': '1' }, { 'as-user-extra': { a: ['b'] } }])
      await expect(as({ as: 'reader', ...more })).rejects.toThrow('The kubeconfig impersonates by ')
    await expect(as({ as: 'a\r\nx-evil: 1' })).rejects.toThrow(Problem)
  })

  test.each([
    ['socks5://proxy.example:1080', true],
    ['http://proxy.example:3128', true],
    ['ftp://proxy.example', false],
    ['file:///etc/passwd', false],
    ['proxy.example', false]
  ])('may name a proxy: %s, %s', async (url, usable) => {
    const masked: string[] = []
    const [scheme, rest] = url.includes('//') ? url.split('//') : ['', url]
    const full = `${scheme ?? ''}//me:proxy-pass-word@${rest ?? ''}`
    const access = readAccess(
      written({ token: TOKEN }, { 'proxy-url': full }),
      parse,
      credentials(masked),
      wire
    )
    if (usable) expect((await access).cluster.proxyUrl).toBe(full)
    else
      await expect(access).rejects.toThrow(
        /^The kubeconfig cannot be read: its proxy-url is not the URL of [^@]*$/
      )
    expect(masked).toContain('proxy-pass-word')
  })

  describe('certificates are looked at before the first request: a wrong one looks like a cluster that does not answer', () => {
    const base64 = (text: string): string => Buffer.from(text).toString('base64')
    const damaged = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
    const made = Promise.all(['one', 'two'].map((name) => makeCertificateFor(`${name}.example`)))

    test.each([
      ['no PEM', () => 'garbage', 'its certificate authority is not a certificate in PEM'],
      ['a key', (_ca: string, key: string) => key, 'its certificate authority is not a certificate in PEM'],
      ['damaged', () => damaged, 'a certificate of its certificate authority is damaged'],
      ['the second damaged', (ca: string) => `${ca}${damaged}`, 'is damaged'],
      ['cut off', (ca: string) => ca.slice(0, ca.length / 2), 'is not a certificate in PEM'],
      ['with text around it', (ca: string) => `# ours\n${ca}\n${ca}`, undefined]
    ])('authority: %s', async (_what, change, refusal) => {
      const [one] = await made
      const data = base64(change(one?.ca ?? '', one?.tls.key ?? ''))
      const given = written({ token: TOKEN }, { 'certificate-authority-data': data })
      const access = readAccess(given, parse, credentials([]), wire)
      if (refusal === undefined) expect((await access).cluster.caData).toBe(data)
      else await expect(access).rejects.toThrow(refusal)
    })

    test.each([
      ['its own', (cert: string, key: string) => [cert, key], undefined],
      ['the key of another', (cert: string, _key: string, other: string) => [cert, other], 'are not a pair'],
      ['both no PEM', () => ['garbage', 'garbage'], 'are not a pair'],
      ['a damaged certificate', (_cert: string, key: string) => [damaged, key], 'are not a pair'],
      ['no key', (cert: string) => [cert, undefined], 'its client certificate has no client key'],
      ['no certificate', (_cert: string, key: string) => [undefined, key], 'has no client certificate']
    ])('login by certificate: %s', async (_what, change, refusal) => {
      const [one, two] = await made
      const [cert, key] = change(one?.tls.cert ?? '', one?.tls.key ?? '', two?.tls.key ?? '')
      const user = {
        ...(cert !== undefined && { 'client-certificate-data': base64(cert) }),
        ...(key !== undefined && { 'client-key-data': base64(key) })
      }
      const masked: string[] = []
      const access = readAccess(written(user), parse, credentials(masked), wire)
      if (refusal === undefined) expect((await access).user).toMatchObject({ certData: base64(cert ?? '') })
      else await expect(access).rejects.toThrow(refusal)
      if (key !== undefined) expect(masked).toContain(base64(key))
    })
  })

  test('has its secrets masked before its faults are reported', async () => {
    const masked: string[] = []
    const user = {
      token: TOKEN,
      password: 'pass-word',
      'client-key-data': Buffer.from('key').toString('base64')
    }
    const refused = readAccess(written(user, { server: 'http://x' }), parse, credentials(masked), wire)
    await expect(refused).rejects.toThrow(Problem)
    expect(masked).toEqual(expect.arrayContaining([TOKEN, 'pass-word', 'a2V5', 'key']))
  })
})

describe('the user part of a URL', () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9._~+-]{10,40}$/)
  test('is never shown, and masked, unless it is the organization', () => {
    fc.assert(
      fc.property(
        secret,
        fc.constantFrom('', 'me:', ':', 'contoso:'),
        fc.constantFrom('', ':x'),
        (word, before, after) => {
          for (const begin of [
            'https://',
            'HTTPS://',
            'https:\\\\',
            'https:/',
            'https:\\',
            'https:/\\',
            '//'
          ]) {
            const url = `${begin}${before}${word}${after}@dev.azure.com/contoso/shop/_git/app`
            expect(withoutCredentials(`see ${url}, please`)).not.toContain(word)
            expect(credentialsIn(url)).toContain(word)
          }
        }
      )
    )
  })

  test.each([
    'https://contoso@dev.azure.com/contoso/shop/_git/app',
    'https://CONTOSO@dev.azure.com/contoso/shop/_git/app',
    'https://cont%6fso@dev.azure.com/contoso/shop/_git/app',
    'https://contoso@contoso.visualstudio.com/shop/_git/app',
    'https://dev.azure.com/contoso/a@b/_git/app',
    'git@ssh.dev.azure.com:v3/contoso/shop/app'
  ])('%s holds none', (url) => {
    expect(withoutCredentials(url)).toBe(url)
    expect(credentialsIn(url)).toEqual([])
  })
})
