import { entra, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AADSTS } from '../../sources.ts'
import { isEntra, ofIdentity } from '../../words.ts'

export const entraTenantUnknown: Rule<'failure'> = {
  id: 'entra/tenant-unknown',
  needs: ['failure'],
  link: 'entra',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => isEntra(failure, 90002, 900023, 900021, 90013, 900382, 50059, 90072),
  finding: ({ names }) => ({
    summary: 'Entra does not know the tenant, or the tenant is of another cloud.',
    remedy: `compare the tenant ${names.tenantId ?? ''} with that of the identity and with AZURE_AUTHORITY_HOST on the pods; Azure DevOps Services exists in the public cloud only`,
    command: `az identity show ${ofIdentity(names)} --query tenantId`,
    link: AADSTS
  }),
  symptom: 'The token exchange fails at once, on every attempt.',
  cause: 'The tenant id is wrong or misspelled, or the pods ask the Entra of another cloud.',
  texts: [
    'AADSTS90002',
    'AADSTS900023',
    'AADSTS900021',
    'AADSTS90013',
    'AADSTS900382',
    'AADSTS50059',
    'AADSTS90072',
    'Tenant not found'
  ],
  sources: [AADSTS],
  examples: [
    { names: NAMES, failure: entra(90002, "Tenant '…' not found.") },
    ...[900023, 900021, 90013, 900382, 50059, 90072].map((number) => ({
      names: NAMES,
      failure: entra(number)
    }))
  ]
}
