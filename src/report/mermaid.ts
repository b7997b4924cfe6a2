/** A picture of the chain. It contains no foreign text: results come from closed lists. */
import type { Report } from './report.ts'

/** The resources in the direction of trust, colored by result. */
export function mermaidOf({ resources, verifications }: Report): string {
  const resultOf = (name: string): string =>
    resources.find(({ resource }) => resource === name)?.result ?? 'unknown'
  const nodes: readonly (readonly [id: string, resource: string, text: string])[] = [
    ['cluster', 'cluster', 'AKS cluster<br/>OIDC issuer'],
    ['identity', 'identity', 'managed identity'],
    ['argocd', 'argocd', 'argocd-repo-server'],
    ['credential', 'federated-credential', 'federated credential'],
    ['member', 'entitlement', 'organization member<br/>Basic'],
    ['reader', 'permission', 'can read'],
    ['pods', 'workload', 'pods have the identity'],
    ['secret', 'connection', 'repository Secret<br/>no password'],
    ...(resources.some(({ resource }) => resource === 'application')
      ? [['app', 'application', 'Application'] as const]
      : [])
  ]
  const { access = { result: 'skipped' }, argocd } = verifications
  const colorOf = (result: string): string =>
    ['unchanged', 'created', 'updated', 'verified'].includes(result)
      ? 'good'
      : ['drifted', 'missing', 'inconclusive'].includes(result)
        ? 'warn'
        : result === 'failed'
          ? 'bad'
          : 'grey'
  return [
    'flowchart LR',
    ...nodes.map(
      ([id, resource, text]) =>
        `  ${id}["${text}<br/><i>${resultOf(resource)}</i>"]:::${colorOf(resultOf(resource))}`
    ),
    `  verified(["access verification: ${access.result}"]):::${colorOf(access.result)}`,
    ...(argocd
      ? [
          `  seen(["verification by Argo CD: ${argocd.result}"]):::${colorOf(argocd.result)}`,
          '  secret --> seen'
        ]
      : []),
    '  cluster --> credential --> identity --> member --> reader --> verified',
    '  argocd --> credential',
    '  argocd --> pods --> secret',
    '  identity --> pods',
    '  verified --> secret',
    ...(resources.some(({ resource }) => resource === 'application') ? ['  secret --> app'] : []),
    '  classDef good fill:#dafbe1,stroke:#1a7f37,color:#1f2328',
    '  classDef warn fill:#fff8c5,stroke:#9a6700,color:#1f2328',
    '  classDef bad fill:#ffebe9,stroke:#cf222e,color:#1f2328',
    '  classDef grey fill:#f6f8fa,stroke:#57606a,color:#1f2328'
  ].join('\n')
}
