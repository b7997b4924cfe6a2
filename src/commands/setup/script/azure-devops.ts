/** The steps of an administrator of Azure DevOps. */
import { bodyOf } from '../../../services/azure-devops/service-connections.ts'
import { word } from '../../../core/shell.ts'
import type { Side } from '../rights.ts'
import { MARK, type Settings } from '../settings.ts'
import { prefixOf } from './azure.ts'
import { assigned, segment, unusedIn, type Step } from './step.ts'

const ADO = '499b84ac-1321-427f-aa17-267ca6975798'

export function devopsSteps(settings: Settings): Step[] {
  const { identityTenantId, selfService, organizations } = settings
  const login = prefixOf(identityTenantId === undefined ? 'everything' : 'identity')
  const members = selfService ? [login] : [login, 'argocd']
  const tenant = 'identity'
  return [
    { for: 'everybody', order: 5, title: 'Requests to Azure DevOps', lines: REQUESTS },
    {
      for: 'azure-devops',
      order: 70,
      tenant,
      title: 'Members, with Basic, which take a license each; and what they may read',
      lines: [...MEMBERS, ...(settings.access === 'repository' ? ALLOW : JOIN)]
    },
    ...organizations.map((one, index): Step => ({
      for: 'azure-devops',
      order: 71 + index / 1_000,
      tenant,
      title: `The pipeline${selfService ? '' : ', and Argo CD'}, in ${one.name}`,
      lines: [
        `in_organization ${word(one.name)}`,
        ...members.map((member) => `${member}_member=$(member "$${member}_principal")`),
        ...reading(one, settings.access, members)
      ]
    })),
    ...(selfService ? [administrator(organizations.map(({ name }) => name))] : [])
  ]
}

/** Each may be set to a proxy, as Patless has it. */
export const REQUESTS = [
  'in_organization() {',
  '  devops="${AZURE_DEVOPS_URL:-https://dev.azure.com}/$1"',
  '  entitlements="${AZURE_DEVOPS_ENTITLEMENTS_URL:-https://vsaex.dev.azure.com}/$1"',
  '  graph="${AZURE_DEVOPS_GRAPH_URL:-https://vssps.dev.azure.com}/$1"',
  '  : "$devops" "$entitlements" "$graph"',
  '}',
  `ask() { az rest --resource ${ADO} --headers content-type=application/json "$@"; }`
]

/** Azure DevOps answers 200 even to a failure, and learns of a new identity only after some minutes. */
export const MEMBERS = [
  'member() {',
  '  local body answer',
  `  body='{"accessLevel": {"accountLicenseType": "express"}, "servicePrincipal": {"origin": "aad", "originId": "'"$1"'", "subjectKind": "servicePrincipal"}, "projectEntitlements": []}'`,
  '  for _ in $(seq 40); do',
  '    answer=$(ask --method post --url "$entitlements/_apis/serviceprincipalentitlements?api-version=7.1-preview.1" --body "$body")',
  '    case "$answer" in',
  '      *VS403283*) sleep 15 ;;',
  `      *'"isSuccess": false'*) echo "$answer" >&2; return 1 ;;`,
  '      *) break ;;',
  '    esac',
  '  done',
  // Not in a pipe: a reader that ends early would fail the script.
  `  sed -n '/"aadsp[.]/{s/.*"descriptor": *"\\(aadsp[^"]*\\)".*/\\1/p;q;}' <<< "$answer"`,
  '}'
]

function reading(
  { repositories }: Settings['organizations'][number],
  access: Settings['access'],
  members: readonly string[]
): string[] {
  const each = (lines: (member: string) => string[]): string[] => members.flatMap(lines)
  return [...new Set(repositories.map(({ project }) => project))].flatMap((project) => [
    `project=$(ask --url "$devops/_apis/projects/${segment(project)}?api-version=7.1" --query id --output tsv)`,
    ...(access === 'repository'
      ? [
          ...each((member) => [
            `allow 52d39943-cb85-4d7f-8fa8-c6baac873819 "\\$PROJECT:vstfs:///Classification/TeamProject/$project" 1 "$${member}_member"`
          ]),
          ...repositories
            .filter((one) => one.project === project)
            .flatMap(({ repository }) => [
              `repository=$(ask --url "$devops/$project/_apis/git/repositories/${segment(repository)}?api-version=7.1" --query id --output tsv)`,
              ...each((member) => [
                `allow 2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87 "repoV2/$project/$repository" 2 "$${member}_member"`
              ])
            ])
        ]
      : each((member) => [`reader "$${member}_member" "$project"`]))
  ])
}

/** The membership in a project group is part of the entitlement, whose id the graph knows. */
export const JOIN = [
  'reader() {',
  '  local id patch',
  '  id=$(ask --url "$graph/_apis/graph/storagekeys/$1?api-version=7.1-preview.1" --query value --output tsv)',
  `  patch='[{"from": "", "op": "add", "path": "/projectEntitlements/'"$2"'", "value": {"group": {"groupType": "projectReader"}, "projectRef": {"id": "'"$2"'"}}}]'`,
  `  az rest --resource ${ADO} --headers content-type=application/json-patch+json --method patch --url "$entitlements/_apis/serviceprincipalentitlements/$id?api-version=7.1-preview.1" --body "$patch" --output none`,
  '}'
]

export const ALLOW = [
  'allow() {',
  '  local descriptor body',
  '  descriptor=$(ask --url "$graph/_apis/identities?subjectDescriptors=$4&api-version=7.1" --query "value[0].descriptor" --output tsv)',
  '  descriptor=${descriptor//\\\\/\\\\\\\\}',
  `  body='{"token": "'"$2"'", "merge": true, "accessControlEntries": [{"descriptor": "'"$descriptor"'", "allow": '"$3"', "deny": 0}]}'`,
  '  ask --method post --url "$devops/_apis/accesscontrolentries/$1?api-version=7.1" --body "$body" --output none',
  '}'
]

/** No request of az finds a group of the organization in a list with many pages. */
function administrator(organizations: readonly string[]): Step {
  return {
    for: 'azure-devops',
    order: 90,
    title: 'The pipeline administers the organization (--self-service)',
    lines: [
      `echo "By hand, in ${organizations.join(', ')}: Organization settings > Permissions > Project Collection Administrators > Members > Add: $login" >&2`
    ]
  }
}

/** @param settings of the tenant that the connection logs in to */
export function connectionSteps(settings: Settings, side: Side): Step[] {
  const { tenantId, pipeline } = settings
  if (pipeline.host === 'github') return []
  const { subscriptionId } = side === 'identity' ? settings.identity : settings.cluster
  const prefix = prefixOf(side)
  // Its ids are known, and what the one before said is not needed any more.
  const later = side === 'identity' ? 12.5 : 0
  const tenant = 'identity'
  const { organization, project: name, connection } = pipeline
  const [projectMark, clientMark] = ['PROJECT_ID', 'CLIENT_ID'].map((one) =>
    unusedIn(`${name}${connection}`, one)
  ) as [string, string]
  const body = bodyOf({
    name: connection,
    description: MARK,
    project: { id: projectMark, name },
    tenantId,
    clientId: clientMark,
    subscriptionId
  })
  const list = `$devops/${segment(name)}/_apis/serviceendpoint/endpoints?endpointNames=${segment(connection)}&api-version=7.1`
  return [
    {
      for: 'everybody',
      order: 30 + later,
      tenant,
      title: 'The service connection, which decides issuer and subject of its tokens',
      lines: [
        `in_organization ${word(organization)}`,
        `connections="${list}"`,
        ...(side === 'identity'
          ? []
          : [
              'connection() { ask --url "$connections" --query "value[0].authorization.parameters.$1" --output tsv; }'
            ])
      ]
    },
    {
      for: 'azure-devops',
      order: 31 + later,
      tenant,
      title: 'Make it, unless it exists',
      lines: [
        'if [ -z "$(connection workloadIdentityFederationSubject)" ]; then',
        `  project=$(ask --url "$devops/_apis/projects/${segment(name)}?api-version=7.1" --query id --output tsv)`,
        ...assigned('  body', JSON.stringify(body, null, 2)),
        `  body=\${body//${projectMark}/$project}`,
        `  ask --method post --url "$devops/_apis/serviceendpoint/endpoints?api-version=7.1" --body "\${body//${clientMark}/$${prefix}_client}" --output none`,
        'fi',
        // In whatever case Azure DevOps shows it.
        'found=$(connection serviceprincipalid)',
        `if [ "\${found,,}" != "\${${prefix}_client,,}" ]; then`,
        '  echo "There is a service connection of this name for another login: choose another name with --service-connection" >&2; exit 1',
        'fi'
      ]
    }
  ]
}
