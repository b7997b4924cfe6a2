/** How the rules read a failure and write commands. */
import { describe, expect, test } from '@jest/globals'
import type { Failure } from '../../src/core/answered.ts'
import { diagnose, isAboutAnswer, judgeAnswer, PARTS } from '../../src/diagnosis/judge.ts'
import { LINKS } from '../../src/diagnosis/rule.ts'
import { RULES } from '../../src/diagnosis/registry.ts'
import {
  difference,
  hasCode,
  isEntra,
  isSsh,
  known,
  matched,
  ofExtension,
  ofIdentity,
  organizationOf,
  organizationPage,
  projectPage,
  shown,
  trustCommand,
  writtenBy
} from '../../src/diagnosis/words.ts'

const failure = (code: string | undefined, request = 'GET /x'): Failure => ({
  ...{ service: 'Entra', request, status: 400, code, detail: 'x', whole: 'x' }
})

test('a code is compared whole', () => {
  expect(hasCode(failure('A'), 'B', 'A')).toBe(true)
  expect(hasCode(failure('AB'), 'A')).toBe(false)
  expect(hasCode(failure(undefined), 'undefined')).toBe(false)
  expect(isEntra(failure('AADSTS700213'), 70021, 700213)).toBe(true)
  expect(isEntra(failure('AADSTS700213'), 70021)).toBe(false)
  expect(isEntra(failure(undefined), 70021)).toBe(false)
})

test('a finding is made only of what was found', () => {
  expect(matched('')).toBe('')
  expect(() => {
    matched(undefined)
  }).toThrow('without its fact')
})

describe('names in commands', () => {
  test('that are not known are placeholders that no shell acts on', () => {
    expect([known('a b', 'x'), known('', 'x'), known(undefined, 'x')]).toEqual(["'a b'", "'<x>'", "'<x>'"])
    expect(ofExtension({}, '')).toBe(
      "-g '<resource group>' -c '<cluster>' -t managedClusters -n '<extension>'"
    )
  })

  test('an identity may be in another group and another subscription', () => {
    const names = { identity: 'id', resourceGroup: 'rg' }
    expect(ofIdentity(names)).toBe('-g rg -n id')
    expect(ofIdentity({ ...names, identityResourceGroup: 'rg-id' }, '--identity-name')).toBe(
      '-g rg-id --identity-name id'
    )
    expect(ofIdentity({ ...names, subscriptionId: 's', identitySubscriptionId: 's' })).toBe('-g rg -n id')
    expect(ofIdentity({ ...names, subscriptionId: 's', identitySubscriptionId: 't' })).toBe(
      '-g rg -n id --subscription t'
    )
  })

  test('a credential has all that Entra compares', () => {
    const token = { issuer: 'https://i/', subject: 'system:x', audience: 'a' }
    expect(trustCommand('update', undefined, { token, audience: 'a' }, { identity: 'id' })).toBe(
      "az identity federated-credential update -g '<resource group>' --identity-name id -n '<name>' --issuer https://i/ --subject system:x --audiences a"
    )
  })
})

test.each([
  ['GET /contoso/_apis/git', 'contoso'],
  ['GET /contoso/My%20Project/_apis/git', 'contoso'],
  ['GET /contoso/a/b/_apis/git', 'fallback'],
  ['GET /_apis/x', 'fallback'],
  ['the login', 'fallback']
])('the organization of %s is %s', (request, organization) => {
  expect(organizationOf(failure('x', request), { organization: 'fallback' })).toBe(organization)
})

test('pages of a portal have their names encoded', () => {
  const repositories = [{ url: 'https://x', project: 'My Project', repository: 'r' }]
  expect(organizationPage({ organization: 'a b' }, 'users')).toBe(
    'https://dev.azure.com/a%20b/_settings/users'
  )
  expect(projectPage({ organization: 'c', repositories }, 'p')).toBe(
    'https://dev.azure.com/c/My%20Project/_settings/p'
  )
})

test('who writes an object is said once', () => {
  expect(writtenBy([], undefined)).toBe('')
  expect(writtenBy(['Helm', 'Argo CD'], 'Helm')).toBe(
    ' It is made by Helm and Argo CD, which may revert a change.'
  )
  expect(writtenBy(['Helm'], 'kubectl')).toMatch(/revert a change\. Last written there by kubectl\.$/)
  expect(writtenBy([], 'kubectl')).toBe(' Last written there by kubectl.')
})

test.each([
  ['abc', 'abd', 'they differ from character 3 on: "c" expected, "d" found'],
  ['abc', 'ab', 'they differ from character 3 on: "c" expected, the end found'],
  ['ab', 'abc', 'they differ from character 3 on: the end expected, "c" found'],
  ['', 'x', 'they differ from character 1 on: the end expected, "x" found'],
  ['same', 'same', 'they differ from character 5 on: the end expected, the end found'],
  [`a${'b'.repeat(30)}`, 'ac', `they differ from character 2 on: "${'b'.repeat(20)}" expected, "c" found`]
])('%s and %s', (expected, actual, text) => {
  expect(difference(expected, actual)).toBe(text)
})

test('a complaint is shown from where its deciding words are, when they are far behind', () => {
  const complaint = (whole: string) => ({ phase: 'reading' as const, application: APPLICATION, whole })
  expect(shown(complaint(`${'a'.repeat(299)}x509`), /x509/)).toBe(`${'a'.repeat(299)}x509`)
  expect(shown(complaint(`${'a'.repeat(300)}x509`), /x509/)).toBe('… x509')
  expect(shown(complaint('b x509'))).toBe('b x509')
  expect(shown(complaint('b'), /x509/)).toBe('b')
})
const APPLICATION = { namespace: 'argocd', name: 'app', project: 'default' }

test.each([
  ['ssh://git@ssh.dev.azure.com/v3/o/p/r', true],
  ['SSH://x', true],
  ['git@ssh.dev.azure.com:v3/o/p/r', true],
  ['contoso.x-1@vs-ssh.visualstudio.com:v3/o/p/r', true],
  ['https://ssh:x@dev.azure.com/o/p/_git/r', false],
  ['https://git@dev.azure.com/o/p/_git/r', false],
  ['xssh:', false]
])('%s is for the SSH client: %s', (url, is) => {
  expect(isSsh(url)).toBe(is)
})

describe('what Entra said to Argo CD', () => {
  const said = (whole: string, phase: 'reading' | 'application' = 'reading') =>
    judgeAnswer({ complaint: { phase, application: APPLICATION, whole } }, {})
  const text = 'failed to list refs: AADSTS700213: No matching record.\\r\\nTrace ID: 1'

  test('is judged as an answer of Entra, without its number and what is for its operators', () => {
    expect(said(text)).toMatchObject({ id: 'entra/subject-unknown', code: 'AADSTS700213' })
  })

  test.each([
    ['AADSTS700213: No matching record.\\r\\nTrace ID: 1', 'No matching record.'],
    ['AADSTS700213:No matching record.', 'No matching record.'],
    ['AADSTS700213 see AADSTS1: a\\n b\\r\\n', 'see AADSTS1: a\\n b']
  ])('%s', (whole, sentence) => {
    expect(said(`failed to list refs: ${whole}`)?.summary).toBe(
      `Argo CD gets no token. Entra finds no federated credential with the repo-server's subject. ${sentence}`
    )
  })

  test('is shown as it is when nobody knows its number', () => {
    expect(said('AADSTS999999: new')).toMatchObject({ id: 'entra/refused', code: 'AADSTS999999' })
  })

  test('counts only while Argo CD reads', () => {
    expect(said(text, 'application')?.id).toBe('argocd/manifests-fail')
  })

  test.each([
    'EnvironmentCredential authentication failed',
    'EnvironmentCredential: ClientSecretCredential authentication failed'
  ])('is about the client secret where that comes first: %s', (first) => {
    expect(said(`${first}: ${text}`)?.id).toBe('workload/client-secret-wins')
    expect(said(`EnvironmentCredential: incomplete; ${text}`)?.id).toBe('entra/subject-unknown')
  })

  test('no rule is no finding', () => {
    const failed = { service: 'Gitea', request: 'x', status: 418, code: undefined, detail: '', whole: '' }
    expect(judgeAnswer({ failure: failed }, {})).toBeUndefined()
    expect(
      judgeAnswer({ complaint: { phase: 'reading', application: APPLICATION, whole: '' } }, {})?.id
    ).toBe('argocd/cannot-read')
  })
})

test('the earliest place of the chain comes first, whatever the order of the rules', () => {
  const evidence = Object.assign(
    {},
    ...RULES.flatMap(({ examples }) => examples.slice(0, 1)).toReversed()
  ) as Parameters<typeof diagnose>[0]
  const links = diagnose(evidence).map(({ rule }) => LINKS.indexOf(rule.link))
  expect(new Set(links).size).toBeGreaterThan(3)
  expect(links).toEqual(links.toSorted((one, other) => one - other))
})

test('a rule is about an answer when it needs that one and nothing else', () => {
  const of = (...needs: (typeof RULES)[number]['needs']) =>
    RULES.filter((rule) => rule.needs.join() === needs.join()).map(isAboutAnswer)
  expect(new Set(of('failure'))).toEqual(new Set([true]))
  expect(new Set(of('workload'))).toEqual(new Set([false]))
  expect(new Set(of('trust', 'failure'))).toEqual(new Set([false]))
  // What a diagnosis has to read: the answers alone are there already.
  for (const part of ['trust', 'workload', 'connections', 'clocks'] as const) expect(PARTS).toContain(part)
  expect(PARTS).not.toContain('git')
})
