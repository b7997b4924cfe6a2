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
  'egress-entra-blocked': ({ conditions }) => {
    conditions.entraEgress = 'blocked'
  },
  'egress-devops-blocked': ({ conditions }) => {
    conditions.devopsEgress = 'blocked'
  }
}
