/** A picture of the chain. It contains no foreign text: results come from closed lists, names lose what is markup. */
import type { Result, VerificationResult } from '../engine/outcome.ts'
import type { Report } from './report.ts'
import { toneOf } from './tone.ts'

type Part = readonly [id: string, text: string, result: Result | VerificationResult]

/** The resources in the direction of trust, colored by result. */
export function mermaidOf({ resources, verifications }: Report): string {
  const has = (name: string): boolean => resources.some(({ resource }) => resource === name)
  const part = (id: string, name: string, text: string, organization?: string): Part => {
    const found = resources.find((one) => one.resource === name && one.organization === organization)
    return [id, text, found?.result ?? 'unknown']
  }
  const named = resources.flatMap(({ organization }) => organization ?? [])
  const organizations = named.length === 0 ? [undefined] : [...new Set(named)]
  const members = organizations.map((organization, index) => {
    const [end, of] = organization === undefined ? ['', ''] : [`${index + 1}`, ` of ${plain(organization)}`]
    return { end, of, organization }
  })
  const nodes: readonly Part[] = [
    part('cluster', 'cluster', 'AKS cluster<br/>OIDC issuer'),
    part('identity', 'identity', 'managed identity'),
    part('argocd', 'argocd', 'argocd-repo-server'),
    part('credential', 'federated-credential', 'federated credential'),
    ...members.flatMap(({ end, of, organization }) => [
      part(`member${end}`, 'entitlement', `organization member${of}<br/>Basic`, organization),
      part(`reader${end}`, 'permission', 'can read', organization)
    ]),
    part('pods', 'workload', 'pods have the identity'),
    part('secret', 'connection', 'repository Secret<br/>no password'),
    ...(has('registry')
      ? [
          part('registry', 'registry', 'may pull from registries'),
          part('charts', 'charts', 'Helm repository Secrets<br/>no password')
        ]
      : []),
    ...(has('application') ? [part('app', 'application', 'Application')] : [])
  ]
  const { access = { result: 'skipped' as const }, argocd, charts } = verifications
  return [
    'flowchart LR',
    ...nodes.map(([id, text, result]) => `  ${id}["${text}<br/><i>${result}</i>"]:::${toneOf(result)}`),
    `  verified(["access verification: ${access.result}"]):::${toneOf(access.result)}`,
    ...(argocd
      ? [
          `  seen(["verification by Argo CD: ${argocd.result}"]):::${toneOf(argocd.result)}`,
          '  secret --> seen'
        ]
      : []),
    ...(charts
      ? [
          `  pulled(["verification of charts: ${charts.result}"]):::${toneOf(charts.result)}`,
          '  registry --> pulled --> charts'
        ]
      : []),
    ...(has('registry') ? ['  identity --> registry', '  pods --> charts'] : []),
    '  cluster --> credential --> identity',
    ...members.map(({ end }) => `  identity --> member${end} --> reader${end} --> verified`),
    '  argocd --> credential',
    '  argocd --> pods --> secret',
    '  identity --> pods',
    '  verified --> secret',
    ...(has('application') ? ['  secret --> app'] : []),
    '  classDef good fill:#dafbe1,stroke:#1a7f37,color:#1f2328',
    '  classDef warn fill:#fff8c5,stroke:#9a6700,color:#1f2328',
    '  classDef bad fill:#ffebe9,stroke:#cf222e,color:#1f2328',
    '  classDef grey fill:#f6f8fa,stroke:#57606a,color:#1f2328'
  ].join('\n')
}

/** The name of an organization: letters, digits and hyphens. */
function plain(name: string): string {
  return name.replaceAll(/[^\w-]/g, '').slice(0, 60)
}
