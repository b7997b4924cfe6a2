import { expect, test } from '@jest/globals'
import { explain } from '../../src/diagnosis/explain.ts'
import { ApplicationProblem } from '../../src/diagnosis/argocd-conditions.ts'
import { refusedLogin } from '../../src/services/entra/refusal.ts'

const application = { namespace: 'argocd', name: 'a', project: 'p' }

test('a code that stands far behind is found before the text is cut', async () => {
  const text = `${'x '.repeat(5_000)}AADSTS700213: No matching federated identity record found. Trace ID: 1`
  expect(refusedLogin('Entra refused the login', text).facts.code).toBe('AADSTS700213')
  expect(refusedLogin('Entra refused the login', text).message).toContain('No matching federated')
  expect((await explain(new ApplicationProblem(application, { message: text }))).code).toBe('AADSTS700213')
})
