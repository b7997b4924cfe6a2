/** Complaints of Argo CD 3.0 to 3.5, by phase: texts from its source, about our repository or about something else. */
import type { Situation } from './situation.ts'

const TARGET = 'Failed to load target state: '
const source = (text: string, code = 'Unknown', number = '1 of 1'): string =>
  `${TARGET}failed to generate manifest for source ${number}: rpc error: code = ${code} desc = ${text}`
const refs = (text: string): string => source(`failed to list refs: ${text}`)
const token = (text: string): string =>
  refs(
    `failed to get access token from creds: failed to get Azure access token: DefaultAzureCredential: failed to acquire a token.\nAttempted credentials:\n\t${text}`
  )
const NOISE = 'x'.repeat(500)

/** The text is what Argo CD ends in; whether it is about our repository decides. */
const says = (name: string, text: string, reads: boolean): Situation => ({
  name: `complaint: ${name}`,
  change: () => undefined,
  reads,
  told: true,
  application: (hands) => {
    hands.application({}, { 'twin.example/says': text.replaceAll('$URL', hands.url) })
  }
})

export const COMPLAINTS: readonly Situation[] = [
  // Ours.
  says(
    'refs: 401',
    refs('authentication required: TF400813: Resource not available for anonymous access.'),
    false
  ),
  says('refs: 403', refs('authorization failed: VS403463: The conditional access policy'), false),
  says('refs: 404', refs('repository not found: TF401019: The Git repository does not exist'), false),
  says(
    'refs: 302',
    refs('unexpected client error: unexpected requesting "$URL/info/refs" status code: 302'),
    false
  ),
  says('refs: no route', refs('Get "$URL/info/refs": dial tcp 13.107.42.20:443: i/o timeout'), false),
  says('refs: no name', refs('Get "$URL/info/refs": dial tcp: lookup dev.azure.com: no such host'), false),
  says(
    'refs: no trust',
    refs(
      'Get "$URL/info/refs": tls: failed to verify certificate: x509: certificate signed by unknown authority'
    ),
    false
  ),
  says(
    'refs: proxy',
    refs('Get "$URL/info/refs": proxyconnect tcp: dial tcp 127.0.0.1:9: connect: connection refused'),
    false
  ),
  says(
    'token: AADSTS700213',
    token(
      'WorkloadIdentityCredential authentication failed. \n\tRESPONSE 401: 401 Unauthorized\n\t{"error_description": "AADSTS700213: No matching federated identity record found"}'
    ),
    false
  ),
  says(
    'token: AADSTS700016 late in the text',
    token(
      `EnvironmentCredential: ${NOISE}\n\tWorkloadIdentityCredential authentication failed. \n\t${NOISE}\n\t{"error_description": "AADSTS700016: Application was not found"}`
    ),
    false
  ),
  says(
    'token: AADSTS70021 after pages of text',
    token(
      `WorkloadIdentityCredential authentication failed. \n\t${NOISE.repeat(80)}\n\t{"error_description": "AADSTS70021: No matching federated identity record found"}`
    ),
    false
  ),
  says(
    'fetch: the reason after pages of progress',
    source(
      `Failed to fetch default: \`git fetch origin --tags --force --prune\` failed exit status 128: ${'remote: Counting objects: 1% '.repeat(1_500)}fatal: TF401019: The Git repository does not exist`,
      'Internal'
    ),
    false
  ),
  says(
    'token: no identity',
    token(
      'EnvironmentCredential: missing environment variable AZURE_TENANT_ID\n\tWorkloadIdentityCredential: no client ID specified. Check pod configuration or set ClientID in the options'
    ),
    false
  ),
  says(
    'token: a client secret',
    token(
      'EnvironmentCredential: ClientSecretCredential authentication failed. \n\tAADSTS7000215: Invalid client secret provided'
    ),
    false
  ),
  says(
    'fetch: refused',
    source(
      "Failed to fetch default: `git fetch origin --tags --force --prune` failed exit status 128: fatal: Authentication failed for '$URL'",
      'Internal'
    ),
    false
  ),
  says(
    'fetch: no user name',
    source(
      "Failed to fetch default: `git fetch origin --tags --force --prune` failed exit status 128: fatal: could not read Username for '$URL': terminal prompts disabled",
      'Internal'
    ),
    false
  ),
  says(
    'fetch: no credentials matched',
    source(
      'Failed to fetch default: failed to authenticate to git repository "$URL": no credentials matched this URL: fatal',
      'Internal'
    ),
    false
  ),
  says(
    'fetch: of a revision',
    source(
      "Failed to checkout revision 3ef1ab0: `git fetch origin 3ef1ab0` failed exit status 128: fatal: unable to access '$URL'",
      'Internal'
    ),
    false
  ),
  says(
    'Secret: does not parse',
    `${TARGET}failed to get repo "$URL": unable to get repository "$URL": unable to get repository "$URL" from secrets backend: strconv.ParseBool: parsing "yes": invalid syntax`,
    false
  ),
  // All repositories.
  says(
    'Argo CD: Helm credentials',
    `${TARGET}failed to get Helm credentials: strconv.ParseBool: parsing "x": invalid syntax`,
    false
  ),
  says(
    'Argo CD: OCI repositories',
    `${TARGET}failed to list OCI repositories: unable to enrich repository "oci://x" info with credentials: strconv.ParseInt`,
    false
  ),
  says(
    'Argo CD: no repo-server',
    source(
      'connection error: desc = "transport: Error while dialing: dial tcp 10.0.171.12:8081: connect: connection refused"',
      'Unavailable'
    ),
    false
  ),
  // Neither.
  says(
    'live state',
    'Failed to load live state: failed to get cluster info for "https://10.0.0.1": error synchronizing cache state : Get "https://10.0.0.1/version": x509: certificate signed by unknown authority',
    true
  ),
  says(
    'live state of a cluster that is ignored',
    'Failed to load live state: controller is configured to ignore cluster https://10.0.0.1',
    true
  ),
  says(
    'version of the cluster',
    `${TARGET}failed to get cluster version for cluster "https://10.0.0.1": failed to get cluster info for "https://10.0.0.1": dial tcp 10.0.0.1:443: i/o timeout`,
    true
  ),
  says(
    'destination cluster',
    `${TARGET}failed to get destination cluster: there are no clusters with this name: certificate`,
    true
  ),
  says(
    'comparison',
    'Failed to compare desired state to live state: failed to calculate diff: authentication required',
    true
  ),
  says('normalization', 'Failed to normalize target state: failed to normalize: repository not found', true),
  says('health', 'error setting app health: failed to get resource health: dial tcp', true),
  says(
    'cached manifests: a chart host',
    source(
      'Manifest generation error (cached): `helm dependency build` failed exit status 1: Error: Get "https://charts.example/index.yaml": x509: certificate signed by unknown authority'
    ),
    true
  ),
  says(
    'helm: a chart host',
    source(
      '`helm dependency build` failed exit status 1: Error: could not download oci://charts.example: authentication required'
    ),
    true
  ),
  says(
    'kustomize: a remote base',
    source(
      '`kustomize build <path to cached source>/deploy` failed exit status 1: Error: accumulating resources: dial tcp: lookup github.com: no such host'
    ),
    true
  ),
  says(
    'plugin: its own credentials',
    source(
      'error generating manifests in cmp: rpc error: code = Unknown desc = error generating manifests: `avp generate` failed exit status 1: AADSTS700213: No matching federated identity record found'
    ),
    true
  ),
  says('plugin: none found', source('plugin sidecar failed. no repository not found'), true),
  says(
    'manifests: do not parse',
    source('Failed to unmarshal "certificate.yaml": error converting YAML to JSON', 'FailedPrecondition'),
    true
  ),
  says(
    'path: with words of other complaints',
    source('clusters/certificate/destination/AADSTS700213: app path does not exist'),
    true
  ),
  says('path: plainly', source('deploy/prod: app path does not exist'), true),
  says(
    'revision: with words of other complaints',
    source("unable to resolve 'x509/certificate' to a commit SHA: revision not found"),
    true
  ),
  says(
    'submodule',
    source(
      "Failed to checkout FETCH_HEAD: failed to update submodules: `git submodule update --init --recursive` failed exit status 128: fatal: could not read Username for 'https://github.com': terminal prompts disabled",
      'Internal'
    ),
    true
  ),
  says(
    'submodule by its command',
    source(
      'Failed to checkout revision 3ef1ab0: `git submodule update --init --recursive` failed exit status 1: fatal: Authentication failed',
      'Internal'
    ),
    true
  ),
  says(
    'source that is referred to',
    source(
      'error setting up git client for https://github.com/contoso/values and resolving revision HEAD: failed to list refs: authentication required'
    ),
    true
  ),
  says(
    'sources that are referred to',
    `${TARGET}failed to get ref sources: failed to get repository: authentication required`,
    true
  ),
  says(
    'Secret of another repository',
    `${TARGET}failed to get repo "https://github.com/contoso/other": unable to get repository: strconv.ParseBool`,
    true
  ),
  says(
    'manifests of no kind',
    `${TARGET}failed to unmarshal manifests for source 1 of 1: invalid character`,
    true
  ),
  // The limit of an identity: it reads again when that has passed.
  says(
    'refs: blocked by a limit',
    refs('unexpected client error: unexpected requesting "$URL/info/refs" status code: 429'),
    true
  ),
  says(
    'fetch: blocked by a limit',
    source(
      "Failed to fetch default: `git fetch origin --tags --force --prune` failed exit status 128: remote: TF400733: The request has been canceled: Request was blocked due to exceeding usage of resource Concurrency in namespace User.\nfatal: unable to access '$URL': The requested URL returned error: 429",
      'Internal'
    ),
    true
  ),
  // Nobody knows: a check leaves it open, and an apply asks by a probe, which reads.
  says('of no phase', 'certificate authority says: repository not found', true),
  says('of a phase nobody knows', `${TARGET}failed to consult the oracle: dial tcp: no such host`, true),
  says('a deadline', source('context deadline exceeded', 'DeadlineExceeded'), true)
]
