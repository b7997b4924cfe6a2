/** The chain as a picture. Its texts are this tool's own; results and verifications are words of closed lists. */
import type { Report } from './report.ts'

/** The resources as the trust flows, colored by result. */
export function mermaidOf({ resources, verifications }: Report): string {
  const result = (name: string): string =>
    resources.find(({ resource }) => resource === name)?.result ?? 'unknown'
  const nodes: readonly (readonly [id: string, resource: string, text: string])[] = [
    ['cluster', 'cluster', 'AKS cluster<br/>OIDC issuer'],
    ['identity', 'identity', 'managed identity'],
    ['argocd', 'argocd', 'argocd-repo-server'],
    ['credential', 'federated-credential', 'federated credential'],
    ['member', 'entitlement', 'organization member<br/>Basic'],
    ['reader', 'permission', 'may read'],
    ['pods', 'workload', 'pods carry the identity'],
    ['secret', 'connection', 'repository Secret<br/>no password'],
    ...(resources.some(({ resource }) => resource === 'application')
      ? [['app', 'application', 'Application'] as const]
      : [])
  ]
  const { access = { result: 'skipped' }, argocd } = verifications
  const color = (word: string): string =>
    ['unchanged', 'created', 'updated', 'verified'].includes(word)
      ? 'good'
      : ['drifted', 'missing', 'inconclusive'].includes(word)
        ? 'warn'
        : word === 'failed'
          ? 'bad'
          : 'grey'
  return [
    'flowchart LR',
    ...nodes.map(
      ([id, resource, text]) =>
        `  ${id}["${text}<br/><i>${result(resource)}</i>"]:::${color(result(resource))}`
    ),
    `  verified(["access verification: ${access.result}"]):::${color(access.result)}`,
    ...(argocd
      ? [
          `  seen(["verification by Argo CD: ${argocd.result}"]):::${color(argocd.result)}`,
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
