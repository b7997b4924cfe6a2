/** Secrets and templates: which keys are read, which beat which, which make a Secret unreadable (util/db, GetGitCreds). */
import type { Changes } from './hands.ts'
import { keys, type Situation } from './situation.ts'

const PRINCIPAL = {
  azureServicePrincipalClientId: '00000000-0000-0000-0000-00000000cafe',
  azureServicePrincipalTenantId: '00000000-0000-0000-0000-00000000beef',
  azureServicePrincipalClientSecret: 'not-a-real-secret'
}
const NEW = { argocd: 'argocd-3-5-1' } as const
const OLD = { argocd: 'argocd-3-0-13' } as const
const PAT = { username: 'someone', password: 'not-a-real-password' }
const WI = { useAzureWorkloadIdentity: 'true' }

export const SECRETS: readonly Situation<Changes>[] = [
  { name: 'Secret: as apply left it', change: () => undefined, reads: true },
  keys('repository', { username: 'someone' }, true),
  keys('repository', PAT, false),
  keys('repository', { password: '' }, true),
  keys('repository', { bearerToken: 'not-a-real-token' }, false),
  keys('repository', { sshPrivateKey: 'not a key' }, false),
  keys('repository', { githubAppPrivateKey: 'not a key' }, true),
  keys('repository', { githubAppPrivateKey: 'not a key', githubAppID: '12' }, false),
  keys('repository', { githubAppPrivateKey: 'not a key', githubAppID: '0' }, true),
  keys('repository', { githubAppID: 'n/a' }, false),
  keys('repository', { githubAppID: '' }, false),
  keys('repository', { githubAppID: '12' }, true),
  keys('repository', { githubAppInstallationID: '1.5' }, false),
  keys('repository', { gcpServiceAccountKey: '{}' }, false),
  keys('repository', PRINCIPAL, true),
  keys('repository', PRINCIPAL, true, NEW),
  keys('repository', { ...PRINCIPAL, useAzureWorkloadIdentity: 'false' }, false, NEW),
  keys('repository', { tlsClientCertData: 'not a certificate' }, true),
  keys('repository', { useAzureWorkloadIdentity: 'True' }, true),
  keys('repository', { useAzureWorkloadIdentity: '1' }, true),
  keys('repository', { useAzureWorkloadIdentity: 't' }, true),
  keys('repository', { useAzureWorkloadIdentity: 'yes' }, false),
  keys('repository', { useAzureWorkloadIdentity: '' }, false),
  keys('repository', { useAzureWorkloadIdentity: 'true\n' }, false),
  keys('repository', { useAzureWorkloadIdentity: 'false' }, false),
  keys('repository', { useAzureWorkloadIdentity: '-' }, false),
  keys('repository', { useAzureWorkloadIdentity: '-', useazureworkloadidentity: 'true' }, false),
  keys('repository', { insecure: 'false' }, true),
  keys('repository', { insecure: 'no' }, false),
  keys('repository', { insecureIgnoreHostKey: '' }, false),
  keys('repository', { enableLfs: 'true' }, true),
  keys('repository', { enableLfs: 'on' }, false),
  keys('repository', { enableOCI: 'no' }, false),
  keys('repository', { insecureOCIForceHttp: 'no' }, false),
  keys('repository', { insecureOCIForceHttp: 'no' }, true, OLD),
  keys('repository', { forceHttpBasicAuth: 'true' }, true),
  keys('repository', { forceHttpBasicAuth: 'maybe' }, false),
  keys('repository', { depth: 'one' }, true),
  keys('repository', { depth: 'one' }, false, { argocd: 'argocd-3-3-0' }),
  keys('repository', { depth: '1' }, true, { argocd: 'argocd-3-3-0' }),
  keys('repository', { depth: '' }, false, NEW),
  keys('repository', { webhookManifestCacheWarmDisabled: 'no' }, false, NEW),
  keys('repository', { webhookManifestCacheWarmDisabled: 'no' }, true, { argocd: 'argocd-3-3-0' }),
  keys('repository', { webhookManifestCacheWarmDisabled: 'true' }, true, NEW),
  keys('repository', { azureTenantId: 'anything', clientId: 'anything' }, true),
  keys('repository', { name: 'the repository' }, true),
  keys('repository', { proxy: 'http://127.0.0.1:9' }, false),
  keys('repository', { noProxy: 'localhost' }, true),
  keys('repository', { project: 'team-a' }, false),
  {
    name: 'Secret: .git at the end of its URL',
    change: (hands) => {
      hands.write('repository', { url: `${hands.url}.git` })
    },
    reads: false
  },
  {
    name: 'Secret: a newline at the end of its URL',
    change: (hands) => {
      hands.write('repository', { url: `${hands.url}\n` })
    },
    reads: false
  },
  {
    name: 'Secret: a slash at the end of its URL',
    change: (hands) => {
      hands.write('repository', { url: `${hands.url}/` })
    },
    reads: false
  },
  {
    name: 'Secret: a user in its URL',
    change: (hands) => {
      hands.write('repository', { url: hands.url.replace('https://', 'https://contoso@') })
    },
    reads: false
  },
  { name: 'Secret: deleted', change: (hands) => void hands.remove('repository'), reads: false },
  {
    name: 'Secret: the same, made anew by somebody else',
    change: (hands) => {
      hands.replace('repository')
    },
    reads: true
  },
  {
    name: 'Secret: the same under another name',
    change: (hands) => {
      hands.replace('repository', 'ours')
    },
    reads: true
  },
  {
    name: 'Secret: another label',
    change: (hands) => {
      hands.mark('repository', () => ({ labels: { 'argocd.argoproj.io/secret-type': 'repo' } }))
    },
    reads: false
  },
  {
    name: 'Secret: somebody annotates it',
    change: (hands) => {
      hands.mark('repository', ({ annotations }) => ({ annotations: { ...annotations, note: 'x' } }))
    },
    reads: true
  },
  {
    name: 'Secret: in another namespace',
    change: (hands) => {
      hands.defect('secret-in-other-namespace')
    },
    reads: false
  },
  {
    name: 'Secret: a PAT for another repository beside it',
    change: (hands) => {
      hands.create('repository', { url: `${hands.url}-other`, ...PAT })
    },
    reads: true
  },
  {
    name: 'Secret: a PAT for another project beside it',
    change: (hands) => {
      hands.create('repository', { url: hands.url, project: 'team-a', ...PAT })
    },
    reads: true
  },
  {
    name: "Secret: a PAT for the Application's project beside it",
    change: (hands) => {
      hands.create('repository', { url: hands.url, project: 'default', ...PAT })
    },
    reads: false
  },
  {
    name: 'a template with a PAT for the organization beside the Secret',
    change: (hands) => {
      hands.defect('template-pat-org')
    },
    reads: true
  },
  {
    name: 'a template with a PAT for the organization, and the Secret is gone',
    change: (hands) => {
      hands.remove('repository')
      hands.defect('template-pat-org')
    },
    reads: false
  },
  {
    name: 'a template with a PAT for the project, and the Secret says no',
    change: (hands) => {
      hands.write('repository', { useAzureWorkloadIdentity: 'false' })
      hands.create('repo-creds', { url: hands.url.replace(/\/_git\/.*$/, ''), ...PAT })
    },
    reads: false
  },
  {
    name: 'a template for everything beside the Secret',
    change: (hands) => {
      hands.defect('template-wide')
    },
    reads: true
  },
  {
    name: 'a template of type helm that does not parse',
    change: (hands) => {
      hands.create('repo-creds', { url: 'https://charts.example', type: 'helm', enableOCI: 'x' })
    },
    reads: false
  },
  {
    name: 'a template of type helm that parses',
    change: (hands) => {
      hands.create('repo-creds', { url: 'https://charts.example', type: 'helm', enableOCI: 'true' })
    },
    reads: true
  },
  {
    name: 'a template of type oci that does not parse',
    change: (hands) => {
      hands.create('repo-creds', { url: 'oci://charts.example', type: 'oci', enableOCI: '' })
    },
    reads: false
  },
  {
    name: 'a template of type oci that does not parse, on 3.0.13',
    change: (hands) => {
      hands.create('repo-creds', { url: 'oci://charts.example', type: 'oci', enableOCI: '' })
    },
    reads: true,
    ...OLD
  },
  {
    name: 'a template of type git that does not parse, of another host',
    change: (hands) => {
      hands.create('repo-creds', { url: 'https://git.example', type: 'git', enableOCI: 'x' })
    },
    reads: true
  }
]

export const TEMPLATES: readonly Situation<Changes>[] = [
  { name: 'templates: as apply left them', change: () => undefined, reads: true, templates: true },
  keys('repo-creds', { username: 'someone' }, true),
  keys('repo-creds', PAT, false),
  keys('repo-creds', { gcpServiceAccountKey: '{}' }, false),
  keys('repo-creds', { useAzureWorkloadIdentity: 'yes' }, false),
  keys('repo-creds', { githubAppID: 'n/a' }, false),
  keys('repo-creds', { insecure: 'maybe' }, true),
  keys('repo-creds', { enableLfs: 'maybe', depth: 'x' }, true, NEW),
  keys('repo-creds', { enableOCI: 'maybe' }, false),
  keys('repo-creds', { proxy: 'http://127.0.0.1:9' }, false),
  {
    name: 'templates: a longer one with a PAT',
    change: (hands) => {
      hands.create('repo-creds', { url: `${hands.url.replace(/_git.*$/, '')}_git/`, ...PAT })
    },
    reads: false,
    templates: true
  },
  {
    name: 'templates: a shorter one with a PAT',
    change: (hands) => {
      hands.defect('template-pat-org')
    },
    reads: true,
    templates: true
  },
  {
    name: 'templates: a repository Secret without credentials',
    change: (hands) => {
      hands.create('repository', { url: hands.url, type: 'git' })
    },
    reads: true,
    templates: true
  },
  {
    name: 'templates: a repository Secret with a user name only',
    change: (hands) => {
      hands.create('repository', { url: hands.url, type: 'git', username: 'someone' })
    },
    reads: false,
    templates: true
  },
  {
    name: 'templates: a repository Secret with a GCP key only',
    change: (hands) => {
      hands.create('repository', { url: hands.url, type: 'git', gcpServiceAccountKey: '{}' })
    },
    reads: false,
    templates: true
  },
  {
    name: 'templates: a repository Secret with the flag of its own',
    change: (hands) => {
      hands.create('repository', { url: hands.url, type: 'git', ...WI })
    },
    reads: true,
    templates: true
  }
]
