/** What is reported under which cause. */
import { describe, expect, test } from '@jest/globals'
import { TITLES } from '../../src/core/finding-titles.ts'
import { RULES } from '../../src/diagnosis/registry.ts'
import * as SYMPTOMS from '../../src/diagnosis/symptoms.ts'

const GROUPS = Object.entries(SYMPTOMS)

test.each(GROUPS)('%s names findings that exist, each once, and that Argo CD does not read', (_name, ids) => {
  expect(ids.length).toBeGreaterThan(2)
  for (const id of ids) expect(TITLES).toHaveProperty([id])
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids).toEqual(expect.arrayContaining(['argocd/cannot-read', 'verification/never-seen']))
})

describe('a rule', () => {
  test.each(RULES.map(({ id, explains = [] }) => [id, explains] as const))(
    '%s explains findings that exist',
    (_id, explains) => {
      for (const one of explains) expect(TITLES).toHaveProperty([one])
    }
  )

  test.each([
    ['federated-credential/subject-differs', 'entra/subject-unknown'],
    ['federated-credential/audience-differs', 'entra/audience-differs'],
    ['federated-credential/case-differs', 'entra/case-differs'],
    ['federated-credential/missing', 'federated-credential/drifted'],
    ['workload/label-missing', 'workload/drifted'],
    ['workload/label-missing', 'argocd/extension-not-applied'],
    ['workload/webhook-down', 'workload/rollout-stuck'],
    ['entitlement/stakeholder', 'azure-devops/repository-not-shown'],
    ['permission/denied', 'azure-devops/repository-not-shown'],
    ['connection/missing', 'connection/drifted'],
    ['network/egress-denied', 'argocd/no-network']
  ] as const)('%s explains %s', (id, consequence) => {
    expect(RULES.find((rule) => rule.id === id)?.explains).toContain(consequence)
  })
})
