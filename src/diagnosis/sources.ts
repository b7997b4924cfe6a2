/** Where the facts of the rules come from; also the pages that findings link to. */
const LEARN = 'https://learn.microsoft.com'

export const AADSTS = `${LEARN}/entra/identity-platform/reference-error-codes`
export const FEDERATION = `${LEARN}/entra/workload-id/workload-identity-federation-considerations`
export const AKS_IDENTITY = `${LEARN}/azure/aks/workload-identity-overview`
export const AKS_ISSUER = `${LEARN}/azure/aks/use-oidc-issuer`
export const AKS_UPDATING = 'https://aka.ms/aks-pending-operation'
export const EXTENSION = `${LEARN}/azure/azure-arc/kubernetes/tutorial-use-gitops-argocd`
export const CONDITIONAL_ACCESS = `${LEARN}/entra/identity/conditional-access/workload-identity`
export const DEVOPS_PRINCIPALS = `${LEARN}/azure/devops/integrate/get-started/authentication/service-principal-managed-identity`
export const DEVOPS_RATES = `${LEARN}/azure/devops/integrate/concepts/rate-limits`
export const DEVOPS_BILLING = `${LEARN}/azure/devops/organizations/billing/buy-basic-access-add-users`
export const DEVOPS_POLICIES = `${LEARN}/azure/devops/organizations/accounts/change-application-access-policies`
export const DEVOPS_PERMISSIONS = `${LEARN}/azure/devops/repos/git/set-git-repository-permissions`
export const DEVOPS_REPOSITORIES = `${LEARN}/azure/devops/repos/git/repository-settings`
export const DEVOPS_ENTRA_POLICIES = `${LEARN}/azure/devops/organizations/accounts/change-application-access-policies`
export const ARM_ERRORS = `${LEARN}/azure/azure-resource-manager/troubleshooting/common-deployment-errors`
export const ARM_POLICY = `${LEARN}/azure/azure-resource-manager/troubleshooting/error-policy-requestdisallowedbypolicy`
export const ARM_LOCKS = `${LEARN}/azure/azure-resource-manager/management/lock-resources`
export const ARM_PROVIDERS = `${LEARN}/azure/azure-resource-manager/management/resource-providers-and-types`
export const ARM_LIMITS = `${LEARN}/azure/azure-resource-manager/management/request-limits-and-throttling`
export const NTP = 'https://www.freedesktop.org/software/systemd/man/latest/timedatectl.html'
export const AWI = 'https://azure.github.io/azure-workload-identity/docs/troubleshooting.html'
export const AWI_LABELS =
  'https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html'
export const AWI_WEBHOOK = 'https://github.com/Azure/azure-workload-identity'
export const AZIDENTITY = 'https://pkg.go.dev/github.com/Azure/azure-sdk-for-go/sdk/azidentity'
export const ARGOCD_REPOSITORIES = 'https://argo-cd.readthedocs.io/en/stable/user-guide/private-repositories/'
export const ARGOCD_DECLARATIVE =
  'https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/'
export const ARGOCD_PROJECTS = 'https://argo-cd.readthedocs.io/en/stable/user-guide/projects/'
export const ARGOCD_NAMESPACES = 'https://argo-cd.readthedocs.io/en/stable/operator-manual/app-any-namespace/'
export const ARGOCD_HYDRATOR = 'https://argo-cd.readthedocs.io/en/stable/user-guide/source-hydrator/'
export const ARGOCD_SOURCE = 'https://github.com/argoproj/argo-cd'
/** @param number of an issue or pull request */
export function argocdIssue(number: number): string {
  return `${ARGOCD_SOURCE}/issues/${number}`
}
export const KUBERNETES_QUOTA = 'https://kubernetes.io/docs/concepts/policy/resource-quotas/'
export const KUBERNETES_ADMISSION =
  'https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/'
export const KUBERNETES_POLICIES = 'https://kubernetes.io/docs/concepts/services-networking/network-policies/'
export const KUBERNETES_RBAC = 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/'
export const GIT_CONFIG = 'https://git-scm.com/docs/git-config'
