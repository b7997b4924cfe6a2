import { complaint, NAMES, NETWORK } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { OF_NETWORK } from '../../symptoms.ts'
import { shown } from '../../words.ts'

export const networkAzureDevopsBlocked: Rule<'complaint' | 'network'> = {
  id: 'network/azure-devops-blocked',
  needs: ['complaint', 'network'],
  link: 'network',
  severity: 'error',
  certainty: 'likely',
  explains: OF_NETWORK,
  matches: ({ complaint: { phase, whole }, network: { egressPolicies } }) =>
    phase === 'reading' &&
    !egressPolicies.some(({ nothing }) => nothing) &&
    /i\/o timeout|no such host|connection re(?:fused|set)|network is unreachable|Could not resolve host/i.test(
      whole
    ) &&
    /info\/refs|git-upload-pack|dev\.azure\.com|visualstudio\.com/.test(whole),
  finding: ({ names, complaint: said }) => ({
    summary: `The repo-server gets no answer from Azure DevOps, although it got a token: ${shown(said, /i\/o timeout|no such host|refused|unreachable/i)}`,
    expected: 'dev.azure.com on port 443',
    actual: 'no answer',
    remedy: `let the pods reach dev.azure.com (and ${names.organization ?? '*'}.visualstudio.com) on port 443 in the firewall or route table of cluster ${names.cluster ?? ''}`,
    link: 'https://learn.microsoft.com/azure/devops/organizations/security/allow-list-ip-url'
  }),
  symptom: 'Argo CD reports a timeout with the URL of the repository.',
  cause: 'A firewall or route table lets the pods reach Entra, but not Azure DevOps.',
  texts: ['dial tcp', 'i/o timeout', 'info/refs?service=git-upload-pack'],
  sources: ['https://learn.microsoft.com/azure/devops/organizations/security/allow-list-ip-url'],
  examples: [
    {
      names: NAMES,
      network: NETWORK,
      complaint: complaint(
        'reading',
        'failed to list refs: Get "https://dev.azure.com/contoso/shop/_git/app/info/refs?service=git-upload-pack": dial tcp 13.107.42.20:443: i/o timeout'
      )
    }
  ]
}
