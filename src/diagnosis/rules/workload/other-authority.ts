import { safe } from '../../../http/errors.ts'
import type { Pod } from '../../evidence.ts'
import { NAMES, POD, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { FEDERATION } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { deploymentOf, kubectl, matched } from '../../words.ts'

const OTHER_CLOUDS =
  /^https:\/\/login\.(?:chinacloudapi\.cn|partner\.microsoftonline\.cn|microsoftonline\.us)\/?$/i

export const workloadOtherAuthority: Rule<'workload'> = {
  id: 'workload/other-authority',
  needs: ['workload'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  explains: OF_PODS,
  matches: ({ workload: { pods } }) => otherAuthority(pods) !== undefined,
  finding: ({ workload: { pods }, names }) => ({
    summary:
      'The pods request their tokens from the Entra of another cloud, which does not know the identity; Azure DevOps Services exists in the public cloud only.',
    expected: 'https://login.microsoftonline.com/',
    actual: safe(matched(otherAuthority(pods)), 200),
    remedy: 'set it where Argo CD is installed from',
    command: kubectl(
      names,
      `set env ${deploymentOf(names)} AZURE_AUTHORITY_HOST=https://login.microsoftonline.com/`
    ),
    link: FEDERATION
  }),
  symptom: 'Entra says AADSTS90002 or AADSTS900382.',
  cause: 'The cluster is in a sovereign cloud, or AZURE_AUTHORITY_HOST was set by hand.',
  texts: ['AADSTS90002', 'AADSTS900382', 'AZURE_AUTHORITY_HOST'],
  sources: [FEDERATION],
  examples: [
    {
      names: NAMES,
      workload: {
        ...WORKLOAD,
        pods: [
          {
            ...POD,
            environment: { ...POD.environment, AZURE_AUTHORITY_HOST: 'https://login.chinacloudapi.cn/' }
          }
        ]
      }
    }
  ]
}

function otherAuthority(pods: readonly Pod[]): string | undefined {
  return pods
    .map(({ environment }) => environment['AZURE_AUTHORITY_HOST'])
    .find((host) => OTHER_CLOUDS.test(host ?? ''))
}
