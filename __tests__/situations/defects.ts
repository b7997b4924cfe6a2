/** Every way in which the twin can break a chain in order, and the finding that has to come first. */

export interface Broken {
  /** Defects of the twin; several where one alone breaks nothing. */
  readonly defects: readonly string[]
  readonly id: string
  /** A consequence, which is reported as well. */
  readonly also?: string
  /** What the first finding has to say. */
  readonly says?: RegExp
  /** New pods afterwards: the webhook looks at a pod once. */
  readonly restart?: true
  /** An Application has to be compared before anything shows. */
  readonly asked?: true
  /** Nothing fails today: the finding is a warning or a note of a green run. */
  readonly green?: true
  readonly inputs?: Readonly<Record<string, string>>
  /** The defect is another Argo CD, on which the chain is built. */
  readonly shape?: true
  /** The Argo CD on which the chain is built before. */
  readonly on?: string
  /** Only `mode: diagnose` looks at it while nothing fails. */
  readonly diagnose?: true
}

const of = (id: string, ...defects: readonly string[]): Broken[] =>
  defects.map((defect) => ({ defects: [defect], id }))

const codes = (id: string, ...numbers: readonly number[]): Broken[] =>
  of(id, ...numbers.map((number) => `entra-${number}`))

export const BROKEN: readonly Broken[] = [
  ...of('cluster/feature-off', 'issuer-disabled', 'workload-identity-disabled'),
  ...of('federated-credential/issuer-slash', 'credential-issuer-slash'),
  ...of('federated-credential/issuer-of-another-cluster', 'credential-issuer-other'),
  ...of('federated-credential/audience-differs', 'credential-audience'),
  ...of('federated-credential/subject-differs', 'credential-subject'),
  ...of('federated-credential/case-differs', 'credential-subject-case'),
  ...of('federated-credential/on-another-identity', 'credential-on-another-identity'),
  ...of('federated-credential/missing', 'credential-deleted'),
  ...of('federated-credential/limit-reached', 'credentials-full'),
  ...of('identity/recreated', 'identity-recreated'),
  ...of('workload/label-missing', 'label-removed'),
  ...of('workload/label-misplaced', 'label-on-deployment-only', 'label-on-account-only'),
  ...of('workload/label-value', 'label-capital', 'label-boolean-typo'),
  ...of('workload/annotation-missing', 'annotation-removed'),
  ...of('workload/annotation-elsewhere', 'annotation-on-another-account'),
  ...of('workload/annotation-not-client-id', 'sa-annotation-object-id', 'annotation-name'),
  ...of('workload/other-tenant', 'annotation-wrong-tenant'),
  ...of('workload/pod-older', 'pod-stale', 'pod-older-than-annotation'),
  ...of('workload/set-by-hand', 'env-set-by-hand', 'env-from-secret', 'tenant-set-by-hand'),
  ...of('workload/client-secret-in-environment', 'client-secret-on-pod', 'client-secret-from-secret'),
  ...of('workload/skipped-by-webhook', 'skip-containers'),
  ...of('workload/other-audience', 'identity-binding'),
  ...of('workload/other-authority', 'authority-china'),
  ...of('workload/token-expiration-invalid', 'token-expiration-out-of-range'),
  ...of('workload/service-account-missing', 'service-account-missing'),
  { defects: ['webhook-unregistered'], restart: true, id: 'workload/webhook-missing' },
  { defects: ['webhook-absent'], restart: true, id: 'workload/webhook-missing' },
  { defects: ['webhook-down', 'pod-stale'], id: 'workload/webhook-down' },
  ...of('entitlement/not-a-member', 'not-a-member'),
  ...of('entitlement/stakeholder', 'stakeholder', 'member-without-licence'),
  ...of('entitlement/inactive', 'member-disabled'),
  ...of('entitlement/other-tenant', 'organization-other-tenant'),
  ...of('permission/not-granted', 'not-a-reader'),
  ...of('permission/denied', 'read-denied'),
  {
    defects: ['read-denied-to-group'],
    id: 'permission/denied-by-group',
    says: /by \[shop\].+Readers.+ permission reset /
  },
  {
    defects: ['read-denied-to-group-of-groups'],
    id: 'permission/denied-by-group',
    says: /by \[shop\].+Auditors.+ permission reset /
  },
  ...of('permission/repository-disabled', 'repository-disabled'),
  ...of('permission/repository-missing', 'repository-deleted', 'repository-renamed'),
  ...of('permission/project-missing', 'project-deleted'),
  ...of('permission/repository-empty', 'repository-empty'),
  ...of('permission/default-branch-missing', 'default-branch-missing'),
  ...of('azure-devops/network-refused', 'git-network-refused'),
  ...of('azure-devops/throttled', 'git-throttled'),
  ...of('azure-devops/read-not-granted', 'git-forbidden'),
  ...codes('entra/discovery-unreadable', 50166, 90061, 501661),
  ...codes('entra/propagating', 70021, 70025),
  ...codes('entra/conditional-access', 53000, 53003, 530003),
  ...codes('entra/assignment-required', 50105, 501051),
  ...codes('entra/resource-unknown', 70011, 500011),
  ...codes('entra/tenant-unknown', 50059, 90002, 900023, 900382),
  ...codes('entra/secret-refused', 50012, 7000215, 7000222),
  ...codes('entra/assertion-malformed', 50027, 90014),
  ...codes('entra/key-unknown', 50013, 700027, 7000272),
  ...codes('entra/identity-unknown', 700016),
  ...codes('entra/identity-disabled', 7000112, 7000229),
  ...codes('entra/token-lifetime', 700021, 700024),
  ...codes('entra/unavailable', 50196),
  ...of('connection/stored-credentials', 'secret-password'),
  ...of('connection/username-blocks-template', 'secret-username-template'),
  ...of('connection/not-readable', 'secret-flag-yes'),
  ...of('connection/key-misspelled', 'secret-flag-misspelled'),
  ...of('connection/flag-missing', 'secret-flag-missing', 'secret-flag-false'),
  ...of('connection/service-principal-key-case', 'service-principal-key-case'),
  ...of('connection/secret-unlabelled', 'secret-label-wrong'),
  ...of('connection/in-another-namespace', 'secret-in-other-namespace'),
  ...of('connection/missing', 'secret-deleted'),
  ...of('connection/type-not-git', 'secret-type-helm'),
  ...of('connection/project-scoped', 'secret-project'),
  ...of('connection/duplicate', 'secret-duplicate', 'secret-duplicate-pat'),
  { defects: ['secret-deleted', 'template-pat-org'], id: 'connection/shadowed' },
  { defects: ['secret-deleted', 'template-project-pat'], id: 'connection/shadowed' },
  { defects: ['template-wide'], id: 'connection/template-too-wide', green: true },
  { defects: ['application-other-spelling'], id: 'connection/url-spelled-otherwise', green: true },
  { defects: ['application-ssh'], id: 'connection/ssh-url', green: true, diagnose: true },
  { defects: ['application-unwatched'], id: 'application/unwatched-namespace', green: true, diagnose: true },
  { defects: ['scm-generator'], id: 'application/generator-without-identity', green: true, diagnose: true },
  {
    defects: ['commit-server-without-identity'],
    id: 'workload/commit-server-without-identity',
    green: true,
    diagnose: true
  },
  ...of('connection/ssh-url', 'secret-url-ssh'),
  { defects: ['one-replica-stale'], id: 'workload/pods-partly-without-identity' },
  { defects: ['cluster-clock-ahead'], id: 'entra/clock-skew' },
  { defects: ['cluster-clock-behind'], id: 'entra/clock-skew' },
  ...['node-identity', 'node-identities'].map((one): Broken => ({
    defects: ['label-removed', one],
    id: 'workload/label-missing',
    also: 'workload/node-identity',
    restart: true,
    asked: true
  })),
  { defects: ['tls-inspected'], id: 'argocd/certificate-untrusted', asked: true },
  { defects: ['proxy-only-in-secret'], id: 'network/proxy-only-in-secret', asked: true },
  { defects: ['kustomize-remote-base'], id: 'argocd/remote-base-fails', asked: true },
  ...of('workload/rollout-paused', 'deployment-paused'),
  { defects: ['egress-denied-by-policy'], id: 'network/egress-denied', asked: true },
  { defects: ['egress-entra-blocked'], id: 'network/entra-blocked', asked: true },
  { defects: ['egress-devops-refused'], id: 'argocd/network-refused', asked: true },
  { defects: ['egress-devops-blocked'], id: 'network/azure-devops-blocked', asked: true },
  { defects: ['argocd-2-14'], id: 'argocd/version-unfit', shape: true },
  { defects: ['argocd-3-0-12'], id: 'argocd/version-unfit', shape: true },
  { defects: ['argocd-3-1-0'], id: 'argocd/version-unfit', shape: true },
  { defects: ['kube-system-install'], id: 'workload/in-kube-system', shape: true },
  { defects: ['extension-keys-old'], id: 'argocd/extension-keys-old', on: 'extension-install' },
  { defects: ['extension-failed'], id: 'argocd/extension-failed', on: 'extension-install' },
  { defects: ['argocd-absent'], id: 'argocd/not-found', shape: true },
  { defects: ['two-argocds'], id: 'argocd/several', shape: true }
]

/** What no service shows from outside, and what would tell. */
export const NOT_OBSERVABLE: Readonly<Record<string, string>> = {
  'the clock of one node differs': 'AADSTS700024 on the pods of that node only; timedatectl on the node',
  'a connection status of an hour ago': 'attemptedAt of the connection state in the API of Argo CD'
}
