/** What a file of targets may say, and what is wrong with each line of one that may not. */
import { describe, expect, test } from '@jest/globals'
import { basename } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { InvalidInputs } from '../../src/config/inputs.ts'
import type { FileTarget } from '../../src/config/targets/target.ts'
import { inputsOf, readFleetFile, type Fleet } from '../../src/config/targets/targets.ts'
import { selectTargets } from '../../src/config/targets/select.ts'
import { treeOf } from '../../src/config/targets/yaml-tree.ts'
import { useTargetFiles } from './files.ts'

const write = useTargetFiles()
const APP = 'https://dev.azure.com/contoso/shop/_git/app'

const fleetOf = (text: string): Fleet => readFleetFile(new Map([['targets', write(text)]]), {}).fleet([])

/** Its faults, one line each, without the folder. */
function faultsOf(text: string): string[] {
  try {
    fleetOf(text)
  } catch (error) {
    if (error instanceof InvalidInputs)
      return error.faults.map(({ problem, remedy }) =>
        `${problem} ${remedy}`.replace(/^\S*?([^/]*):(?=\d)/, '')
      )
    throw error
  }
  return []
}

function targetOf(fleet: Fleet, name: string): FileTarget {
  const [target, ...others] = selectTargets(fleet, name)
  if (!target || others.length > 0) throw new Error(`${name} is not one target`)
  return target
}

function given(text: string, name: string, direct: Record<string, string> = {}): Record<string, string> {
  const fleet = fleetOf(text)
  return Object.fromEntries(inputsOf(fleet, targetOf(fleet, name), new Map(Object.entries(direct))).given)
}

const TWO = `
# yaml-language-server: $schema=../docs/targets.schema.json
defaults:
  access: repository
  verification-timeout: 120
  repository-url:
    - ${APP}
    - https://dev.azure.com/contoso/shop/_git/infra
targets:
  - cluster: aks-north
    resource-group: rg-north
  - name: south
    cluster: aks-south
    resource-group: rg-south
    access: ~
    configure-cluster: true
    repository-url: ${APP}
`

describe('clusters with repositories', () => {
  test('a target has the defaults and its own values over them, as text that a host would give', () => {
    expect(given(TWO, 'aks-north')).toEqual({
      cluster: 'aks-north',
      'resource-group': 'rg-north',
      access: 'repository',
      'verification-timeout': '120',
      'repository-url': `${APP}\nhttps://dev.azure.com/contoso/shop/_git/infra`
    })
    expect(given(TWO, 'south')).toEqual({
      cluster: 'aks-south',
      'resource-group': 'rg-south',
      access: '',
      'configure-cluster': 'true',
      'verification-timeout': '120',
      'repository-url': APP
    })
  })

  test('a target is named by its cluster, and found whatever the case', () => {
    const id =
      '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks-east'
    const fleet = fleetOf(`targets:\n  - cluster: ${id}\n    repository-url: ${APP}`)
    expect(targetOf(fleet, ' AKS-East ').name).toBe('aks-east')
  })

  test('what the mode does not use is left out, so one file is for all modes', () => {
    expect(given(TWO, 'south', { mode: 'audit' })).toEqual({
      mode: 'audit',
      cluster: 'aks-south',
      'resource-group': 'rg-south'
    })
  })

  test('the digest is of the values: comments and order of keys do not change it, anything else does', () => {
    const digest = (text: string): string => fleetOf(text).digest
    const one = `targets:\n  - cluster: a\n    access: repository\n    repository-url: ${APP}`
    expect(digest(one)).toMatch(/^[0-9a-f]{16}$/)
    expect(
      digest(`# new\ntargets:\n  - access: "repository"\n    repository-url: [${APP}]\n    cluster: a`)
    ).toBe(digest(one))
    expect(digest(one.replace('access: repository', 'access: project-readers'))).not.toBe(digest(one))
    expect(digest(one.replace('cluster: a', 'cluster: b'))).not.toBe(digest(one))
  })
})

describe('inputs beside the file', () => {
  test('count for the target where the file says nothing', () => {
    expect(given(TWO, 'south', { 'argocd-namespace': 'argo' })).toMatchObject({ 'argocd-namespace': 'argo' })
  })
  test('may say the same, or be the default that a host gives', () => {
    expect(
      given(TWO, 'aks-north', { access: 'project-readers', 'resource-group': 'rg-north' })
    ).toMatchObject({
      access: 'repository'
    })
  })
  test('that contradict it are refused, all of them, with the lines of the file', () => {
    expect(() => given(TWO, 'south', { cluster: 'aks-other', 'repository-url': `${APP}2` })).toThrow(
      /2 inputs are invalid[\s\S]*cluster: It contradicts line 13[\s\S]*repository-url: It contradicts line 17/
    )
  })
  test('a target that is not there is named, with those that are', () => {
    expect(() => targetOf(fleetOf(TWO), 'sooth')).toThrow(/no target "sooth"\. Choose aks-north, south\./)
    expect(selectTargets(fleetOf(TWO), ' ').map(({ name }) => name)).toEqual(['aks-north', 'south'])
    expect(selectTargets(fleetOf(TWO), 'south\nsouth\nAKS-NORTH').map(({ name }) => name)).toEqual([
      'aks-north',
      'south'
    ])
  })
})

describe('every fault at once, with its line', () => {
  test('of values, names, kinds and URLs', () => {
    const text = `defaults:
  verification: sometimes
  location: "?"
targets:
  - cluster: -x
  - cluster: aks
    repositry-url: ${APP}
    dry-run: [true]
    tags: {a: b}
    target: other
    name: batch-3
    repository-url: git@ssh.dev.azure.com:v3/contoso/shop/app
  - resource-group: rg
  - plain
clusters: []
`
    expect(faultsOf(text)).toEqual([
      expect.stringMatching(/^2: verification: "sometimes" is not one of the choices\./),
      expect.stringMatching(/^3: location: "\?" is not an Azure region\./),
      expect.stringMatching(/^5: cluster: "-x" is not a valid name/),
      expect.stringMatching(/^5: "-x" cannot be the name of a target\./),
      expect.stringMatching(/^7: repositry-url: There is no such input\. Did you mean repository-url\?/),
      expect.stringMatching(/^8: dry-run is not a single value\./),
      expect.stringMatching(/^9: tags is not a text or a list of texts\./),
      expect.stringMatching(/^10: target is of a whole run, not of a target\./),
      expect.stringMatching(/^11: "batch-3" is the name of a batch\./),
      expect.stringMatching(/^12: repository-url: .*SSH/i),
      expect.stringMatching(/^13: This target has no cluster\./),
      expect.stringMatching(/^14: This target is not a mapping\./),
      expect.stringMatching(/^15: "clusters" is unknown here\./)
    ])
  })

  test.each([
    ['no YAML', 'targets:\n  - cluster: "aks\n', /: This is not YAML: /],
    ['a tab', 'targets:\n\t- cluster: a', /2: This is not YAML: tab characters/],
    ['two documents', 'targets: []\n---\ntargets: []', /several documents/],
    ['nothing', '', /does not name targets/],
    ['a list', '- cluster: a', /does not name targets/],
    ['no targets', 'defaults: {access: repository}', /There is no list of targets/],
    ['an empty list', 'targets: []', /1: There is no list of targets/],
    ['a key twice', 'targets:\n  - cluster: a\n    cluster: b', /3: "cluster" is there twice; line 2 has it/],
    ['an alias', 'a: &x {access: repository}\ntargets:\n  - <<: *x', /3: There is an alias/],
    ['a tag', 'targets:\n  - cluster: !!binary aGk=', /2: There is a tag/],
    ['an expression', 'targets:\n  - cluster: ${{ vars.CLUSTER }}', /2: cluster: It still contains/]
  ])('%s', (_what, text, expected) => {
    expect(faultsOf(text).join('\n')).toMatch(expected)
  })

  test('a bomb of aliases is refused in no time', () => {
    const levels = Array.from({ length: 9 }, (_none, at) => {
      const alias = at === 0 ? 'x' : `*a${at - 1}`
      return `a${at}: &a${at} [${Array.from({ length: 9 }, () => alias).join(', ')}]`
    })
    const started = performance.now()
    expect(faultsOf(levels.join('\n'))[0]).toMatch(/There is an anchor/)
    expect(performance.now() - started).toBeLessThan(1_000)
  })

  test('a thousand faulty lines are a message that somebody can read', () => {
    const lines = Array.from({ length: 1_000 }, (_none, at) => `  - {cluster: a${at}, access: all}`)
    const faults = faultsOf(`targets:\n${lines.join('\n')}`)
    expect(faults).toHaveLength(41)
    expect(faults.at(-1)).toMatch(/^960 more lines are faulty/)
  })

  test('a file that is none is named', () => {
    for (const path of ['/nowhere/targets.yaml', '/dev/zero', '/tmp'])
      expect(() => readFleetFile(new Map([['targets', path]]), {})).toThrow(`The file ${path} `)
  })

  test('a credential in a URL is masked, and in no message', () => {
    const text = `targets:\n  - cluster: a\n    repository-url: https://me:pat-of-52-letters@dev.azure.com/contoso/shop/_git/app`
    try {
      fleetOf(text)
      throw new Error('it is accepted')
    } catch (error) {
      if (!(error instanceof InvalidInputs)) throw error
      expect(error.message).not.toContain('pat-of-52-letters')
      expect(error.secrets).toContain('pat-of-52-letters')
    }
  })

  test('no text makes it fail otherwise', () => {
    const piece = fc.constantFrom(
      'targets',
      'defaults',
      ':',
      ' ',
      '\n',
      '- ',
      '[',
      '{',
      '}',
      '"',
      '&a',
      '*a',
      '!t',
      'x',
      '#',
      '|',
      '~',
      ',',
      '? ',
      '%',
      '\t'
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const faults: number[] = []
        treeOf(pieces.join(''), (line) => faults.push(line))
        expect(faults.every((line) => line >= 1)).toBe(true)
      })
    )
  })
})

describe('targets in conflict', () => {
  const pair = (one: string, other: string, defaults = ''): string[] =>
    faultsOf(`defaults: {repository-url: ${APP}${defaults}}\ntargets:\n  - {${one}}\n  - {${other}}`)

  test('the same name twice', () => {
    expect(pair('name: north, cluster: a', 'name: North, cluster: b')).toEqual([
      expect.stringMatching(/^4: The target North is there twice; line 3 has it, too\./)
    ])
  })

  test('two targets that would write one Secret, with its URL', () => {
    expect(
      pair(
        'name: x, cluster: a, resource-group: rg, argocd-namespace: argocd',
        `name: y, cluster: A, resource-group: RG, argocd-namespace: argocd, repository-url: ${APP.replace('app', 'App')}`
      )
    ).toEqual([
      expect.stringMatching(
        /^4: y and x \(line 3\) are for the same Argo CD: they would write the same Secret, for .*_git\/app\. Write one target/
      )
    ])
  })

  test('a cluster by its id and by its name is one', () => {
    const id =
      '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/a'
    expect(pair('name: x, cluster: a, resource-group: rg', `name: y, cluster: ${id}`)).toHaveLength(1)
  })

  test('templates of one project', () => {
    expect(
      pair(
        'name: x, cluster: a, argocd-namespace: n',
        `name: y, cluster: a, argocd-namespace: n, repository-url: ${APP}2`,
        ', connection: template'
      ).join()
    ).toMatch(/the same Secret, for contoso\/shop/)
  })

  test('other URLs are in conflict, too: there is one identity', () => {
    expect(pair('name: x, cluster: a', `name: y, cluster: a, repository-url: ${APP}2`)).toEqual([
      expect.stringMatching(
        /may be for the same Argo CD: its repo-server has only one identity\..*give each of them resource-group or argocd-namespace/
      )
    ])
  })

  test.each([
    ['resource groups', 'resource-group: r1', 'resource-group: r2'],
    ['namespaces', 'argocd-namespace: n1', 'argocd-namespace: n2'],
    [
      'subscriptions',
      'subscription-id: 11111111-2222-3333-4444-555555555555',
      'subscription-id: 21111111-2222-3333-4444-555555555555'
    ]
  ])('two %s are two', (_what, one, other) => {
    expect(pair(`name: x, cluster: a, ${one}`, `name: y, cluster: a, ${other}`)).toEqual([])
  })
})

describe('the JSON Schema, from which editors complete', () => {
  const ajv = new Ajv2020({ allowUnionTypes: true })
  const validate = ajv.compile(JSON.parse(readFileSync('docs/targets.schema.json', 'utf8')) as object)

  test('accepts what the parser accepts', () => {
    expect([validate(parse(TWO)), validate.errors]).toEqual([true, null])
  })

  test.each([
    ['an unknown name', 'targets: [{cluster: a, clusters: b}]'],
    ['an unknown choice', 'targets: [{cluster: a, access: all}]'],
    ['an input of the run', 'targets: [{cluster: a, mode: check}]'],
    ['no targets', 'defaults: {}']
  ])('marks %s, as the parser does', (_what, text) => {
    expect(validate(parse(text))).toBe(false)
    expect(faultsOf(text)).not.toEqual([])
  })
})

test('the file of the message is the one that was given', () => {
  const path = write('targets: []')
  expect(() => readFleetFile(new Map([['targets', path]]), {})).toThrow(basename(path))
})
