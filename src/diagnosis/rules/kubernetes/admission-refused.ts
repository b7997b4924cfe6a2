import { kubernetes, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { KUBERNETES_ADMISSION } from '../../sources.ts'

export const kubernetesAdmissionRefused: Rule<'failure'> = {
  id: 'kubernetes/admission-refused',
  needs: ['failure'],
  link: 'argocd',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure: { service, status, whole } }) =>
    service === 'Kubernetes' &&
    [400, 403].includes(status) &&
    /admission webhook|admission ?policy|violates PodSecurity|denied (?:the )?request/i.test(whole),
  finding: ({ failure: { detail } }) => ({
    summary: `A policy of the cluster refuses it: ${detail}`,
    remedy: 'see what the policy named above requires, and let it allow this object'
  }),
  symptom: 'The API server answers 403 or 400 although the login may write the object.',
  cause: 'An admission webhook (Gatekeeper, Kyverno, Azure Policy), an admission policy or Pod Security.',
  texts: ['admission webhook', 'denied the request', 'ValidatingAdmissionPolicy', 'violates PodSecurity'],
  sources: [KUBERNETES_ADMISSION],
  examples: [
    {
      names: NAMES,
      failure: kubernetes(
        'Forbidden',
        'admission webhook "validation.gatekeeper.sh" denied the request: no labels'
      )
    },
    {
      names: NAMES,
      failure: kubernetes('Invalid', 'ValidatingAdmissionPolicy denied request', { status: 400 })
    },
    { names: NAMES, failure: kubernetes('Forbidden', 'violates PodSecurity "restricted:latest"') }
  ]
}
