/** Evidence for the examples of the rules: the documentation shows what they say of it, and a test runs all of them. */
import type { Complaint, Failure, GitFailure, Phase } from '../core/answered.ts'
import type {
  Connections,
  IdentityFacts,
  Membership,
  Names,
  Network,
  Pod,
  RepositoryFacts,
  SecretFacts,
  Trust,
  Webhook,
  Workload
} from './evidence.ts'

const CLIENT = '11111111-2222-4333-8444-555555555555'
const PRINCIPAL = '66666666-7777-4888-9999-000000000000'
const TENANT = '77777777-8888-4999-8000-111111111111'

export const NAMES: Names = {
  subscriptionId: '99999999-0000-4111-8222-333333333333',
  resourceGroup: 'rg-gitops',
  cluster: 'aks-gitops',
  location: 'westeurope',
  issuer: `https://westeurope.oic.prod-aks.azure.com/${TENANT}/22222222-3333-4444-8555-666666666666/`,
  audience: 'api://AzureADTokenExchange',
  identity: 'id-argocd-aks-gitops',
  identityResourceGroup: 'rg-gitops',
  clientId: CLIENT,
  principalId: PRINCIPAL,
  tenantId: TENANT,
  namespace: 'argocd',
  deployment: 'argocd-repo-server',
  container: 'argocd-repo-server',
  account: 'argocd-repo-server',
  organization: 'contoso',
  repositories: [{ url: 'https://dev.azure.com/contoso/shop/_git/app', project: 'shop', repository: 'app' }]
}

const answered =
  (service: string, status: number) =>
  (code: string | undefined, detail = 'the text of the answer', more: Partial<Failure> = {}): Failure => ({
    service,
    request: 'GET /x',
    status,
    code,
    detail,
    whole: detail,
    ...more
  })

export const arm = answered('ARM', 403)
export const devops = answered('Azure DevOps', 403)
export const kubernetes = answered('Kubernetes', 403)

/** @param number of Entra, without its prefix */
export function entra(number: number, detail?: string): Failure {
  return answered('Entra', 401)(`AADSTS${number}`, detail)
}

export function git(stderr: string): GitFailure {
  return { stderr, reason: stderr }
}

export function complaint(phase: Phase, whole: string): Complaint {
  return { phase, application: { namespace: 'argocd', name: 'app', project: 'default' }, whole }
}

export const POD: Pod = {
  name: 'argocd-repo-server-6f9c8-x1z2y',
  environment: {
    AZURE_CLIENT_ID: CLIENT,
    AZURE_TENANT_ID: TENANT,
    AZURE_FEDERATED_TOKEN_FILE: '/var/run/secrets/azure/tokens/azure-identity-token',
    AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.com/'
  },
  audience: 'api://AzureADTokenExchange',
  ready: true,
  waiting: undefined
}

/** As apply leaves it. */
export const WORKLOAD: Workload = {
  namespace: 'argocd',
  deployment: 'argocd-repo-server',
  container: 'argocd-repo-server',
  account: 'argocd-repo-server',
  annotations: { 'azure.workload.identity/client-id': CLIENT },
  annotatedElsewhere: [],
  deploymentLabels: {},
  templateLabels: { 'azure.workload.identity/use': 'true' },
  templateAnnotations: {},
  variables: [],
  variableSources: [],
  pods: [POD],
  replicas: 1,
  paused: false,
  image: 'quay.io/argoproj/argocd:v3.2.0',
  managers: [],
  writers: { label: undefined, annotation: undefined }
}

/** A pod that the webhook did not change. */
export const PLAIN_POD: Pod = { ...POD, environment: {}, audience: undefined }

const ISSUER = `https://westeurope.oic.prod-aks.azure.com/${TENANT}/22222222-3333-4444-8555-666666666666/`

export const CREDENTIAL = {
  name: 'argocd-aks-gitops',
  issuer: ISSUER,
  subject: 'system:serviceaccount:argocd:argocd-repo-server',
  audience: 'api://AzureADTokenExchange'
}

export const TRUST: Trust = {
  token: { issuer: CREDENTIAL.issuer, subject: CREDENTIAL.subject, audience: CREDENTIAL.audience },
  credentials: [CREDENTIAL],
  elsewhere: [],
  audience: CREDENTIAL.audience
}

export const WEBHOOK: Webhook = {
  registered: true,
  service: 'kube-system/azure-wi-webhook-webhook-service',
  ready: 2
}

export const IDENTITY: IdentityFacts = {
  exists: true,
  clientId: CLIENT,
  principalId: PRINCIPAL,
  tenantId: TENANT,
  named: {}
}

export const NETWORK: Network = { egressPolicies: [] }

export const SECRET: SecretFacts = {
  kind: 'repository',
  name: 'repo-8236907',
  url: 'https://dev.azure.com/contoso/shop/_git/app',
  project: '',
  type: 'git',
  workloadIdentity: 'true',
  credentials: [],
  unreadable: [],
  keys: ['type', 'url', 'useAzureWorkloadIdentity'],
  proxy: undefined
}

export const CONNECTIONS: Connections = {
  namespace: 'argocd',
  secrets: [SECRET],
  urls: [{ url: SECRET.url, login: 'workload identity', by: SECRET, rivals: [] }],
  ignored: [],
  applications: [],
  generators: []
}

export const MEMBERSHIP: Membership = {
  member: { accessLevel: 'Basic', reads: true, status: 'active' },
  tenantId: TENANT
}

export const REPOSITORY: RepositoryFacts = {
  url: SECRET.url,
  project: 'shop',
  repository: 'app',
  projectExists: true,
  found: {
    name: 'app',
    disabled: false,
    empty: false,
    defaultBranch: 'refs/heads/main',
    defaultBranchExists: true
  },
  denied: undefined,
  deniedTo: undefined,
  allowed: true
}
