/**
 * Every defect that can be made from outside with the rights of the login. Several at a time, since a round on real
 * services takes minutes: no defect of a round hides another one of it.
 */
import {
  annotate,
  changeCredential,
  changeMember,
  changeSecret,
  createSecret,
  deleteIdentity,
  deleteSecret,
  encoded,
  labelPods,
  presentMember,
  projectId,
  removeMember,
  secretsOf
} from './chain.ts'
import type { Hand } from './hand.ts'

export interface Defect {
  readonly name: string
  make(hand: Hand): Promise<void>
  /** What check must say of it, in its output `differences`. */
  readonly finding: RegExp
  /** Where apply must leave it as it is, and say so: how a person repairs it. Called last made, first repaired. */
  readonly byHand?: (hand: Hand) => Promise<void>
}

const SECRET_TYPE = 'argocd.argoproj.io/secret-type'
/** A Secret that a defect makes. */
export const COPY = 'patless-live-copy'
/** A client id that a defect writes. */
export const OTHER_CLIENT = '00000000-0000-0000-0000-00000000dead'

const credentialDeleted: Defect = {
  name: 'federated credential deleted',
  make: (hand) => changeCredential(hand, undefined),
  finding: /"field":"federated credential"/
}
const subjectChanged: Defect = {
  name: "subject of another namespace's account",
  make: (hand) => changeCredential(hand, { subject: 'system:serviceaccount:other:argocd-repo-server' }),
  finding: /"field":"subject"/
}
const issuerChanged: Defect = {
  name: 'issuer of a cluster that is gone',
  make: (hand) => changeCredential(hand, { issuer: 'https://issuer.example/gone/' }),
  finding: /"field":"issuer"/
}
const audienceChanged: Defect = {
  name: 'another audience',
  make: (hand) => changeCredential(hand, { audiences: ['api://other'] }),
  finding: /"field":"audiences"/
}
const memberRemoved: Defect = {
  name: 'member removed',
  make: async (hand) => {
    await removeMember(hand, await presentMember(hand))
  },
  finding: /"field":"member"/
}
const stakeholder: Defect = {
  name: 'licence of a stakeholder',
  make: (hand) =>
    changeMember(hand, {
      from: '',
      op: 'replace',
      path: '/accessLevel',
      value: { accountLicenseType: 'stakeholder', licensingSource: 'account' }
    }),
  finding: /"field":"access level"/
}
const notReader: Defect = {
  name: 'out of the Readers',
  make: async (hand) => {
    const path = `/projectEntitlements/${await projectId(hand)}`
    await changeMember(hand, { from: '', op: 'remove', path, value: null })
  },
  finding: /"field":"Readers of /
}
const annotationRemoved: Defect = {
  name: 'annotation of the service account removed',
  make: (hand) => annotate(hand, { 'azure.workload.identity/client-id': null }),
  finding: /"field":"annotation [^"]*client-id/
}
const otherClient: Defect = {
  name: 'annotation of another identity',
  make: (hand) => annotate(hand, { 'azure.workload.identity/client-id': OTHER_CLIENT }),
  finding: /"field":"annotation [^"]*client-id/
}
const otherTenant: Defect = {
  name: 'annotation of another tenant',
  make: (hand) =>
    annotate(hand, { 'azure.workload.identity/tenant-id': '00000000-0000-0000-0000-00000000beef' }),
  finding: /"field":"annotation [^"]*tenant-id/
}
const labelRemoved: Defect = {
  name: 'label of the pods removed',
  make: (hand) => labelPods(hand, null),
  finding: /"field":"pod template label/
}
const secretDeleted: Defect = {
  name: 'Secret deleted',
  make: async (hand) => {
    for (const { metadata } of await secretsOf(hand)) await deleteSecret(hand, metadata.name)
  },
  finding: /"field":"repository Secret"/
}
const flagRemoved: Defect = {
  name: 'Secret without useAzureWorkloadIdentity',
  make: (hand) => changeOnly(hand, { data: { useAzureWorkloadIdentity: null } }),
  finding: /"field":"[^"]*useAzureWorkloadIdentity"/
}
const password: Defect = {
  name: 'Secret with a password',
  make: (hand) =>
    changeOnly(hand, { data: { username: encoded('live'), password: encoded('not-a-password') } }),
  finding: /"field":"[^"]*credentials"/,
  byHand: (hand) => changeOnly(hand, { data: { username: null, password: null } })
}
const secondSecret: Defect = {
  name: 'a second Secret for the URL',
  async make(hand) {
    const [first] = await secretsOf(hand)
    const metadata = { name: COPY, labels: { [SECRET_TYPE]: 'repository' } }
    await createSecret(hand, { apiVersion: 'v1', kind: 'Secret', metadata, data: first?.data ?? {} })
  },
  finding: /"field":"repository Secrets"/,
  byHand: (hand) => deleteSecret(hand, COPY)
}
const identityDeleted: Defect = {
  name: 'identity deleted',
  make: deleteIdentity,
  finding: /"field":"managed identity"/
}

export const ROUNDS: readonly (readonly Defect[])[] = [
  [credentialDeleted, annotationRemoved, secretDeleted, notReader],
  [subjectChanged, otherClient, flagRemoved, stakeholder],
  [issuerChanged, labelRemoved, password, secondSecret, memberRemoved],
  [audienceChanged, otherTenant],
  [identityDeleted]
]

async function changeOnly(hand: Hand, patch: object): Promise<void> {
  const [secret, other] = await secretsOf(hand)
  if (!secret || other) throw new Error('there is not exactly one Secret for the repository')
  await changeSecret(hand, secret.metadata.name, patch)
}
