/** What the federated credential of the pipeline says, as variables of the script. */
import { word } from '../../../core/shell.ts'
import type { Settings } from '../settings.ts'
import { credentialName, titleOf } from '../trust.ts'
import type { Step } from './step.ts'

export const AUDIENCE = 'api://AzureADTokenExchange'

export function trustFacts(pipeline: Settings['pipeline']): string[] {
  const title = titleOf(pipeline)
  return pipeline.host === 'github'
    ? [
        `issuer=${word(pipeline.issuer)}`,
        `subject=${word(pipeline.subject)}`,
        `credential=${word(credentialName({ title, subject: pipeline.subject }))}`
      ]
    : [
        `credential=${word(credentialName({ title, subject: '' }).slice(0, -8))}$(printf %s "$subject" | sha256sum | cut -c1-8)`
      ]
}

/**
 * On Azure Pipelines the service connection decides issuer and subject: Azure DevOps is asked, which may be in another
 * tenant than the login.
 */
export function decidedFacts(pipeline: Settings['pipeline'], step: Pick<Step, 'for' | 'order'>): Step[] {
  if (pipeline.host === 'github') return []
  return [
    {
      ...step,
      tenant: 'identity',
      title: 'Issuer and subject of its tokens',
      lines: [
        'issuer=$(connection workloadIdentityFederationIssuer)',
        'subject=$(connection workloadIdentityFederationSubject)'
      ]
    }
  ]
}
