/**
 * Defects that a person makes with the unmodified kubectl and az, instead of the twin's switch. The first finding names
 * each. A client that is not installed is skipped; `.ci/run` installs both.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { cloudByHand, handOf, has, logInByHand, type Hand } from '../../sandbox/by-hand.ts'
import { startWorldUnderTest, type WorldUnderTest } from '../../sandbox/in-process.ts'
import type { FindingId } from '../../src/core/finding-titles.ts'

const CLIENTS = ['kubectl', 'az'] as const
type Client = (typeof CLIENTS)[number]
const INSTALLED = CLIENTS.filter(has)

interface Credential {
  readonly name: string
  readonly issuer: string
  readonly subject: string
  readonly audiences: readonly string[]
}

let world: WorldUnderTest
let hand: Hand
let trust: Credential
beforeAll(async () => {
  world = await startWorldUnderTest()
  hand = handOf(world.twin)
  if (!INSTALLED.includes('az')) return
  await cloudByHand(world.twin, hand)
  await logInByHand(hand)
  await world.applied()
  const [one] = JSON.parse(await credential('list')) as Credential[]
  if (!one) throw new Error('there is no credential')
  trust = one
}, 120_000)
afterAll(() => world.twin.close())

const NAME = 'argocd-repo-server'
const CLIENT_ID = 'azure.workload.identity/client-id'
const LABEL = 'azure.workload.identity/use'
const NOBODY = '00000000-0000-0000-0000-0000000000aa'

const kubectl = (...args: string[]): Promise<string> => hand.kubectl('-n', 'argocd', ...args)
const patch = (what: string, body: object): Promise<string> =>
  kubectl('patch', ...what.split(' '), '--type', 'merge', '-p', JSON.stringify(body))
const template = (metadata: object): Promise<string> =>
  patch(`deploy ${NAME}`, { spec: { template: { metadata } } })
const setEnv = (variable: string): Promise<string> => kubectl('set', 'env', `deploy/${NAME}`, variable)
const annotate = (...annotations: string[]): Promise<string> =>
  kubectl('annotate', '--overwrite', 'sa', NAME, ...annotations)

/** `secret/name`, as kubectl prints and takes it. */
const secret = async (): Promise<string> =>
  (await kubectl('get', 'secret', '-l', 'argocd.argoproj.io/secret-type=repository', '-o', 'name')).trim()
const patchSecret = async (body: object): Promise<string> => patch(await secret(), body)

function credential(task: 'list' | 'update' | 'delete', ...options: string[]): Promise<string> {
  const { resourceGroup } = world.twin.azure.ids
  const identity = world.twin.environment['SANDBOX_IDENTITY'] ?? ''
  const of = ['-g', resourceGroup, '--identity-name', identity]
  return hand.az('identity', 'federated-credential', task, ...of, ...options)
}

const trusted = (change: Partial<Credential>): Promise<string> => {
  const { name, issuer, subject, audiences } = { ...trust, ...change }
  const options = ['--issuer', issuer, '--subject', subject, '--audiences', ...audiences]
  return credential('update', '-n', name, ...options)
}

const HANDS: readonly (readonly [
  client: Client,
  what: string,
  id: FindingId,
  by: () => Promise<unknown>,
  says?: RegExp
])[] = [
  [
    'az',
    'identity federated-credential update: no slash',
    'federated-credential/issuer-slash',
    () => trusted({ issuer: trust.issuer.slice(0, -1) })
  ],
  [
    'az',
    'identity federated-credential update: another issuer',
    'federated-credential/issuer-of-another-cluster',
    () => trusted({ issuer: 'https://issuer.example/old/' })
  ],
  [
    'az',
    'identity federated-credential update: another account',
    'federated-credential/subject-differs',
    () => trusted({ subject: 'system:serviceaccount:flux-system:source-controller' })
  ],
  [
    'az',
    'identity federated-credential update: capitals',
    'federated-credential/case-differs',
    () => trusted({ subject: trust.subject.replace('argocd:', 'ArgoCD:') })
  ],
  [
    'az',
    'identity federated-credential update: audience',
    'federated-credential/audience-differs',
    () => trusted({ audiences: ['api://AzureADTokenExchangeUSGov'] })
  ],
  [
    'az',
    'identity federated-credential delete',
    'federated-credential/missing',
    () => credential('delete', '-n', trust.name, '--yes')
  ],
  [
    'kubectl',
    'patch: label removed',
    'workload/label-missing',
    () => template({ labels: { [LABEL]: null } })
  ],
  [
    'kubectl',
    'patch: label "yes"',
    'workload/label-value',
    () => template({ labels: { [LABEL]: 'yes' } }),
    /Last written there by kubectl patch \(field manager kubectl-patch, /
  ],
  [
    'kubectl',
    'label deploy instead of its pods',
    'workload/label-misplaced',
    async () => {
      await template({ labels: { [LABEL]: null } })
      await kubectl('label', 'deploy', NAME, `${LABEL}=true`)
    }
  ],
  ['kubectl', 'annotate sa: removed', 'workload/annotation-missing', () => annotate(`${CLIENT_ID}-`)],
  [
    'kubectl',
    'annotate sa: a name',
    'workload/annotation-not-client-id',
    () => annotate(`${CLIENT_ID}=id-argocd`)
  ],
  [
    'kubectl',
    'annotate sa: another tenant',
    'workload/other-tenant',
    () => annotate(`azure.workload.identity/tenant-id=${NOBODY}`)
  ],
  ['kubectl', 'delete sa', 'workload/service-account-missing', () => kubectl('delete', 'sa', NAME)],
  ['kubectl', 'set env: client id', 'workload/set-by-hand', () => setEnv(`AZURE_CLIENT_ID=${NOBODY}`)],
  [
    'kubectl',
    'set env: a secret',
    'workload/client-secret-in-environment',
    () => setEnv('AZURE_CLIENT_SECRET=not-a-real-secret-0123456789')
  ],
  [
    'kubectl',
    'set env: the Entra of another cloud',
    'workload/other-authority',
    () => setEnv('AZURE_AUTHORITY_HOST=https://login.microsoftonline.us/')
  ],
  [
    'kubectl',
    'patch: skip-containers',
    'workload/skipped-by-webhook',
    () => template({ annotations: { 'azure.workload.identity/skip-containers': NAME } })
  ],
  [
    'kubectl',
    'rollout pause',
    'workload/rollout-paused',
    () => kubectl('rollout', 'pause', `deploy/${NAME}`)
  ],
  ['kubectl', 'delete secret', 'connection/missing', async () => kubectl('delete', await secret())],
  [
    'kubectl',
    'patch secret: a password',
    'connection/stored-credentials',
    () => patchSecret({ stringData: { password: 'not-a-real-secret-0123456789' } })
  ],
  [
    'kubectl',
    'patch secret: "yes"',
    'connection/not-readable',
    () => patchSecret({ stringData: { useAzureWorkloadIdentity: 'yes' } })
  ],
  [
    'kubectl',
    'patch secret: a key in lower case',
    'connection/key-misspelled',
    () =>
      patchSecret({
        data: { useAzureWorkloadIdentity: null },
        stringData: { useazureworkloadidentity: 'true' }
      })
  ],
  [
    'kubectl',
    'label secret: another type',
    'connection/secret-unlabelled',
    async () => kubectl('label', '--overwrite', await secret(), 'argocd.argoproj.io/secret-type=repo')
  ],
  [
    'kubectl',
    'patch secret: of one project',
    'connection/project-scoped',
    () => patchSecret({ stringData: { project: 'team-a' } })
  ],
  [
    'kubectl',
    'delete mutatingwebhookconfiguration, then a rollout',
    'workload/webhook-missing',
    async () => {
      const name = 'azure-wi-webhook-mutating-webhook-configuration'
      await kubectl('delete', 'mutatingwebhookconfiguration', name)
      await kubectl('rollout', 'restart', `deploy/${NAME}`)
    }
  ]
]

for (const client of CLIENTS) {
  const its = HANDS.filter(([of]) => of === client)
  const each = INSTALLED.includes(client) ? test.each(its) : test.skip.each(its)
  each(
    '%s %s: %s',
    async (_client, _what, id, by, says = /./) => {
      await world.applied()
      await by()
      await sleep(150)
      const report = await world.check({ 'verification-timeout': '1' })
      expect(report.findings.map((one) => one.id)[0]).toBe(id)
      expect(report.findings[0]?.summary).toMatch(says)
      expect(report.outputs.verification).not.toBe('verified')
    },
    60_000
  )
}

test('they are twenty at least', () => {
  expect(HANDS.length).toBeGreaterThanOrEqual(20)
})
