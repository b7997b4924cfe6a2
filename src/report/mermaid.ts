/** The chain as a picture. Its texts are this tool's own; results and verifications are words of closed lists. */
import type { Report } from './report.ts'

/** The hops as the trust flows, coloured by result. */
export function mermaidOf({ hops, proofs }: Report): string {
  const result = (name: string): string => hops.find(({ hop }) => hop === name)?.result ?? 'unknown'
  const nodes: readonly (readonly [id: string, hop: string, text: string])[] = [
    ['cluster', 'cluster', 'AKS cluster<br/>OIDC issuer'],
    ['identity', 'identity', 'managed identity'],
    ['argocd', 'argocd', 'argocd-repo-server'],
    ['credential', 'federated-credential', 'federated credential'],
    ['member', 'entitlement', 'organization member<br/>Basic'],
    ['reader', 'permission', 'may read'],
    ['pods', 'workload', 'pods carry the identity'],
    ['secret', 'connection', 'repository Secret<br/>no password'],
    ...(hops.some(({ hop }) => hop === 'application') ? [['app', 'application', 'Application'] as const] : [])
  ]
  const { access = { verification: 'skipped' }, argocd } = proofs
  const colour = (word: string): string =>
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
      ([id, hop, text]) => `  ${id}["${text}<br/><i>${result(hop)}</i>"]:::${colour(result(hop))}`
    ),
    `  proof(["proof by access: ${access.verification}"]):::${colour(access.verification)}`,
    ...(argocd
      ? [
          `  seen(["proof by Argo CD: ${argocd.verification}"]):::${colour(argocd.verification)}`,
          '  secret --> seen'
        ]
      : []),
    '  cluster --> credential --> identity --> member --> reader --> proof',
    '  argocd --> credential',
    '  argocd --> pods --> secret',
    '  identity --> pods',
    '  proof --> secret',
    ...(hops.some(({ hop }) => hop === 'application') ? ['  secret --> app'] : []),
    '  classDef good fill:#dafbe1,stroke:#1a7f37,color:#1f2328',
    '  classDef warn fill:#fff8c5,stroke:#9a6700,color:#1f2328',
    '  classDef bad fill:#ffebe9,stroke:#cf222e,color:#1f2328',
    '  classDef grey fill:#f6f8fa,stroke:#57606a,color:#1f2328'
  ].join('\n')
}
