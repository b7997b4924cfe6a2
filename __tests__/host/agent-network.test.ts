/** What an agent was configured with becomes the network of the run, unless the job says otherwise. */
import { describe, expect, test } from '@jest/globals'
import { agentNetworkOf, networkOf, type AgentNetwork } from '../../src/host/agent-network.ts'

const NONE: AgentNetwork = {
  proxyUrl: undefined,
  proxyUsername: undefined,
  proxyPassword: undefined,
  bypass: [],
  authorities: undefined
}
const PROXY = { ...NONE, proxyUrl: 'http://proxy.corp.example:8080' }
const exceptionsFor = (bypass: readonly string[], environment = {}): string[] =>
  (networkOf({ ...PROXY, bypass }, environment).variables['NO_PROXY'] ?? '').split(',')

test('what the agent tells its tasks', () => {
  expect(agentNetworkOf({}, undefined)).toEqual(NONE)
  const environment = {
    AGENT_PROXYURL: 'http://proxy:1',
    AGENT_PROXYUSERNAME: 'me',
    AGENT_PROXYBYPASSLIST: '["a", 1, "b"]',
    AGENT_CAINFO: '/ca.pem'
  }
  expect(agentNetworkOf(environment, 'secret')).toEqual({
    proxyUrl: 'http://proxy:1',
    proxyUsername: 'me',
    proxyPassword: 'secret',
    bypass: ['a', 'b'],
    authorities: '/ca.pem'
  })
  for (const broken of ['', '{', '{"a":1}', 'null'])
    expect(agentNetworkOf({ AGENT_PROXYBYPASSLIST: broken }, undefined).bypass).toEqual([])
})

describe('the proxy of an agent', () => {
  test('is that of every client, in both spellings of what they read', () => {
    expect(networkOf(PROXY, {})).toEqual({
      variables: {
        HTTPS_PROXY: 'http://proxy.corp.example:8080',
        HTTP_PROXY: 'http://proxy.corp.example:8080',
        NO_PROXY: '',
        no_proxy: ''
      },
      secrets: []
    })
  })

  test('has its login in the URL, and the password is a secret in both forms', () => {
    const { variables, secrets } = networkOf(
      { ...PROXY, proxyUsername: 'DOMAIN\\agent', proxyPassword: 'p@ss:w/rd' },
      {}
    )
    const url = new URL(variables['HTTPS_PROXY'] ?? '')
    expect([url.host, decodeURIComponent(url.username), decodeURIComponent(url.password)]).toEqual([
      'proxy.corp.example:8080',
      'DOMAIN\\agent',
      'p@ss:w/rd'
    ])
    expect(secrets).toContain('p@ss:w/rd')
    expect(secrets.some((secret) => (variables['HTTPS_PROXY'] ?? '').includes(secret))).toBe(true)
  })

  test.each(['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'])('yields to %s of the job', (name) => {
    expect(networkOf(PROXY, { [name]: 'http://other' }).variables).toEqual({})
  })

  test.each(['', 'no url', undefined])('that is %j is none', (proxyUrl) => {
    expect(networkOf({ ...NONE, proxyUrl }, {}).variables).toEqual({})
  })
})

describe('what goes past the proxy', () => {
  test.each<[expression: string, hosts: readonly string[]]>([
    ['.*\\.corp\\.example$', ['.corp.example']],
    ['^https?://git\\.corp\\.example', ['git.corp.example']],
    ['aks\\.corp\\.example', ['aks.corp.example']],
    ['dev\\.azure\\.com', ['dev.azure.com', 'vssps.dev.azure.com', 'vsaex.dev.azure.com']],
    ['login|management', ['login.microsoftonline.com', 'management.azure.com']],
    ['(unclosed', ['']]
  ])('%s', (expression, hosts) => {
    expect(exceptionsFor([expression])).toEqual(expect.arrayContaining([...hosts]))
  })

  test('an expression for one host lets no other one past', () => {
    expect(exceptionsFor(['git\\.corp\\.example'])).toEqual(['git.corp.example'])
  })

  test('keeps what the job excepts, and knows the places that the environment names', () => {
    const environment = { NO_PROXY: '10.0.0.1', AZURE_DEVOPS_URL: 'https://devops.corp.example/x' }
    expect(exceptionsFor(['devops'], environment)).toEqual(['10.0.0.1', 'devops.corp.example'])
  })
})

test('the authorities of an agent are those of git, unless the job names others', () => {
  const agent = { ...NONE, authorities: '/agent/ca.pem' }
  expect(networkOf(agent, {}).variables).toEqual({ GIT_SSL_CAINFO: '/agent/ca.pem' })
  expect(networkOf(agent, { GIT_SSL_CAINFO: '/own.pem' }).variables).toEqual({})
})
