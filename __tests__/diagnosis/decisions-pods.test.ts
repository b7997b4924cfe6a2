/** Where a rule about pods ends: the case beside its examples that another rule, or none, has to explain. */
import { describe, expect, test } from '@jest/globals'
import type { FindingId } from '../../src/core/finding-titles.ts'
import { complaint, IDENTITY, NAMES, PLAIN_POD, POD, TRUST, WORKLOAD } from '../../src/diagnosis/examples.ts'
import { matches, said } from './decisions.ts'

describe('pods', () => {
  const workload = (more: Partial<typeof WORKLOAD>) => ({ workload: { ...WORKLOAD, ...more } })
  const LIMITED = { name: 'AZURE_TOKEN_CREDENTIALS', value: 'WorkloadIdentityCredential' }
  const STRONGER = { name: 'AZURE_CLIENT_SECRET', value: undefined }

  test.each<[string, (typeof WORKLOAD)['variables'], boolean]>([
    ['a client secret', [STRONGER], true],
    ['one beside the limit', [STRONGER, LIMITED], false],
    ['one beside another limit', [STRONGER, { ...LIMITED, value: 'prod' }], true],
    ['one beside another variable', [STRONGER, { ...LIMITED, name: 'X' }], true]
  ])('%s in the environment', (_what, variables, is) => {
    expect(matches('workload/client-secret-in-environment', workload({ variables }))).toBe(is)
  })

  test('keys that cannot be read show no client secret', () => {
    const variableSources = [{ kind: 'Secret' as const, name: 'x', keys: undefined }]
    expect(matches('workload/client-secret-in-environment', workload({ variableSources }))).toBe(false)
  })

  test('one pod with the identity is not that of the node', () => {
    const whole = 'ManagedIdentityCredential authentication failed'
    const of = (...pods: (typeof POD)[]) =>
      matches('workload/node-identity', { ...workload({ pods }), complaint: complaint('reading', whole) })
    expect([of(PLAIN_POD), of(PLAIN_POD, POD), of(POD), of()]).toEqual([true, false, false, false])
    const elsewhere = { ...workload({ pods: [PLAIN_POD] }), complaints: [complaint('unknown', whole)] }
    expect(said('workload/node-identity', elsewhere).summary).toContain(whole)
    expect(matches('workload/node-identity', workload({ pods: [PLAIN_POD] }))).toBe(false)
  })

  test('the audience of another pod decides nothing', () => {
    const bound = { ...POD, audience: 'api://AKSIdentityBinding' }
    const of = (...pods: (typeof POD)[]) => ({ ...workload({ pods }), trust: TRUST })
    expect(said('workload/other-audience', of(PLAIN_POD, POD, bound)).actual).toBe(bound.audience)
    expect(matches('workload/other-audience', of(PLAIN_POD, POD))).toBe(false)
  })

  const OLD = { pods: [PLAIN_POD] }
  const SKIP = 'azure.workload.identity/skip-containers'
  test.each<[string, Partial<typeof WORKLOAD>, boolean]>([
    ['label and annotation are right', {}, true],
    ['the label is missing', { templateLabels: {} }, false],
    ['the account is not there', { annotations: undefined }, false],
    [
      'the annotation is of another identity',
      { annotations: { 'azure.workload.identity/client-id': 'x' } },
      false
    ],
    ['the webhook skips a container', { templateAnnotations: { [SKIP]: 'x' } }, false],
    ['the template sets the variable', { variables: [{ name: 'AZURE_CLIENT_ID', value: 'x' }] }, false],
    ['the template sets another variable', { variables: [{ name: 'X', value: 'x' }] }, true],
    ['webhooks do not reach the namespace', { namespace: 'kube-system' }, false]
  ])('a plain pod is an old one when %s: %s', (_what, more, is) => {
    expect(matches('workload/pod-older', workload({ ...OLD, ...more }))).toBe(is)
  })

  test.each([
    ['3599', true],
    ['3600', false],
    ['86400', false],
    ['86401', true],
    ['1h', true]
  ])('a token of %s seconds', (value, is) => {
    const EXPIRATION = 'azure.workload.identity/service-account-token-expiration'
    const of = (more: Partial<typeof WORKLOAD>) =>
      matches('workload/token-expiration-invalid', workload(more))
    expect(of({ templateAnnotations: { [EXPIRATION]: value } })).toBe(is)
    expect(of({ annotations: { ...WORKLOAD.annotations, [EXPIRATION]: value } })).toBe(is)
  })

  test.each([
    ['argocd-repo-server', null],
    ['argocd-repo-server;a', 'a'],
    ['a; argocd-repo-server ;b', 'a;b']
  ])('of the containers to skip, %s, the others stay', (list, left) => {
    const { command } = said(
      'workload/skipped-by-webhook',
      workload({ templateAnnotations: { [SKIP]: list } })
    )
    expect(command).toContain(JSON.stringify({ annotations: { [SKIP]: left } }))
  })

  test.each<[string, (typeof WORKLOAD)['annotatedElsewhere'], string | undefined, FindingId]>([
    ['nowhere', [], NAMES.clientId, 'workload/annotation-missing'],
    [
      'with another id elsewhere',
      [{ account: 'x', clientId: 'y' }],
      NAMES.clientId,
      'workload/annotation-missing'
    ],
    [
      'with this id elsewhere',
      [{ account: 'x', clientId: NAMES.clientId ?? '' }],
      NAMES.clientId,
      'workload/annotation-elsewhere'
    ],
    [
      'with any id elsewhere, while its own is not known',
      [{ account: 'x', clientId: 'y' }],
      undefined,
      'workload/annotation-elsewhere'
    ]
  ])('the annotation is %s', (_what, annotatedElsewhere, clientId, id) => {
    const evidence = workload({ annotations: {}, annotatedElsewhere })
    for (const one of ['workload/annotation-missing', 'workload/annotation-elsewhere'] as const)
      expect(matches(one, evidence, { ...NAMES, clientId })).toBe(one === id)
  })

  test('what the account names decides which rule it is', () => {
    const of = (value: string, named: Record<string, string> = {}) =>
      (
        ['workload/other-identity', 'workload/annotation-not-client-id', 'identity/recreated'] as const
      ).filter((id) =>
        matches(id, {
          ...workload({ annotations: { 'azure.workload.identity/client-id': value } }),
          identity: { ...IDENTITY, named }
        })
      )
    const foreign = '12345678-1234-4234-8234-123456789012'
    expect(of(IDENTITY.clientId, { [IDENTITY.clientId]: 'own' })).toEqual([])
    expect(of(foreign, { [foreign]: 'id-x' })).toEqual(['workload/other-identity'])
    expect(of(foreign)).toEqual(['identity/recreated'])
    expect(of(IDENTITY.principalId)).toEqual(['workload/annotation-not-client-id'])
    expect(of('id-argocd')).toEqual(['workload/annotation-not-client-id'])
    expect(of('')).toEqual([])
  })

  test('the commit server needs label, annotation and trust; what cannot be read is not missing', () => {
    const server = {
      ...{ deployment: 'cs', account: 'cs-account', secrets: ['push'], labelled: true, clientId: 'x' },
      trusted: ['system:serviceaccount:argocd:cs-account']
    }
    const id = 'workload/commit-server-without-identity'
    const of = (more: object) => matches(id, { commitServer: { ...server, ...more } })
    expect(of({})).toBe(false)
    expect(of({ trusted: undefined })).toBe(false)
    expect(of({ labelled: false })).toBe(true)
    expect(of({ clientId: undefined })).toBe(true)
    const untrusted = said(id, { commitServer: { ...server, trusted: [] } })
    expect(untrusted.actual).toBe('no federated credential')
    expect(untrusted.command).toMatch(
      /federated-credential create .*\nkubectl -n argocd rollout restart deploy\/cs$/
    )
    const bare = { ...server, labelled: false, clientId: undefined, trusted: [] }
    expect(said(id, { commitServer: bare }).actual).toBe('no label, no annotation, no federated credential')
  })
})
