import type { Workload } from '../../evidence.ts'
import { NAMES, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AWI_WEBHOOK } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { deploymentOf, known, kubectl, matched } from '../../words.ts'

const SET_BY_WEBHOOK = ['AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_FEDERATED_TOKEN_FILE']

export const workloadSetByHand: Rule<'workload'> = {
  id: 'workload/set-by-hand',
  needs: ['workload'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  explains: OF_PODS,
  matches: ({ workload }) => setByHand(workload).length > 0,
  finding: ({ workload, names }) => {
    const found = matched(setByHand(workload))
    return {
      summary: `${found.join(', ')} ${found.length === 1 ? 'is' : 'are'} set on the container ${workload.container}; the webhook does not replace a variable that exists.`,
      expected: 'not set by hand',
      actual: found.join(', '),
      remedy: 'remove it where Argo CD is installed from',
      command: kubectl(
        names,
        `set env ${deploymentOf(names)} ${found.map((name) => `${known(name, 'name')}-`).join(' ')}`
      ),
      link: AWI_WEBHOOK
    }
  },
  symptom: 'The pods keep an old client id or tenant, whatever the annotation says.',
  cause: 'Values of the chart, or an old attempt, set the variable on the container.',
  texts: ['AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_FEDERATED_TOKEN_FILE'],
  sources: [AWI_WEBHOOK],
  examples: [
    { names: NAMES, workload: { ...WORKLOAD, variables: [{ name: 'AZURE_CLIENT_ID', value: 'x' }] } },
    {
      names: NAMES,
      workload: {
        ...WORKLOAD,
        variables: ['AZURE_TENANT_ID', 'AZURE_FEDERATED_TOKEN_FILE'].map((name) => ({ name, value: 'x' }))
      }
    }
  ]
}

function setByHand({ variables }: Workload): string[] {
  return variables.filter(({ name }) => SET_BY_WEBHOOK.includes(name)).map(({ name }) => name)
}
