/** The steps of whoever may register applications in Entra. */
import { APPLICATION_TAG, newApplication } from '../../../services/entra/applications.ts'
import type { Side } from '../rights.ts'
import type { Settings } from '../settings.ts'
import { prefixOf } from './azure.ts'
import { assigned, type Step } from './step.ts'
import { AUDIENCE, decidedFacts, trustFacts } from './trust.ts'

/**
 * `az ad app create` would change an application of the same name that somebody else made, and cannot set tags; so these
 * are the requests that it sends.
 */
const REQUESTS = [
  'msgraph="${MICROSOFT_GRAPH_URL:-https://graph.microsoft.com}/v1.0"',
  'ask_graph() { az rest --resource https://graph.microsoft.com --headers content-type=application/json "$@"; }',
  'applications() {',
  `  ask_graph --url "$msgraph/applications?\\$filter=displayName%20eq%20'$login'&\\$select=id,appId,createdDateTime,tags&\\$top=999" --query "$1" --output tsv`,
  '}',
  `application() { applications "sort_by(value[?tags && contains(tags, '${APPLICATION_TAG}')], &createdDateTime)[0].$1"; }`,
  'principal() {',
  `  ask_graph --url "$msgraph/servicePrincipals?\\$filter=appId%20eq%20'$1'&\\$select=id,appId" --query "value[0].id" --output tsv`,
  '}'
]

/** A directory has replicas, which learn of a new application one after another. */
const MAKE = [
  'if [ -z "$(application appId)" ]; then',
  '  if [ -n "$(applications "value[0].appId")" ]; then',
  '    echo "There is an application $login that Patless did not make: choose another name with --login-name" >&2; exit 1',
  '  fi',
  '  ask_graph --method post --url "$msgraph/applications" --body "$body" --output none',
  '  for _ in $(seq 20); do if [ -n "$(application appId)" ]; then break; fi; sleep 3; done',
  'fi',
  'client=$(application appId)',
  'if [ -z "$(principal "$client")" ]; then',
  `  for _ in $(seq 20); do`,
  `    if ask_graph --method post --url "$msgraph/servicePrincipals" --body '{"appId": "'"$client"'"}' --output none; then break; fi`,
  '    sleep 3',
  '  done',
  '  for _ in $(seq 20); do if [ -n "$(principal "$client")" ]; then break; fi; sleep 3; done',
  'fi'
]

/** @param settings of the tenant that the application is in */
export function entraSteps({ login, pipeline }: Settings, side: Side): Step[] {
  if (login.kind === 'identity') return []
  const prefix = prefixOf(side)
  const later = side === 'identity' ? 5 : 0
  const tenant = side === 'identity' ? 'identity' : 'cluster'
  const trust = { issuer: 'ISSUER', subject: 'SUBJECT', audiences: [AUDIENCE] }
  const known =
    pipeline.host === 'github' ? { ...trust, issuer: pipeline.issuer, subject: pipeline.subject } : trust
  return [
    ...(side === 'identity'
      ? []
      : [{ for: 'everybody' as const, order: 5, title: 'Requests to Microsoft Graph', lines: REQUESTS }]),
    {
      for: 'entra',
      order: 10 + later,
      tenant,
      title: 'The application that the pipeline logs in as, and its service principal',
      lines: [...assigned('body', JSON.stringify(newApplication(login.name))), ...MAKE]
    },
    {
      for: 'everybody',
      order: 20 + later,
      tenant,
      title: `Its ids; whoever may not look them up is given them (${prefix.toUpperCase()}_CLIENT=… ${prefix.toUpperCase()}_PRINCIPAL=… bash script)`,
      lines: [
        `${prefix}_client=\${${prefix.toUpperCase()}_CLIENT:-$(application appId)}`,
        `${prefix}_principal=\${${prefix.toUpperCase()}_PRINCIPAL:-$(principal "$${prefix}_client")}`,
        `: "$${prefix}_client" "$${prefix}_principal"`
      ]
    },
    ...decidedFacts(pipeline, { for: 'entra', order: 39.5 + later }),
    {
      for: 'entra',
      order: 40 + later,
      tenant,
      title: 'Its trust in exactly this pipeline',
      lines: [
        ...trustFacts(pipeline),
        ': "$issuer" "$subject"',
        ...assigned('body', JSON.stringify(known)),
        // Azure DevOps allows no character in its names that has a meaning in JSON.
        ...(pipeline.host === 'github'
          ? []
          : ['body=${body/ISSUER/"$issuer"}', 'body=${body/SUBJECT/"$subject"}']),
        'credentials="$msgraph/applications/$(application id)/federatedIdentityCredentials"',
        `existing=$(ask_graph --url "$credentials" --query "value[?name=='$credential'].id | [0]" --output tsv)`,
        'if [ -n "$existing" ]; then',
        '  ask_graph --method patch --url "$credentials/$existing" --body "$body" --output none',
        'else',
        `  ask_graph --method post --url "$credentials" --body '{"name": "'"$credential"'", '"\${body#\\{}" --output none`,
        'fi'
      ]
    }
  ]
}
