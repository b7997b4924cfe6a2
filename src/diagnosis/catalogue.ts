/**
 * Evidence → cause → remedy. One entry per failure that users of this chain have met; the sources are the services' own
 * error references and the issues named. Entries match codes, never prose, where there is a code.
 */
import { GitProblem } from '../services/git/git.ts'
import { HttpProblem, safe } from '../http/errors.ts'
import { RATE_LIMITS } from '../http/pace.ts'
import { Problem, type FindingFacts } from '../core/finding.ts'
import { input } from '../core/input-name.ts'
import { AZURE_REFUSALS } from './azure-refusals.ts'
import { code, DEVOPS_PRINCIPALS, type Entry } from './entry.ts'
import { explainGit } from './git-failures.ts'
import { MEMBER_REFUSALS } from './member-refusals.ts'

const AADSTS = 'https://learn.microsoft.com/entra/identity-platform/reference-error-codes'
const FEDERATION = 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations'

/** Refusals after the permission check: the answer is also 403, or 400 from a webhook, but no permission is missing. */
function refusedBy(words: RegExp) {
  return (problem: HttpProblem): boolean =>
    problem.service === 'Kubernetes' && [400, 403].includes(problem.status) && problem.says(words)
}

const ENTRIES: readonly Entry[] = [
  {
    when: code('AADSTS700211', 'AADSTS70021'),
    facts: ({ detail }) => ({
      id: 'entra/issuer-unknown',
      summary: `Entra finds no federated credential with the issuer of this cluster's tokens. ${detail}`,
      remedy: `run with ${input('mode', 'apply')}; if it stays, compare the credential's issuer with \`az aks show --query oidcIssuerProfile.issuerUrl\`, trailing slash included`,
      link: FEDERATION
    })
  },
  {
    when: code('AADSTS70025'),
    facts: () => ({
      id: 'entra/no-credential',
      summary: 'Entra knows no federated credential of the identity.',
      remedy: `run with ${input('mode', 'apply')}; a fresh one takes some minutes to be known everywhere`,
      link: FEDERATION
    })
  },
  {
    when: code('AADSTS700213', 'AADSTS7002137'),
    facts: ({ detail }) => ({
      id: 'entra/subject-unknown',
      summary: `Entra finds no federated credential with the repo-server's subject. ${detail}`,
      remedy: `run with ${input('mode', 'apply')}; the subject must be system:serviceaccount:<namespace>:<service account of the repo-server pod>`,
      link: FEDERATION
    })
  },
  {
    when: code('AADSTS7002138'),
    facts: ({ detail }) => ({
      id: 'entra/case-differs',
      summary: `The federated credential's subject or issuer differs from the token in upper and lower case only. ${detail}`,
      remedy: `run with ${input('mode', 'apply')} to write it byte for byte`,
      link: FEDERATION
    })
  },
  {
    when: code('AADSTS700212'),
    facts: ({ detail }) => ({
      id: 'entra/audience-differs',
      summary: `The federated credential names another audience than the token. ${detail}`,
      remedy: `run with ${input('mode', 'apply')} to write the audience of this cloud`,
      link: FEDERATION
    })
  },
  {
    when: code('AADSTS50166', 'AADSTS90061', 'AADSTS501661'),
    facts: () => ({
      id: 'entra/discovery-unreadable',
      summary: "Entra cannot read the cluster's OIDC discovery document.",
      remedy:
        'if the issuer was just enabled, wait some minutes; else make it readable from the internet, or reconcile the cluster: az aks update',
      link: FEDERATION
    })
  },
  {
    when: code('AADSTS7000272'),
    facts: () => ({
      id: 'entra/key-unknown',
      summary: "The key that signed the cluster's token is not among those its issuer publishes.",
      remedy: 'after a key rotation wait and run again; else the issuer belongs to another cluster'
    })
  },
  {
    when: code('AADSTS700016'),
    facts: () => ({
      id: 'entra/identity-unknown',
      summary: 'Entra does not know the identity in this tenant: it is new, deleted, or of another tenant.',
      remedy: `run with ${input('mode', 'apply')}; if it stays, compare tenantId and clientId with \`az identity show\``,
      link: AADSTS
    })
  },
  {
    when: code('AADSTS700024'),
    facts: () => ({
      id: 'entra/token-lifetime',
      summary: "The cluster's token is outside its lifetime when Entra reads it.",
      remedy: "correct the clock of the cluster's control plane or of the runner, then run again",
      link: AADSTS
    })
  },
  {
    when: code('AADSTS53003'),
    facts: () => ({
      id: 'entra/conditional-access',
      summary: 'A Conditional Access policy for workload identities blocks the identity.',
      remedy: "let the policy allow the identity from the cluster's and the runner's addresses",
      link: AADSTS
    })
  },
  {
    when: ({ service: service }) => service === 'Entra',
    facts: ({ code: number, detail, status }) => ({
      id: 'entra/refused',
      summary: `Entra refused the exchange: ${number ?? status} ${detail}`,
      remedy: 'look the code up under the link',
      link: AADSTS
    })
  },
  ...AZURE_REFUSALS,
  {
    when: code('SubscriptionNotFound', 'InvalidSubscriptionId'),
    facts: ({ detail }) => ({
      id: 'azure/subscription-unknown',
      summary: `The login does not see the subscription. ${detail}`,
      remedy: `correct ${input('subscription-id')} (az account list), or grant the login Reader on the cluster`
    })
  },
  {
    when: (problem) =>
      problem.service === 'ARM' && problem.says(/not enabled|federated identity credentials not/i),
    facts: ({ detail }) => ({
      id: 'azure/region-unsupported',
      summary: `The identity's region does not support federated credentials: ${detail}`,
      remedy: 'set location to another region for the identity; it need not be that of the cluster',
      link: FEDERATION
    })
  },
  {
    when: ({ service, status }) => service === 'Azure DevOps' && status === 429,
    facts: ({ detail }) => ({
      id: 'azure-devops/throttled',
      summary: `Azure DevOps limits the requests of the login: ${detail}`,
      remedy: 'run again in some minutes, with fewer steps of this login at the same time',
      link: RATE_LIMITS
    })
  },
  {
    when: code('VS403283'),
    facts: ({ detail }) => ({
      id: 'azure-devops/identity-not-known-yet',
      summary: `Azure DevOps does not know the new identity yet: ${detail}`,
      remedy: 'run again in some minutes; a new identity takes a while to reach Azure DevOps',
      code: 'VS403283',
      link: DEVOPS_PRINCIPALS
    })
  },
  {
    when: ({ service: service, status }) => service === 'Azure DevOps' && (status === 401 || status === 203),
    facts: ({ detail, message }) => ({
      id: 'azure-devops/login-refused',
      summary: `Azure DevOps does not accept the login${organizationIn(message, ' in ')}: ${detail}`,
      remedy:
        'add the application the run logs in as to the organization (Organization settings > Users), in the same tenant',
      link: DEVOPS_PRINCIPALS
    })
  },
  {
    when: ({ service: service, status, message }) =>
      service === 'Azure DevOps' &&
      status === 404 &&
      /_apis\/(?:resourceAreas|permissions|graph\/serviceprincipals)/.test(message),
    facts: ({ message }) => ({
      id: 'azure-devops/organization-unknown',
      summary: `There is no such Azure DevOps organization${organizationIn(message, ', ')}, or it does not let the login in.`,
      remedy: `correct the organization in ${input('repository-url')}; the application the run logs in as must be a user of it (Organization settings > Users)`,
      link: DEVOPS_PRINCIPALS
    })
  },
  ...MEMBER_REFUSALS,
  {
    when: (problem) =>
      problem.service === 'Azure DevOps' && (problem.status === 403 || problem.says(/Access Denied/i)),
    facts: ({ detail }) => ({
      id: 'azure-devops/right-missing',
      summary: `The login lacks a right in Azure DevOps: ${detail}`,
      remedy: 'make the application the run logs in as a member of Project Collection Administrators',
      link: DEVOPS_PRINCIPALS
    })
  },
  {
    when: ({ service: service, status }) => service === 'Azure DevOps' && status === 200,
    facts: ({ detail }) => ({
      id: 'azure-devops/member-not-added',
      summary: `Azure DevOps answered 200, but did not add the member: ${detail}`,
      remedy: 'check that the identity is in the tenant of the organization and that a Basic licence is free',
      link: DEVOPS_PRINCIPALS
    })
  },
  {
    when: ({ service: service, status }) => service === 'Kubernetes' && status === 401,
    facts: () => ({
      id: 'kubernetes/login-refused',
      summary: 'The cluster does not accept the login.',
      remedy:
        'bind the login to a role in the cluster (docs/permissions/kubernetes-role.yaml), or give a kubeconfig'
    })
  },
  {
    when: refusedBy(/being terminated/),
    facts: ({ detail }) => ({
      id: 'kubernetes/namespace-terminating',
      summary: `The namespace is being deleted, so nothing can be created in it: ${detail}`,
      remedy:
        'wait until it is gone, then install Argo CD anew; if it stays, see which finalizers hold it: kubectl get namespace -o yaml'
    })
  },
  {
    when: refusedBy(/exceeded quota|(?:maximum|minimum) .{1,100} usage per|must specify /),
    facts: ({ detail }) => ({
      id: 'kubernetes/quota',
      summary: `A quota or limit of the namespace refuses it: ${detail}`,
      remedy: 'raise the quota, or free what it counts: kubectl describe resourcequota,limitrange'
    })
  },
  {
    when: refusedBy(/admission webhook|admission ?policy|violates PodSecurity|denied (?:the )?request/i),
    facts: ({ detail }) => ({
      id: 'kubernetes/admission-refused',
      summary: `A policy of the cluster refuses it: ${detail}`,
      remedy: 'see what the policy named above wants, and let it allow this object'
    })
  },
  {
    when: ({ service: service, status }) => service === 'Kubernetes' && status === 403,
    facts: ({ detail }) => ({
      id: 'kubernetes/right-missing',
      summary: `The login lacks a right in the cluster: ${detail}`,
      remedy: `grant it (docs/permissions/kubernetes-role.yaml); with ${input('argocd-namespace')} set, rights in that namespace are enough`
    })
  }
]

/** The facts of any error, with cause and remedy if the catalog knows them. */
export function explain(error: unknown): FindingFacts {
  if (error instanceof HttpProblem) {
    const entry = ENTRIES.find(({ when }) => when(error))
    if (!entry) return error.facts
    return { ...(error.code === undefined ? {} : { code: error.code }), ...entry.facts(error) }
  }
  if (error instanceof GitProblem) return explainGit(error)
  if (error instanceof Problem) return error.facts
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return {
    id: 'patless/defect',
    summary: `Defect of Patless: ${safe(text)}`,
    remedy: 'report it with the debug log'
  }
}

/** The organization that a request to Azure DevOps was for, after these words. */
function organizationIn(message: string, before: string): string {
  const name = / \/([\w-]{1,64})\/_apis\//.exec(message)?.[1]
  return name === undefined ? '' : `${before}${name}`
}
