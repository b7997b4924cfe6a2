/** What the federated credential of the pipeline says, as variables of the script. */
import { word } from '../../../core/shell.ts'
import type { Settings } from '../settings.ts'
import { credentialName, titleOf } from '../trust.ts'

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
        'issuer=$(connection workloadIdentityFederationIssuer)',
        'subject=$(connection workloadIdentityFederationSubject)',
        `credential=${word(credentialName({ title, subject: '' }).slice(0, -8))}$(printf %s "$subject" | sha256sum | cut -c1-8)`
      ]
}
