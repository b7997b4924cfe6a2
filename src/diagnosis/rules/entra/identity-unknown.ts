import { input } from '../../../core/input-name.ts'
import { entra, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AADSTS } from '../../sources.ts'
import { isEntra, ofIdentity } from '../../words.ts'

export const entraIdentityUnknown: Rule<'failure'> = {
  id: 'entra/identity-unknown',
  needs: ['failure'],
  link: 'entra',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => isEntra(failure, 700016),
  finding: ({ names }) => ({
    summary: 'Entra does not know the identity in this tenant: it is new, deleted, or of another tenant.',
    remedy: `run with ${input('mode', 'apply')}; if it stays, compare client id and tenant with those of the pods`,
    command: `az identity show ${ofIdentity(names)} --query "{clientId:clientId,tenantId:tenantId}"`,
    link: AADSTS
  }),
  symptom: 'The token exchange fails; the text says that an application was not found in the directory.',
  cause:
    'The client id is not that of an identity in this tenant: the identity was deleted or created again, the annotation holds its object id or resource id, or the tenant is another one.',
  texts: ['AADSTS700016', 'was not found in the directory'],
  sources: [AADSTS, 'https://github.com/MicrosoftDocs/azure-docs/issues/108526'],
  examples: [
    {
      names: NAMES,
      failure: entra(700016, "Application with identifier '…' was not found in the directory '…'.")
    }
  ]
}
