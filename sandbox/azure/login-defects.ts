/** Mistakes that make Entra refuse the login of the job itself: what its application trusts, and other reasons. */
import type { Trust } from '../world.ts'
import type { LoginRefusal } from './login-refusals.ts'
import type { AzureState } from './state.ts'

type Defect = (state: AzureState) => void

export const LOGIN_DEFECTS: Readonly<Record<string, Defect>> = {
  'login-untrusted': (state) => {
    state.deployerTrusts = []
  },
  'login-issuer': trusts((one) => ({ ...one, issuer: `${one.issuer}/enterprise` })),
  'login-subject': trusts((one) => ({ ...one, subject: 'repo:contoso/platform:ref:refs/heads/release' })),
  'login-subject-case': trusts((one) => ({ ...one, subject: one.subject.replace('contoso', 'Contoso') })),
  'login-audience': trusts((one) => ({ ...one, audience: 'https://github.com/contoso' })),
  'login-issuer-unreadable': refusal(50166),
  'login-issuer-key': refusal(7000272),
  'login-issuer-not-permitted': refusal(700236),
  'login-clock': refusal(700024),
  'login-application-disabled': refusal(7000112),
  'login-secret-expired': refusal(7000222),
  'login-conditional-access': refusal(53003),
  'login-service-missing': refusal(500011)
}

function trusts(change: (trust: Trust) => Trust): Defect {
  return (state) => {
    state.deployerTrusts = state.deployerTrusts.map(change)
  }
}

function refusal(code: LoginRefusal): Defect {
  return (state) => {
    state.loginRefusal = code
  }
}
