/** Codes and texts of the services, in the forms in which people meet them, and the rule that has to answer. */
import { describe, expect, test } from '@jest/globals'
import type { FindingId } from '../../src/core/finding-titles.ts'
import { ApplicationProblem } from '../../src/diagnosis/argocd-conditions.ts'
import { explain } from '../../src/diagnosis/explain.ts'
import { RULES } from '../../src/diagnosis/registry.ts'
import { HttpProblem } from '../../src/http/errors.ts'
import { refused, type Request } from '../../src/http/request.ts'
import { GitProblem } from '../../src/services/git/git.ts'

const APPLICATION = { namespace: 'argocd', name: 'app', project: 'default' }
const TARGET = 'Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code ='

const idOf = async (error: Error): Promise<string> => (await explain(error)).id
const ofArgocd = (text: string): Promise<string> =>
  idOf(new ApplicationProblem(APPLICATION, { message: `${TARGET} Unknown desc = ${text}` }))

/** Every number of Entra that a rule about one answer names, with its rule. */
const NUMBERS = RULES.filter(({ needs }) => needs.length === 1 && needs[0] === 'failure').flatMap((rule) =>
  rule.texts.filter((text) => /^AADSTS\d+$/.test(text)).map((code) => [code, rule.id] as const)
)

describe('numbers of Entra', () => {
  test('are 25 at least', () => {
    expect(new Set(NUMBERS.map(([code]) => code)).size).toBeGreaterThanOrEqual(25)
  })

  test.each(NUMBERS)('%s', async (code, id) => {
    const answer = { service: 'Entra', request: 'the token request', status: 401, code, detail: 'x' } as const
    expect(await idOf(new HttpProblem(answer))).toBe(id)
    const quoted = `WorkloadIdentityCredential authentication failed. \n\tPOST https://x/token\n\t{\n\t  "error_description": "${code}: x.\\r\\nTrace ID: 1"`
    expect(await ofArgocd(`failed to list refs: ${quoted}`)).toBe(id)
    // As a log wraps it.
    const wrapped = `${code.slice(0, 9)}\n\t${code.slice(9)}`
    expect(await ofArgocd(`failed to list refs: ${quoted.replace(code, wrapped)}`)).toBe(id)
  })

  test('that nobody knows are shown as they are', async () => {
    const answer = {
      service: 'Entra',
      request: 'x',
      status: 400,
      code: 'AADSTS999999',
      detail: 'new'
    } as const
    expect(await explain(new HttpProblem(answer))).toMatchObject({
      id: 'entra/refused',
      code: 'AADSTS999999'
    })
  })
})

const request = (service: Request['service'], url = 'https://dev.azure.com/contoso/_apis/x'): Request => ({
  service,
  method: 'GET',
  url
})
const answered = (service: Request['service'], status: number, body: unknown, type = 'application/json') =>
  idOf(
    refused(request(service), {
      status,
      headers: new Headers({ 'content-type': type }),
      json: typeof body === 'string' ? undefined : body,
      text: typeof body === 'string' ? body : JSON.stringify(body)
    })
  )

test.each<[string, number, unknown, FindingId]>([
  [
    'a policy, in an inner exception',
    403,
    {
      message: 'Access denied.',
      innerException: { message: 'VS403463: The conditional access policy has failed.' }
    },
    'azure-devops/conditional-access'
  ],
  [
    'the same, two levels down',
    401,
    { message: 'x', innerException: { message: 'y', innerException: { message: 'VS403559: blocked' } } },
    'azure-devops/conditional-access'
  ],
  [
    'a limit, in an inner exception',
    400,
    { message: 'x', innerException: { message: 'TF400733: The request has been canceled.' } },
    'azure-devops/throttled'
  ],
  [
    'a missing permission',
    403,
    { message: 'TF50309: The following account does not have sufficient permissions' },
    'azure-devops/right-missing'
  ],
  [
    'a permission of Git',
    400,
    { message: "TF401027: You need the Git 'ManagePermissions' permission" },
    'azure-devops/right-missing'
  ],
  [
    'an exception that holds itself',
    403,
    { message: 'x', innerException: { message: 'x', innerException: 'y' } },
    'azure-devops/right-missing'
  ]
])('Azure DevOps: %s', async (_what, status, body, id) => {
  expect(await answered('Azure DevOps', status, body)).toBe(id)
})

test.each<[string, number, string, FindingId]>([
  [
    'a page in German about a policy',
    401,
    '<html lang="de"><body><p>VS403463: Die Richtlinie für bedingten Zugriff ist fehlgeschlagen.</p></body></html>',
    'azure-devops/conditional-access'
  ],
  [
    'a page in German about a limit',
    503,
    '<html lang="de"><p>TF400733: Die Anforderung wurde abgebrochen.</p></html>',
    'azure-devops/throttled'
  ],
  [
    'a sign-in page in German',
    203,
    '<!DOCTYPE html><html lang="de"><title>Bei Ihrem Konto anmelden</title></html>',
    'azure-devops/login-refused'
  ],
  [
    'a sign-in page in Japanese',
    200,
    '<html lang="ja"><title>アカウントにサインイン</title></html>',
    'azure-devops/login-refused'
  ]
])('Azure DevOps: %s', async (_what, status, body, id) => {
  expect(await answered('Azure DevOps', status, body, 'text/html; charset=utf-8')).toBe(id)
})

test.each<[string, number, FindingId]>([
  ['RequestDisallowedByPolicy', 403, 'azure/policy'],
  ['ScopeLocked', 409, 'azure/locked'],
  ['QuotaExceeded', 409, 'azure/quota'],
  ['ResourceQuotaExceeded', 400, 'azure/quota'],
  ['LinkedAuthorizationFailed', 403, 'azure/linked-right-missing'],
  ['AuthorizationFailed', 403, 'azure/right-missing'],
  ['SubscriptionNotFound', 404, 'azure/subscription-unknown'],
  ['InvalidSubscriptionId', 400, 'azure/subscription-unknown'],
  ['MissingSubscriptionRegistration', 409, 'azure/provider-not-registered'],
  ['ResourceGroupNotFound', 404, 'azure/resource-group-unknown'],
  ['TooManyRequests', 429, 'azure/throttled'],
  ['OperationNotAllowed', 409, 'azure/busy'],
  ['ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity', 409, 'azure/busy']
])('ARM: %s', async (code, status, id) => {
  expect(await answered('ARM', status, { error: { code, message: 'Nicht zulässig.' } })).toBe(id)
})

test.each<[string, FindingId]>([
  ['remote: TF401019: Das Git-Repository ist nicht vorhanden.', 'azure-devops/repository-not-shown'],
  ['remote: TF401444: Please sign-in at least once', 'azure-devops/not-a-member'],
  ["remote: TF401027: You need the Git 'GenericRead' permission", 'azure-devops/read-not-granted'],
  ["remote: TF400813: The user '' is not authorized", 'azure-devops/forbidden'],
  ['remote: TF400733: Die Anforderung wurde abgebrochen', 'azure-devops/git-throttled'],
  ['fatal: unable to access: The requested URL returned error: 429', 'azure-devops/git-throttled'],
  ['fatal: unable to access: The requested URL returned error: 403', 'azure-devops/forbidden'],
  ['remote: VS403463: Die Richtlinie ist fehlgeschlagen', 'azure-devops/network-refused'],
  ['remote: VS403403: Cannot find any branches', 'azure-devops/repository-disabled'],
  ['fatal: unable to update url base from redirection', 'azure-devops/sign-in-page'],
  ["fatal: could not read Password for 'https://x': terminal prompts disabled", 'azure-devops/token-refused']
])('git: %s', async (stderr, id) => {
  expect(await idOf(new GitProblem('fetch', 128, stderr))).toBe(id)
})

test.each<[string, FindingId]>([
  ['failed to list refs: authentication required: Unauthorized', 'argocd/cannot-read'],
  [
    'failed to list refs: unexpected client error: unexpected requesting "x" status code: 429',
    'argocd/throttled'
  ],
  ['failed to list refs: authorization failed: VS403463: x', 'argocd/network-refused'],
  ['failed to list refs: repository not found', 'argocd/cannot-read'],
  [
    'failed to authenticate to git repository "https://x": no credentials matched this URL: https://x',
    'argocd/no-credentials-matched'
  ],
  ['failed to list refs: Get "https://x": dial tcp 1.2.3.4:443: i/o timeout', 'argocd/no-network'],
  [
    'failed to list refs: Get "https://x": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'argocd/certificate-untrusted'
  ],
  ["unable to resolve 'HEAD' to a commit SHA: revision not found", 'argocd/revision-missing'],
  ['failed to list refs: remote repository is empty', 'argocd/revision-missing'],
  [
    'Failed to fetch default: `git fetch origin` failed exit status 128: fatal: could not read Username',
    'argocd/fetch-fails'
  ],
  ['deploy: app path does not exist', 'argocd/manifests-fail'],
  ['Manifest generation error (cached): `helm template` failed', 'argocd/manifests-fail'],
  [
    "Manifest generation error (cached): `kustomize build x` failed: accumulating resources from 'https://x': git fetch",
    'argocd/remote-base-fails'
  ],
  ['WorkloadIdentityCredential: no client ID specified', 'workload/no-identity'],
  [
    'failed to list refs: EnvironmentCredential: ClientSecretCredential authentication failed. AADSTS7000222: x',
    'workload/client-secret-wins'
  ]
])('Argo CD: %s', async (text, id) => {
  expect(await ofArgocd(text)).toBe(id)
})

test.each<[string, string, FindingId]>([
  [
    'InvalidSpecError',
    "application repo https://x is not permitted in project 'default'",
    'argocd/project-forbids-repository'
  ],
  ['InvalidSpecError', 'Application referencing project x which does not exist', 'argocd/project-missing'],
  ['ComparisonError', 'Failed to load live state: failed to get cluster info', 'argocd/cluster-unreachable'],
  [
    'ComparisonError',
    'Failed to load target state: failed to list Helm repositories: x',
    'argocd/reads-nothing'
  ],
  ['ComparisonError', 'Failed to load target state: failed to get ref sources: x', 'argocd/other-source'],
  ['ComparisonError', 'etwas Neues', 'argocd/complaint']
])('Argo CD, %s: %s', async (type, message, id) => {
  const problem = new ApplicationProblem(
    APPLICATION,
    { type, message },
    { isSource: () => true, isUrl: () => true }
  )
  expect(await idOf(problem)).toBe(id)
})
