/** Argo CD as somebody else installed it. */
import type { Defect } from '../kubernetes/defects.ts'
import { SHAPES, UPSTREAM } from './shapes.ts'

export const INSTALL_DEFECTS: Readonly<Record<string, Defect>> = {
  ...Object.fromEntries(
    Object.entries(SHAPES).map(([name, install]): [string, Defect] => [
      name,
      ({ reinstall, conditions }) => {
        reinstall(install)
        conditions.extensionDeaf = name === 'extension-deaf'
      }
    ])
  ),
  'argocd-absent': ({ reinstall }) => {
    reinstall(undefined)
  },
  'two-argocds': ({ install }) => {
    install({ ...UPSTREAM, namespace: 'argocd-team' })
  },
  'argocd-controller-down': ({ conditions }) => {
    conditions.controller = 'off'
  },
  /** Pods that the webhook does not change get a token of the node, which no organization knows. */
  'node-identity': ({ conditions }) => {
    conditions.nodeIdentity = 'one'
  },
  'node-identities': ({ conditions }) => {
    conditions.nodeIdentity = 'several'
  },
  'tls-inspected': ({ conditions }) => {
    conditions.tlsInspected = true
  },
  'egress-entra-blocked': ({ conditions }) => {
    conditions.entraEgress = 'blocked'
  },
  'egress-devops-refused': ({ conditions }) => {
    conditions.devopsEgress = 'refused'
  },
  'egress-devops-blocked': ({ conditions }) => {
    conditions.devopsEgress = 'blocked'
  }
}
