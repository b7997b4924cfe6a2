/** What a complaint of Argo CD concerns, where the phase alone does not decide: the login, a limit, the content. */
import { describe, expect, test } from '@jest/globals'
import { ApplicationProblem, type About } from '../../src/diagnosis/argocd-conditions.ts'
import { unquoted } from '../../src/diagnosis/argocd-phases.ts'

const APPLICATION = { namespace: 'argocd', name: 'app', project: 'team' }
const OURS = { isSource: () => true, isUrl: (url: string) => url === 'https://x/ours' }
const SOURCE = 'Failed to load target state: failed to generate manifest for source 1 of 1: '

const complaint = (text: string): ApplicationProblem =>
  new ApplicationProblem(APPLICATION, { message: SOURCE + text }, OURS)
const about = (text: string): About => complaint(text).about

test('a complaint names its Application, and a command that shows it', () => {
  const problem = complaint('etwas Neues')
  expect(problem).toMatchObject({
    name: 'ApplicationProblem',
    about: 'unknown',
    complaint: { phase: 'unknown', application: APPLICATION, whole: 'etwas Neues' }
  })
  expect(problem.facts).toEqual({
    id: 'argocd/complaint',
    summary: "Argo CD's Application argocd/app reports: etwas Neues",
    remedy: 'read its conditions',
    command: 'kubectl -n argocd describe application app'
  })
})

describe('what is missing inside the repository says that its refs were read', () => {
  test.each([
    'failed to list refs: remote repository is empty',
    "unable to resolve 'main' to a commit SHA",
    'unable to resolve   main-2   to a commit SHA',
    'failed to list refs: revision not found'
  ])('%s', (text) => {
    expect(about(text)).toBe('application')
    expect(about(`unable to ls-remote "${text}"`)).toBe('repository')
  })

  test.each([
    'AADSTS700213: x',
    '"AADSTS700213"',
    'WorkloadIdentityCredential: x',
    'EnvironmentCredential authentication failed',
    'no client ID specified',
    'no tenant ID specified',
    'context deadline exceeded',
    'DeadlineExceeded',
    'i/o timeout',
    'dial tcp 1.2.3.4:443',
    'x509: certificate signed by unknown authority',
    'could not read Username for',
    'could not read Password for'
  ])('but not when the login or the network failed: %s', (sign) => {
    expect(about(`failed to list refs: revision not found, ${sign}`)).toBe('repository')
  })

  test.each([
    "'dial tcp'",
    '"x509"',
    '`i/o timeout`',
    'https://x/DeadlineExceeded',
    'http://x/x509',
    'AADSTS-branch',
    'Credential',
    'no ID specified'
  ])('names mean nothing: %s', (name) => {
    expect(about(`failed to list refs: revision not found, ${name}`)).toBe('application')
  })
})

describe('a limit says nothing about the access', () => {
  test.each([
    'TF400733: The request has been canceled',
    'status code: 429',
    'status code 429',
    'error: 429',
    'statusCode: 429'
  ])('%s', (text) => {
    expect(about(`failed to list refs: ${text}`)).toBe('unknown')
  })

  test.each(['status code: 4290', 'port: 429', 'status code: 403', 'TF400734'])('near miss: %s', (text) => {
    expect(about(`failed to list refs: ${text}`)).toBe('repository')
  })

  test('and one in the content is about the content', () => {
    expect(about('Manifest generation error (cached): status code: 429')).toBe('application')
  })
})

describe('a probe has one source and renders nothing', () => {
  const probed = (message: string, type?: string): About =>
    new ApplicationProblem(APPLICATION, type === undefined ? { message } : { type, message }).about

  test.each<[string, string | undefined, About]>([
    ['etwas Neues', undefined, 'repository'],
    ['etwas Neues', 'ComparisonError', 'repository'],
    ['etwas Neues', 'UnknownError', 'unknown'],
    ['remote repository is empty', undefined, 'application'],
    [`${SOURCE}failed to list refs: x`, undefined, 'repository'],
    [`${SOURCE}app path does not exist`, undefined, 'repository'],
    ['Failed to load live state: x', undefined, 'cluster'],
    ["application repo https://x is not permitted in project 'team'", 'InvalidSpecError', 'project']
  ])('%s, %s: %s', (message, type, what) => {
    expect(probed(message, type)).toBe(what)
  })

  test('an Application may have several', () => {
    const problem = new ApplicationProblem(APPLICATION, { message: 'etwas Neues' }, OURS)
    expect(problem.about).toBe('unknown')
  })
})

test('quotes and URLs are names', () => {
  expect(unquoted('a "b c" d `e f` g \'h i\' j https://k/l m http://n o')).toBe('a   d   g   j   m   o')
  expect(unquoted('"" `` \'\' a"b')).toBe('      a"b')
  expect(unquoted('"1"2"3"')).toBe(' 2 ')
})
