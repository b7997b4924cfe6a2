import type { Network, Workload } from '../../evidence.ts'
import { complaint, NAMES, NETWORK, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AKS_IDENTITY, ARGOCD_SOURCE } from '../../sources.ts'
import { OF_NETWORK } from '../../symptoms.ts'
import { deploymentOf, kubectl, shown } from '../../words.ts'

export const networkEntraBlocked: Rule<'complaint' | 'network' | 'workload'> = {
  id: 'network/entra-blocked',
  needs: ['complaint', 'network', 'workload'],
  link: 'network',
  severity: 'error',
  certainty: 'likely',
  explains: OF_NETWORK,
  matches: ({ complaint: { phase, whole }, network, workload }) =>
    (phase === 'reading' || (phase === 'unknown' && /context deadline exceeded$/.test(whole))) &&
    !isDenied(network) &&
    !hasProxyProblem(workload) &&
    /deadline ?exceeded|i\/o timeout|no such host|connection re(?:fused|set)/i.test(whole) &&
    !/info\/refs|git-upload-pack|dev\.azure\.com|visualstudio\.com/.test(whole),
  finding: ({ names, complaint: said }) => ({
    summary: `The repo-server gets no answer from Entra: ${shown(said, /deadline|timeout|no such host|refused/i)}`,
    expected: 'login.microsoftonline.com on port 443',
    actual: 'no answer',
    remedy: `let the pods reach login.microsoftonline.com on port 443 in the firewall or route table of the cluster ${names.cluster ?? ''}; "not found" as the answer to the command means that they do`,
    command: kubectl(
      names,
      `exec ${deploymentOf(names)} -- git ls-remote https://login.microsoftonline.com/`
    ),
    link: AKS_IDENTITY
  }),
  symptom: 'Argo CD hangs for a minute, then reports "context deadline exceeded" without a host.',
  cause: 'The token request of Argo CD has no deadline of its own; a firewall or route table drops it.',
  texts: ['context deadline exceeded', 'DeadlineExceeded'],
  sources: [ARGOCD_SOURCE, AKS_IDENTITY],
  examples: [
    {
      names: NAMES,
      network: NETWORK,
      workload: WORKLOAD,
      complaint: complaint('reading', 'context deadline exceeded')
    },
    {
      names: NAMES,
      network: NETWORK,
      workload: WORKLOAD,
      complaint: complaint('unknown', 'context deadline exceeded')
    }
  ]
}

function isDenied({ egressPolicies }: Network): boolean {
  return egressPolicies.some(({ nothing }) => nothing)
}

/** Then the proxy is to blame. */
function hasProxyProblem({ pods }: Workload): boolean {
  return pods.some(
    ({ environment }) => (environment['HTTPS_PROXY'] ?? environment['https_proxy']) !== undefined
  )
}
