import { NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { EXTENSION } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { ofExtension } from '../../words.ts'

export const argocdExtensionFailed: Rule<'extension'> = {
  id: 'argocd/extension-failed',
  needs: ['extension'],
  link: 'argocd',
  severity: 'error',
  certainty: 'proved',
  explains: OF_PODS,
  matches: ({ extension: { state } }) => state === 'Failed',
  finding: ({ extension: { name }, names }) => ({
    summary: `The AKS extension ${name} is in the state Failed.`,
    expected: 'Succeeded',
    actual: 'Failed',
    remedy: 'see why, and correct it; on fewer than four nodes the extension needs redis-ha.enabled=false',
    command: `az k8s-extension show ${ofExtension(names, name)} --query statuses`,
    link: EXTENSION
  }),
  symptom: 'Settings of the extension do not reach the pods.',
  cause: 'The chart could not be installed, or the agents did not connect for 48 hours.',
  texts: ['ExtensionOperationFailed', 'provisioningState: Failed'],
  sources: [EXTENSION],
  examples: [{ names: NAMES, extension: { name: 'argocd', version: '1.0.3', state: 'Failed', settings: {} } }]
}
