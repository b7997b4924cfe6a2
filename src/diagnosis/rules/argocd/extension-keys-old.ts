import { input } from '../../../core/input-name.ts'
import { NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { EXTENSION } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { known, ofExtension } from '../../words.ts'

const CURRENT = 'azure.workloadIdentity.enabled'
const OLD = ['workloadIdentity.enable', 'workloadIdentity.clientId']

export const argocdExtensionKeysOld: Rule<'extension'> = {
  id: 'argocd/extension-keys-old',
  needs: ['extension'],
  link: 'argocd',
  severity: 'error',
  certainty: 'proved',
  explains: OF_PODS,
  matches: ({ extension: { version, settings } }) =>
    !version.startsWith('0.') && OLD.some((key) => key in settings) && !(CURRENT in settings),
  finding: ({ extension: { name, version, settings }, names }) => ({
    summary: `The AKS extension ${name} ${version} has ${OLD.filter((key) => key in settings).join(' and ')}, names of versions before 1.0, which it accepts and ignores.`,
    expected: `${CURRENT}, azure.workloadIdentity.clientId`,
    actual: OLD.filter((key) => key in settings).join(', '),
    remedy: `run with ${input('mode', 'apply')}, or set the current names`,
    command: `az k8s-extension update ${ofExtension(names, name)} --configuration-settings ${CURRENT}=true azure.workloadIdentity.clientId=${known(names.clientId, 'client id')}`,
    link: EXTENSION
  }),
  symptom: 'Workload identity is "enabled" in the extension, and the pods have no label.',
  cause: 'The names of the settings changed with 1.0; old names do nothing.',
  texts: ['workloadIdentity.enable', 'workloadIdentity.clientId'],
  sources: ['https://github.com/Azure/AKS/issues/5600', EXTENSION],
  examples: [
    {
      names: NAMES,
      extension: {
        name: 'argocd',
        version: '1.0.3',
        state: 'Succeeded',
        settings: { 'workloadIdentity.enable': 'true', 'workloadIdentity.clientId': 'x' }
      }
    }
  ]
}
