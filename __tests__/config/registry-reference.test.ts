/** The lines of `registries`: what is accepted, and every other with its remedy. */
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { InvalidRegistry, parseRegistry } from '../../src/config/registry-reference.ts'
import { parseRegistries } from '../../src/config/registry-rules.ts'

const ID =
  '/subscriptions/9b0c7f7e-2d61-4c53-8a11-6f2f0c3a7d03/resourceGroups/rg-shared/providers/Microsoft.ContainerRegistry/registries/contoso'

describe('a line', () => {
  test.each([
    ['contoso.azurecr.io', { host: 'contoso.azurecr.io', url: 'contoso.azurecr.io' }],
    ['Contoso.AzureCR.io', { host: 'contoso.azurecr.io', url: 'contoso.azurecr.io' }],
    [
      'contoso-b7f2h9abc.azurecr.io',
      { host: 'contoso-b7f2h9abc.azurecr.io', url: 'contoso-b7f2h9abc.azurecr.io' }
    ],
    ['contoso.azurecr.io/charts', { host: 'contoso.azurecr.io', url: 'contoso.azurecr.io/charts' }],
    [
      'contoso.azurecr.io/a/b_c/app:1.2.3+build.4',
      {
        host: 'contoso.azurecr.io',
        url: 'contoso.azurecr.io/a/b_c',
        chart: { path: 'a/b_c/app', version: '1.2.3+build.4' }
      }
    ],
    [
      'contoso.azurecr.io/app:1.0.0',
      { host: 'contoso.azurecr.io', url: 'contoso.azurecr.io', chart: { path: 'app', version: '1.0.0' } }
    ],
    [ID, { host: 'contoso.azurecr.io', url: 'contoso.azurecr.io', id: ID }],
    [
      `contoso.azurecr.io/charts   ${ID}`,
      { host: 'contoso.azurecr.io', url: 'contoso.azurecr.io/charts', id: ID }
    ]
  ])('%s', (line, expected) => {
    expect(parseRegistry(line)).toEqual(expected)
  })

  test.each([
    ['oci://contoso.azurecr.io/charts', /#26045/, /Leave out oci:/],
    ['https://contoso.azurecr.io', /has a scheme/, /Leave it out/],
    ['contoso.azurecr.cn/charts', /Azure China/, /az acr import/],
    ['contoso.azurecr.us', /Azure Government/, /az acr import/],
    ['ghcr.io/contoso/charts', /not a registry of Azure/, /contoso\.azurecr\.io/],
    ['contoso.azurecr.io.evil.example', /not a registry of Azure/, /contoso\.azurecr\.io/],
    ['evil.example/contoso.azurecr.io', /not a registry of Azure/, /contoso\.azurecr\.io/],
    ['contoso.azurecr.io@evil.example/charts', /not a registry of Azure/, /contoso\.azurecr\.io/],
    ['user:secret@contoso.azurecr.io', /not a registry of Azure/, /contoso\.azurecr\.io/],
    ['contoso.azurecr.io:5000/charts', /not a registry of Azure/, /contoso\.azurecr\.io/],
    ['contoso.westeurope.data.azurecr.io', /not the login server|not a registry/, /contoso\.azurecr\.io/],
    ['contoso.privatelink.azurecr.io', /not the login server/, /contoso\.azurecr\.io/],
    ['abcd.azurecr.io', /not a registry of Azure/, /contoso\.azurecr\.io/],
    ['contoso.azurecr.io/', /ends with a slash/, /Leave it out/],
    ['contoso.azurecr.io/Charts', /capital letters/, /have none/],
    ['contoso.azurecr.io/../x', /not a path/, /Write e\.g\./],
    ['contoso.azurecr.io/a?b=c', /not a path/, /Write e\.g\./],
    ['contoso.azurecr.io/app:', /no version/, /Write e\.g\./],
    ['contoso.azurecr.io/app:1:2', /no version/, /Write e\.g\./],
    ['contoso.azurecr.io/app@sha256:00', /not a path/, /Write e\.g\./],
    ['contoso.azurecr.io rg-shared', /not the resource id/, /az acr show/],
    [`contoso.azurecr.io ${ID}/tasks/x`, /not the resource id/, /az acr show/],
    [`contoso.azurecr.io ${ID} more`, /more than two words/, /Write e\.g\./]
  ])('%s is refused', (line, problem, remedy) => {
    const parse = (): unknown => parseRegistry(line)
    expect(parse).toThrow(InvalidRegistry)
    try {
      parse()
    } catch (error) {
      expect((error as InvalidRegistry).problem).toMatch(problem)
      expect((error as InvalidRegistry).remedy).toMatch(remedy)
    }
  })

  test('whatever the text is: a login server of Azure, or a refusal', () => {
    const part = fc.stringMatching(/^[a-zA-Z0-9./:@?#%+_~ -]{0,20}$/)
    const line = fc
      .tuple(part, fc.constantFrom('', '.azurecr.io', '.azurecr.cn'), part)
      .map((all) => all.join(''))
    fc.assert(
      fc.property(line, (text) => {
        try {
          const { host, url } = parseRegistry(text)
          expect(new URL(`https://${url}/v2/`).host).toBe(host)
          expect(host).toMatch(/^[a-z0-9-]+\.azurecr\.io$/)
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidRegistry)
        }
      })
    )
  })
})

test('all faults are named at once, and what is given twice counts once', () => {
  const faults: string[] = []
  const lines = [
    'contoso.azurecr.io/charts',
    'docker.io/x',
    'contoso.azurecr.io/charts',
    `contoso.azurecr.io ${ID}`
  ]
  const found = parseRegistries(
    [...lines, `contoso.azurecr.io ${ID}2`, 'oci://contoso.azurecr.io'],
    (_input, problem) => {
      faults.push(problem)
    }
  )
  expect(found.map(({ url }) => url)).toEqual(['contoso.azurecr.io/charts', 'contoso.azurecr.io'])
  expect(faults).toEqual([
    expect.stringMatching(/^"docker\.io\/x"/),
    expect.stringMatching(/two resource ids/),
    expect.stringMatching(/type oci/)
  ])
})
