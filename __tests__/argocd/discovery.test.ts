/** Which Deployments are candidates for Argo CD, and what has to be beside them. */
import { describe, expect, test } from '@jest/globals'
import type { V1Deployment } from '@kubernetes/client-node'
import { candidatesAmong, selectCandidates, evidenceOf, judgeCandidate } from '../../src/argocd/discovery.ts'

type Container = Partial<
  NonNullable<NonNullable<V1Deployment['spec']>['template']['spec']>['containers'][number]
>

const deployment = (
  name: string,
  container: Container = {},
  labels: Record<string, string> = {},
  replicas = 1
): V1Deployment => ({
  metadata: { name, namespace: 'argocd', labels },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', ...container }] } }
  }
})
const service = (selector?: Record<string, string>) => ({
  metadata: { name: 's', namespace: 'argocd' },
  spec: selector ? { selector } : {}
})
const WHOLE = {
  services: [service({ app: 'x' })],
  statefulSets: [deployment('argocd-application-controller')],
  configured: true
}
const RUNS = { args: ['/usr/local/bin/argocd-repo-server'] }

describe('what speaks for a Deployment', () => {
  test.each<[string, V1Deployment, boolean | undefined]>([
    [
      'both labels',
      deployment(
        'x',
        {},
        { 'app.kubernetes.io/component': 'repo-server', 'app.kubernetes.io/part-of': 'argocd' }
      ),
      true
    ],
    ['an argument', deployment('x', RUNS), true],
    [
      'an entry point before it',
      deployment('x', { command: ['uid_entrypoint.sh', 'argocd-repo-server'] }),
      true
    ],
    ['the line of a shell', deployment('x', { command: ['sh', '-c', 'exec argocd-repo-server -v'] }), true],
    [
      'an image with a digest',
      deployment('x', { image: 'r.example:5000/argocd-repo-server:v3@sha256:00' }),
      true
    ],
    ['one label', deployment('x', {}, { 'app.kubernetes.io/component': 'repo-server' }), false],
    ['its name', deployment('fleet-repo-server'), false],
    ['the name of a label', deployment('x', {}, { 'app.kubernetes.io/name': 'argo-cd-repo-server' }), false],
    ['a name that only contains it', deployment('repo-server-ui'), undefined],
    ['an argument about it', deployment('x', { args: ['--repo-server=argocd-repo-server:8081'] }), undefined]
  ])('%s', (_what, one, strong) => {
    expect(candidatesAmong([one]).map((found) => found.strong)).toEqual(strong === undefined ? [] : [strong])
  })

  test('one without replicas gives way to one that serves, and only in its namespace', () => {
    const idle = deployment('old-repo-server', RUNS, {}, 0)
    const serving = deployment('x', RUNS)
    const names = (all: V1Deployment[]) => candidatesAmong(all).map(({ server }) => server.deployment)
    expect(names([idle, serving])).toEqual(['x'])
    expect(names([idle])).toEqual(['old-repo-server'])
    const elsewhere = { ...serving, metadata: { ...serving.metadata, namespace: 'team' } }
    expect(names([idle, elsewhere])).toEqual(['old-repo-server', 'x'])
  })

  test('the remedy for two of them, to scale one to 0, leaves one: whatever speaks for both', () => {
    const names = (all: V1Deployment[]) => candidatesAmong(all).map(({ server }) => server.deployment)
    expect(names([deployment('a-repo-server'), deployment('b-repo-server')])).toHaveLength(2)
    expect(names([deployment('a-repo-server', {}, {}, 0), deployment('b-repo-server')])).toEqual([
      'b-repo-server'
    ])
    // A name alone does not take the place of the real one that is scaled down.
    expect(names([deployment('x', RUNS, {}, 0), deployment('b-repo-server')])).toEqual(['x', 'b-repo-server'])
    expect(
      names([deployment('a-repo-server', {}, {}, 0), deployment('b-repo-server', {}, {}, 0)])
    ).toHaveLength(2)
  })
})

describe('what has to be beside it', () => {
  const [candidate] = candidatesAmong([deployment('x', RUNS)])
  const judge = (around: Partial<typeof WHOLE> | Record<string, undefined>, near: V1Deployment[] = []) => {
    if (!candidate) throw new Error('no candidate')
    return judgeCandidate(candidate, { ...WHOLE, ...around }, near)
  }

  test('a whole installation is confirmed', () => {
    expect(judge({})).toMatchObject({
      missing: [],
      unknown: [],
      confirmed: ['Service s', 'controller argocd-application-controller', 'ConfigMap argocd-cm']
    })
  })

  test.each([
    ['no Service', { services: [] }, /a Service for its pods/],
    ['a Service for others', { services: [service({ app: 'other' })] }, /a Service/],
    ['a Service without selector', { services: [service()] }, /a Service/],
    ['no controller', { statefulSets: [] }, /an application controller/],
    ['no configuration', { configured: false }, /the ConfigMap argocd-cm/]
  ])('%s', (_what, around, missing) => {
    const judged = judge(around)
    expect(judged.missing.join()).toMatch(missing)
    expect(evidenceOf(judged)).toMatch(/^argocd\/x \(runs argocd-repo-server.*not an Argo CD, because/)
  })

  test('a controller may be a Deployment, of the same namespace', () => {
    const controller = deployment('argocd-application-controller')
    expect(judge({ statefulSets: [] }, [controller]).missing).toEqual([])
    const elsewhere = { ...controller, metadata: { ...controller.metadata, namespace: 'team' } }
    expect(judge({ statefulSets: [] }, [elsewhere]).missing).toEqual(['an application controller'])
  })

  test('what may not be read is not known, and not absent', () => {
    const judged = judge({ services: undefined, statefulSets: undefined, configured: undefined })
    expect(judged).toMatchObject({
      confirmed: [],
      missing: [],
      unknown: ['services', 'statefulsets', 'configmaps argocd-cm']
    })
  })

  test('a name alone does not count where something is missing, or beside something better', () => {
    const weak = { ...judge({}), strong: false }
    expect(selectCandidates([weak])).toHaveLength(1)
    expect(selectCandidates([{ ...weak, missing: ['a Service'] }])).toEqual([])
    // Not to be allowed to look is not to have seen that nothing is there.
    expect(selectCandidates([{ ...weak, confirmed: [], unknown: ['services'] }])).toHaveLength(1)
    expect(selectCandidates([weak, judge({})])).toHaveLength(1)
    expect(selectCandidates([{ ...judge({}), missing: ['a Service'] }])).toHaveLength(1)
  })
})
