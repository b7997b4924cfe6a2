/** Behind a proxy all clients use it, or the run stops before its first request. */
import { afterEach, describe, expect, test } from '@jest/globals'
import { Problem } from '../../src/core/finding.ts'
import { useProxies } from '../../src/http/proxy.ts'

const PROXY = { HTTPS_PROXY: 'http://proxy:8080' }
const before = { ...process.env }
afterEach(() => {
  for (const name of ['NODE_USE_ENV_PROXY', 'HTTPS_PROXY']) {
    if (before[name] === undefined) Reflect.deleteProperty(process.env, name)
    else process.env[name] = before[name]
  }
})

test('a Node that can is told', () => {
  const told: unknown[] = []
  useProxies(PROXY, (environment) => told.push(environment))
  expect(told).toEqual([PROXY])
})

describe('a Node that cannot, of Node 24.10 for one,', () => {
  const run = (environment: NodeJS.ProcessEnv, version = '24.10.0') => {
    useProxies(environment, null, version)
  }

  test.each(['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'])('stops the run for %s', (name) => {
    expect(() => {
      run({ [name]: 'http://proxy:8080' })
    }).toThrow(Problem)
    expect(() => {
      run({ [name]: 'http://proxy:8080' })
    }).toThrow(
      `There is a proxy (${name}), which this Node does not use by itself; nothing was sent past it.`
    )
  })

  test.each([{}, { HTTPS_PROXY: '' }, { ...PROXY, NO_PROXY: '*' }, { ...PROXY, no_proxy: ' * ' }])(
    'goes on with %j',
    (environment) => {
      run(environment)
    }
  )

  test.each<[version: string, obeys: boolean]>([
    ['20.20.2', false],
    ['22.20.0', false],
    ['22.21.0', true],
    ['23.11.0', false],
    ['24.4.1', false],
    ['24.5.0', true],
    ['24.13.0', true],
    ['26.0.0', true]
  ])('goes on when Node %s was started with NODE_USE_ENV_PROXY: %j', (version, obeys) => {
    process.env['NODE_USE_ENV_PROXY'] = '1'
    process.env['HTTPS_PROXY'] = PROXY.HTTPS_PROXY
    const attempt = () => {
      run(PROXY, version)
    }
    if (obeys) attempt()
    else expect(attempt).toThrow(Problem)
  })

  test('stops for a proxy that came after the start of Node', () => {
    process.env['NODE_USE_ENV_PROXY'] = '1'
    Reflect.deleteProperty(process.env, 'HTTPS_PROXY')
    expect(() => {
      run(PROXY, '24.13.0')
    }).toThrow(Problem)
  })
})
