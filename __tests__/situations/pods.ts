/** Pods, what surrounds them, and what Azure DevOps lets the identity do. */
import type { Changes } from './hands.ts'
import type { Situation } from './situation.ts'

const environment = (
  name: string,
  variables: Readonly<Record<string, string>>,
  reads: boolean
): Situation<Changes> => ({
  name: `pods: ${name}`,
  change: (hands) => hands.environment(variables),
  reads
})
const defect = (name: string, reads: boolean, restart = false, more: Partial<Situation> = {}): Situation => ({
  name: `pods: ${name}`,
  change: async (hands) => {
    hands.defect(name)
    if (restart) await hands.restart()
    else await hands.rolledOut()
  },
  reads,
  // Conditions of the cluster are no objects.
  outside: true,
  ...more
})
const outside = (name: string, reads: boolean): Situation => ({
  name: `Azure DevOps: ${name}`,
  change: (hands) => {
    hands.defect(name)
  },
  reads,
  outside: true
})

export const ENVIRONMENTS: readonly Situation<Changes>[] = [
  { name: 'pods: restarted', change: (hands) => hands.restart(), reads: true },
  environment('a client secret', { AZURE_CLIENT_SECRET: 'not-a-real-secret' }, false),
  environment('a client id of somebody', { AZURE_CLIENT_ID: '00000000-0000-0000-0000-00000000cafe' }, false),
  environment(
    'the authority of another cloud',
    { AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us/' },
    false
  ),
  environment('the authority of nobody', { AZURE_AUTHORITY_HOST: 'https://login.attacker.example/' }, false),
  environment(
    'an authority without https',
    { AZURE_AUTHORITY_HOST: 'http://login.microsoftonline.com/' },
    false
  ),
  environment('the public authority', { AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.com/' }, true),
  environment(
    'another credential of the chain only',
    { AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential' },
    false
  ),
  environment('workload identity only', { AZURE_TOKEN_CREDENTIALS: 'WorkloadIdentityCredential' }, true),
  environment('a dead proxy', { HTTPS_PROXY: 'http://127.0.0.1:9' }, false),
  environment(
    'a dead proxy, and nobody to reach by it',
    { HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: 'localhost' },
    true
  ),
  environment(
    'a client secret beside workload identity only',
    { AZURE_CLIENT_SECRET: 'not-a-real-secret', AZURE_TOKEN_CREDENTIALS: 'WorkloadIdentityCredential' },
    true
  ),
  environment('variables of others', { REDIS_PASSWORD: 'x', ARGOCD_LOG_LEVEL: 'debug' }, true)
]

export const PODS: readonly Situation[] = [
  ...ENVIRONMENTS,
  // The real Argo CD would ask the real hosts.
  environment('an older host of Entra', { AZURE_AUTHORITY_HOST: 'https://login.windows.net' }, true),
  environment('an empty authority', { AZURE_AUTHORITY_HOST: '' }, true),
  environment('another tenant', { AZURE_TENANT_ID: '00000000-0000-0000-0000-0000000000aa' }, false),
  {
    name: 'pods: another container before it, with a client secret',
    change: (hands) =>
      hands.containers((all) => [
        {
          name: 'other-repo-server',
          image: 'contoso.example/tools:1',
          env: [{ name: 'AZURE_CLIENT_SECRET', value: 'not-a-real-secret' }]
        },
        ...all
      ]),
    reads: true
  },
  {
    name: 'pods: another container after it',
    change: (hands) => hands.containers((all) => [...all, { name: 'cmp', image: 'contoso.example/cmp:1' }]),
    reads: true
  },
  defect('client-secret-from-secret', false),
  defect('label-removed', false),
  defect('label-boolean-typo', false),
  defect('skip-containers', false),
  defect('identity-binding', false),
  defect('sa-annotation-object-id', false),
  defect('webhook-unregistered', false, true),
  defect('webhook-absent', false, true),
  defect('egress-devops-blocked', false, false, { hidden: true }),
  defect('egress-denied-by-policy', false, false, { hidden: true }),
  defect('pod-stale', false)
]

export const AZURE: readonly Situation[] = [
  outside('not-a-member', false),
  outside('not-a-reader', false),
  outside('read-denied', false),
  outside('stakeholder', false),
  outside('repository-disabled', false),
  outside('repository-deleted', false),
  outside('git-redirect', false),
  outside('git-signin-page', false)
]
