import { word } from '../../../core/shell.ts'
import type { SecretFacts } from '../../evidence.ts'
import { complaint, CONNECTIONS, NAMES, SECRET, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_REPOSITORIES, ARGOCD_SOURCE } from '../../sources.ts'
import { OF_NETWORK } from '../../symptoms.ts'
import { deploymentOf, kubectl, matched } from '../../words.ts'

export const networkProxyOnlyInSecret: Rule<'connections' | 'workload' | 'complaint'> = {
  id: 'network/proxy-only-in-secret',
  needs: ['connections', 'workload', 'complaint'],
  link: 'network',
  severity: 'error',
  certainty: 'likely',
  explains: [...OF_NETWORK, 'network/entra-blocked'],
  matches: ({ connections: { secrets }, workload: { pods }, complaint: { whole } }) =>
    secrets.some(({ proxy }) => proxy !== undefined) &&
    pods.some(
      ({ environment }) => (environment['HTTPS_PROXY'] ?? environment['https_proxy']) === undefined
    ) &&
    /deadline ?exceeded|i\/o timeout|no such host|connection refused/i.test(whole),
  finding: ({ connections: { secrets }, names }) => {
    const secret = matched(through(secrets))
    return {
      summary: `The Secret ${secret.name} names a proxy for git, but the pods have no HTTPS_PROXY: the token request goes out without the proxy.`,
      expected: 'HTTPS_PROXY and NO_PROXY on the container',
      actual: 'only proxy in the Secret',
      remedy:
        'give the proxy to the container, too, where Argo CD is installed from; NO_PROXY keeps it away from the cluster itself',
      command: kubectl(
        names,
        `set env ${deploymentOf(names)} HTTPS_PROXY=${word(matched(secret.proxy))} NO_PROXY=.svc,.cluster.local,10.0.0.0/8`
      ),
      link: ARGOCD_REPOSITORIES
    }
  },
  symptom: 'git would work through the proxy, but Argo CD hangs and reports a deadline.',
  cause: 'Argo CD uses the proxy of the Secret for git only, and the environment for the token request.',
  texts: ['context deadline exceeded'],
  sources: [ARGOCD_SOURCE],
  examples: [
    {
      names: NAMES,
      connections: { ...CONNECTIONS, secrets: [{ ...SECRET, proxy: 'http://proxy.contoso.example:3128' }] },
      workload: WORKLOAD,
      complaint: complaint('reading', 'context deadline exceeded')
    }
  ]
}

function through(secrets: readonly SecretFacts[]): SecretFacts | undefined {
  return secrets.find(({ proxy }) => proxy !== undefined)
}
