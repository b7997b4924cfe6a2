import { complaint, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_SOURCE, KUBERNETES_POLICIES } from '../../sources.ts'
import { kubectl, shown, spoken } from '../../words.ts'

export const argocdNoNetwork: Rule<'complaint'> = {
  id: 'argocd/no-network',
  needs: ['complaint'],
  link: 'network',
  severity: 'error',
  certainty: 'proved',
  matches: ({ complaint: said }) =>
    said.phase === 'reading' &&
    /deadline ?exceeded|i\/o timeout|dial tcp|no such host|could not resolve host|connection re(?:fused|set)|ECONNREFUSED|network is unreachable|handshake timeout|proxyconnect|Client\.Timeout/i.test(
      spoken(said)
    ),
  finding: ({ complaint: said, names }) => ({
    summary: `The repo-server cannot reach Entra or Azure DevOps: ${shown(said, /deadline ?exceeded|i\/o timeout|dial tcp|proxyconnect|refused/i)}`,
    remedy:
      'let its pods reach login.microsoftonline.com and dev.azure.com on port 443: look at the NetworkPolicies, the firewall, and the proxy (HTTPS_PROXY on the container for the token, NO_PROXY for the cluster)',
    command: kubectl(names, 'get networkpolicies'),
    link: KUBERNETES_POLICIES
  }),
  symptom: 'Argo CD hangs, then reports a deadline or a timeout.',
  cause:
    'A NetworkPolicy, a firewall, DNS or a proxy is in the way of the pods. The text names the host; a deadline without a host is usually the token request.',
  texts: [
    'context deadline exceeded',
    'DeadlineExceeded',
    'i/o timeout',
    'dial tcp',
    'no such host',
    'proxyconnect tcp'
  ],
  sources: [KUBERNETES_POLICIES, ARGOCD_SOURCE],
  examples: [
    'context deadline exceeded',
    'dial tcp 13.107.42.20:443: i/o timeout',
    'lookup login.microsoftonline.com: no such host',
    'could not resolve host',
    'connection refused',
    'read: connection reset by peer',
    'ECONNREFUSED',
    'network is unreachable',
    'TLS handshake timeout',
    'proxyconnect tcp: EOF',
    'Client.Timeout exceeded while awaiting headers'
  ].map((text) => ({ names: NAMES, complaint: complaint('reading', `failed to list refs: ${text}`) }))
}
