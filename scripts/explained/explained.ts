/** What docs/troubleshooting.md says of a finding that no rule makes: the code that meets it knows there is no doubt. */
import type { FindingId } from '../../src/core/finding-titles.ts'

export interface Explained {
  /** What somebody sees. */
  readonly symptom: string
  readonly cause: string
  readonly remedy: string
  /** `likely`: others are possible. Absent: the run has read or met it itself. */
  readonly certainty?: 'likely'
  /** Where the facts come from. Absent: the page of the area. */
  readonly source?: string
}

export type Explanations = Partial<Record<FindingId, Explained>>

/** Of the areas, the part of an id before the slash. */
export const SOURCES: Readonly<Record<string, string>> = {
  'aks-assignment': 'https://learn.microsoft.com/azure/aks/manage-azure-rbac',
  'aks-role': 'https://learn.microsoft.com/azure/aks/manage-azure-rbac',
  application: 'https://argo-cd.readthedocs.io/en/stable/user-guide/multiple_sources/',
  argocd: 'https://argo-cd.readthedocs.io/en/stable/operator-manual/installation/',
  'azure-assignment': 'https://learn.microsoft.com/azure/role-based-access-control/role-assignments',
  'azure-role': 'https://learn.microsoft.com/azure/role-based-access-control/custom-roles',
  charts: 'https://argo-cd.readthedocs.io/en/stable/user-guide/private-repositories/',
  cluster: 'https://learn.microsoft.com/azure/aks/use-oidc-issuer',
  connection: 'https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/',
  diagnosis: 'https://github.com/patless/patless/blob/main/docs/security.md',
  entitlement: 'https://learn.microsoft.com/rest/api/azure/devops/memberentitlementmanagement/',
  export: 'https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/',
  'federated-credential':
    'https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations',
  fleet: 'https://github.com/patless/patless/blob/main/docs/inputs.md',
  git: 'https://git-scm.com/docs/git-config',
  host: 'https://docs.github.com/actions/reference/security/oidc',
  http: 'https://nodejs.org/api/http.html',
  identity:
    'https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/manage-user-assigned-managed-identities-azure-portal',
  inputs: 'https://github.com/patless/patless/blob/main/docs/inputs.md',
  kubeconfig: 'https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/',
  'kubernetes-role': 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/',
  login: 'https://learn.microsoft.com/entra/identity-platform/reference-error-codes',
  migration: 'https://github.com/patless/patless/blob/main/docs/migrate-from-pats.md',
  patless: 'https://github.com/patless/patless/blob/main/docs/support.md',
  permission: 'https://learn.microsoft.com/azure/devops/repos/git/set-git-repository-permissions',
  'pipeline-administrator':
    'https://learn.microsoft.com/azure/devops/organizations/security/look-up-project-collection-administrators',
  'pipeline-application':
    'https://learn.microsoft.com/entra/identity-platform/app-objects-and-service-principals',
  'pipeline-file': 'https://github.com/patless/patless/blob/main/docs/setup.md',
  'pipeline-identity':
    'https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/manage-user-assigned-managed-identities-azure-portal',
  'pipeline-reader': 'https://learn.microsoft.com/azure/devops/organizations/security/add-users-team-project',
  'pipeline-trust': 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust',
  'pipeline-user':
    'https://learn.microsoft.com/azure/devops/integrate/get-started/authentication/service-principal-managed-identity',
  program: 'https://github.com/patless/patless/blob/main/docs/decisions/0009-programs.md',
  registry: 'https://learn.microsoft.com/azure/container-registry/container-registry-roles',
  report: 'https://github.com/patless/patless/blob/main/docs/report.md',
  resource: 'https://github.com/patless/patless/blob/main/docs/architecture.md',
  rights: 'https://github.com/patless/patless/blob/main/docs/security.md',
  run: 'https://github.com/patless/patless/blob/main/docs/architecture.md',
  'service-connection': 'https://learn.microsoft.com/azure/devops/pipelines/library/connect-to-azure',
  setup: 'https://github.com/patless/patless/blob/main/docs/setup.md',
  'stored-credential': 'https://github.com/patless/patless/blob/main/docs/migrate-from-pats.md',
  verification: 'https://github.com/patless/patless/blob/main/docs/decisions/0006-argocd.md',
  workload:
    'https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html'
}
