/** Common to the specifications of charts: the registry of the twin, and what is in the cluster and in ARM for it. */
import type { WorldUnderTest } from '../../sandbox/in-process.ts'
import { kindOf, type Kind, type KubeObject } from '../../sandbox/kubernetes/objects.ts'

const SECRETS = kindOf('', 'secrets') as Kind
export const HOST = 'contosocharts.azurecr.io'
export const CHARTS = { registries: `${HOST}/charts/app:1.2.3` }
/** The registry is read even where Argo CD itself is not asked. */
export const QUICK = { ...CHARTS, verification: 'access' }

export const textOf = (data: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries((data ?? {}) as Record<string, string>).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64').toString()
    ])
  )
export const secretsOf = ({ twin }: WorldUnderTest, url: string): KubeObject[] =>
  twin.kubernetes.store.list(SECRETS, 'argocd').filter(({ data }) => textOf(data)['url'] === url)
interface Shown {
  readonly azure: {
    readonly roleAssignments: readonly { readonly scope: string; readonly roleDefinitionId: string }[]
  }
}
export const rolesOf = ({ twin }: WorldUnderTest): string[] =>
  (twin.state() as Shown).azure.roleAssignments.map(
    ({ scope, roleDefinitionId }) =>
      `${roleDefinitionId.split('/').at(-1) ?? ''} on ${scope.split('/').at(-1) ?? ''}`
  )
