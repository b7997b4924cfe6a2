/** Every way in which the twin can break a chain in order, and the finding that has to come first. */

export interface Broken {
  /** Defects of the twin; several where one alone breaks nothing. */
  readonly defects: readonly string[]
  readonly id: string
  /** What becomes of it in apply. `repaired`: it is put right. `stays`: somebody else has to. `tomorrow`: Argo CD reads all the same. */
  readonly apply: 'repaired' | 'stays' | 'tomorrow'
  /** New pods afterwards: the webhook looks at a pod once. */
  readonly restart?: true
  /** An Application has to be compared before anything shows. */
  readonly asked?: true
  /** A consequence, which is reported as well. */
  readonly also?: string
  /** What the first finding has to say. */
  readonly says?: RegExp
  /** The install on which it is made; absent: plain manifests. */
  readonly on?: string
  /** Only `mode: diagnose` looks at it while nothing fails. */
  readonly diagnose?: true
}

const of =
  (apply: Broken['apply'], more: Partial<Broken> = {}) =>
  (id: string, ...defects: readonly string[]): Broken[] =>
    defects.map((defect) => ({ defects: defect.split(' + '), id, apply, ...more }))
const repaired = of('repaired')
const stays = of('stays')
const tomorrow = of('tomorrow')

/** Entra refuses the exchange of the identity, whatever the chain is like. */
const codes = (id: string, ...numbers: readonly number[]): Broken[] =>
  stays(id, ...numbers.map((number) => `entra-${number}`))

export const BROKEN: readonly Broken[] = [
  ...stays('cluster/feature-off', 'issuer-disabled', 'workload-identity-disabled'),
  ...repaired('federated-credential/issuer-slash', 'credential-issuer-slash'),
  ...repaired('federated-credential/issuer-of-another-cluster', 'credential-issuer-other'),
  ...repaired('federated-credential/audience-differs', 'credential-audience'),
  ...repaired('federated-credential/subject-differs', 'credential-subject'),
  ...repaired('federated-credential/case-differs', 'credential-subject-case'),
  ...repaired('federated-credential/on-another-identity', 'credential-on-another-identity'),
  ...repaired('federated-credential/missing', 'credential-deleted'),
  ...stays('federated-credential/limit-reached', 'credentials-full'),
  ...repaired('identity/recreated', 'identity-recreated'),
  ...repaired('workload/label-missing', 'label-removed'),
  ...repaired('workload/label-misplaced', 'label-on-deployment-only', 'label-on-account-only'),
  ...repaired('workload/label-value', 'label-capital', 'label-boolean-typo'),
  ...repaired('workload/annotation-missing', 'annotation-removed'),
  ...repaired('workload/annotation-elsewhere', 'annotation-on-another-account'),
  ...repaired('workload/annotation-not-client-id', 'sa-annotation-object-id', 'annotation-name'),
  ...repaired('workload/other-tenant', 'annotation-wrong-tenant'),
  ...repaired('workload/pod-older', 'pod-stale', 'pod-older-than-annotation'),
  ...stays('workload/set-by-hand', 'env-set-by-hand', 'env-from-secret', 'tenant-set-by-hand'),
  ...stays('workload/client-secret-in-environment', 'client-secret-on-pod', 'client-secret-from-secret'),
  ...stays('workload/skipped-by-webhook', 'skip-containers'),
  ...stays('workload/other-audience', 'identity-binding'),
  ...stays('workload/other-authority', 'authority-china'),
  ...tomorrow('workload/token-expiration-invalid', 'token-expiration-out-of-range'),
  ...stays('workload/service-account-missing', 'service-account-missing'),
  ...of('stays', { restart: true })('workload/webhook-missing', 'webhook-unregistered', 'webhook-absent'),
  ...stays('workload/webhook-down', 'webhook-down + pod-stale'),
  ...repaired('entitlement/not-a-member', 'not-a-member'),
  ...repaired('entitlement/stakeholder', 'stakeholder', 'member-without-licence'),
  ...repaired('entitlement/inactive', 'member-disabled'),
  ...stays('entitlement/other-tenant', 'organization-other-tenant'),
  ...repaired('permission/not-granted', 'not-a-reader'),
  ...stays('permission/denied', 'read-denied'),
  ...of('stays', { says: /by \[shop\].+Readers.+ permission reset / })(
    'permission/denied-by-group',
    'read-denied-to-group'
  ),
  ...of('stays', { says: /by \[shop\].+Auditors.+ permission reset / })(
    'permission/denied-by-group',
    'read-denied-to-group-of-groups'
  ),
  ...stays('permission/repository-disabled', 'repository-disabled'),
  ...stays('permission/repository-missing', 'repository-deleted', 'repository-renamed'),
  ...stays('permission/project-missing', 'project-deleted'),
  ...stays('permission/repository-empty', 'repository-empty'),
  ...tomorrow('permission/default-branch-missing', 'default-branch-missing'),
  ...stays('azure-devops/network-refused', 'git-network-refused'),
  ...stays('azure-devops/throttled', 'git-throttled'),
  ...stays('azure-devops/read-not-granted', 'git-forbidden'),
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
  ...stays('connection/stored-credentials', 'secret-password'),
  ...repaired('connection/username-blocks-template', 'secret-username-template'),
  ...repaired('connection/not-readable', 'secret-flag-yes'),
  ...repaired('connection/key-misspelled', 'secret-flag-misspelled'),
  ...repaired('connection/flag-missing', 'secret-flag-missing', 'secret-flag-false'),
  ...repaired('connection/service-principal-key-case', 'service-principal-key-case'),
  ...stays('connection/secret-unlabelled', 'secret-label-wrong'),
  ...repaired('connection/in-another-namespace', 'secret-in-other-namespace'),
  ...repaired('connection/missing', 'secret-deleted'),
  ...repaired('connection/type-not-git', 'secret-type-helm'),
  ...stays('connection/project-scoped', 'secret-project'),
  ...stays('connection/duplicate', 'secret-duplicate-pat'),
  ...tomorrow('connection/duplicate', 'secret-duplicate'),
  ...repaired(
    'connection/shadowed',
    'secret-deleted + template-pat-org',
    'secret-deleted + template-project-pat'
  ),
  ...tomorrow('connection/template-too-wide', 'template-wide'),
  ...tomorrow('connection/url-spelled-otherwise', 'application-other-spelling'),
  ...of('tomorrow', { diagnose: true })('connection/ssh-url', 'application-ssh'),
  ...of('tomorrow', { diagnose: true })('application/unwatched-namespace', 'application-unwatched'),
  ...of('tomorrow', { diagnose: true })('application/generator-without-identity', 'scm-generator'),
  ...of('tomorrow', { diagnose: true })(
    'workload/commit-server-without-identity',
    'commit-server-without-identity'
  ),
  ...repaired('connection/ssh-url', 'secret-url-ssh'),
  ...repaired('workload/pods-partly-without-identity', 'one-replica-stale'),
  ...stays('entra/clock-skew', 'cluster-clock-ahead', 'cluster-clock-behind'),
  ...of('repaired', { restart: true, asked: true, also: 'workload/node-identity' })(
    'workload/label-missing',
    'label-removed + node-identity',
    'label-removed + node-identities'
  ),
  ...of('stays', { asked: true })('argocd/certificate-untrusted', 'tls-inspected'),
  ...of('stays', { asked: true })('network/proxy-only-in-secret', 'proxy-only-in-secret'),
  ...of('tomorrow', { asked: true, diagnose: true })('argocd/remote-base-fails', 'kustomize-remote-base'),
  ...tomorrow('workload/rollout-paused', 'deployment-paused'),
  ...of('repaired', { on: 'extension-install' })('argocd/extension-keys-old', 'extension-keys-old'),
  ...of('tomorrow', { on: 'extension-install' })('argocd/extension-failed', 'extension-failed'),
  ...of('stays', { asked: true })('argocd/network-refused', 'egress-devops-refused'),
  ...of('stays', { asked: true })('network/egress-denied', 'egress-denied-by-policy'),
  ...of('stays', { asked: true })('network/entra-blocked', 'egress-entra-blocked'),
  ...of('stays', { asked: true })('network/azure-devops-blocked', 'egress-devops-blocked')
]

/** An Argo CD on which no chain can be built, by the defect that installs it. */
export const UNFIT: readonly (readonly [defect: string, id: string])[] = [
  ['argocd-2-14', 'argocd/version-unfit'],
  ['argocd-3-0-12', 'argocd/version-unfit'],
  ['argocd-3-1-0', 'argocd/version-unfit'],
  ['kube-system-install', 'workload/in-kube-system'],
  ['argocd-absent', 'argocd/not-found'],
  ['two-argocds', 'argocd/several']
]

/** The other ways to install Argo CD, by the defect that installs it. */
export const INSTALLS = ['helm-install', 'operator-install', 'extension-install', 'ha-install'] as const

/** Entra, Azure DevOps and git answer the same however Argo CD came into the cluster. */
const ELSEWHERE = /^(?:entra|azure-devops|entitlement|permission)\//

/** The operator takes back at once what somebody else writes into the pods' template, or as their number. */
const TAKEN_BACK: Readonly<Record<string, readonly string[]>> = {
  'operator-install': [
    'label-removed',
    'label-on-deployment-only',
    'label-on-account-only',
    'label-capital',
    'label-boolean-typo',
    'env-set-by-hand',
    'env-from-secret',
    'tenant-set-by-hand',
    'client-secret-on-pod',
    'skip-containers',
    'identity-binding',
    'authority-china',
    'one-replica-stale'
  ]
}

/** The version behind a digest is not known: whether it fetches with another login is left open until a pod is new. */
const LEFT_OPEN: Readonly<Record<string, readonly string[]>> = { 'operator-install': ['secret-type-helm'] }

/** Patless makes an account of its own for the operator's repo-server, and makes it again. */
const MADE_AGAIN = 'service-account-missing'

/** What makes sense on an install. */
export function brokenOn(install: (typeof INSTALLS)[number]): readonly Broken[] {
  const none = [...(TAKEN_BACK[install] ?? []), ...(LEFT_OPEN[install] ?? [])]
  return BROKEN.filter(
    ({ id, defects, on }) =>
      on === undefined && !ELSEWHERE.test(id) && !defects.some((defect) => none.includes(defect))
  ).map((one) =>
    install === 'operator-install' && one.defects.includes(MADE_AGAIN) ? { ...one, apply: 'repaired' } : one
  )
}

/** What no service shows from outside, and what would tell. */
export const NOT_OBSERVABLE: Readonly<Record<string, string>> = {
  'the clock of one node differs': 'AADSTS700024 on the pods of that node only; timedatectl on the node',
  'a connection status of an hour ago': 'attemptedAt of the connection state in the API of Argo CD'
}
