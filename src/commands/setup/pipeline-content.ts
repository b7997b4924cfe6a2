/** The workflow of GitHub, or the pipeline of Azure Pipelines, that applies, checks and audits. */
import { VERSION } from '../../core/version.ts'
import { INPUTS, inputsFor } from '../../config/table.ts'
import { inIdentityTenant, type AzurePipeline, type GitHubPipeline, type Settings } from './settings.ts'

/** Modes that the pipeline runs, in the order of a menu. What this version cannot do is left out. */
function modes(): string[] {
  const known = inputsFor('elsewhere').flatMap((one) =>
    one.name === 'mode' && 'choices' in one ? [...one.choices] : []
  )
  return ['apply', 'check', 'audit'].filter((mode) => known.some((one) => one === mode))
}

/** Client ids of the logins; the second one where the identity is in another tenant than the cluster. */
export interface LoginIds {
  readonly clientId: string
  readonly identityClientId?: string | undefined
}

export function workflow(settings: Settings, pipeline: GitHubPipeline, logins: LoginIds): string {
  const { branch, environment, commit } = pipeline
  const uses = commit === undefined ? `v${VERSION}` : `${commit} # v${VERSION}`
  const all = modes()
  return `name: Argo CD access to Azure Repos
on:
  push:
    branches: [${text(branchPattern(branch))}]
    paths: [${text(settings.file.path)}]
  schedule:
    - cron: '17 5 * * *'
  workflow_dispatch:
    inputs:
      mode:
        type: choice
        options: [${all.join(', ')}]
        default: apply
permissions: {}
concurrency: argocd-access
jobs:
  access:
    runs-on: ubuntu-latest
    permissions:
      id-token: write
${environment === undefined ? '' : `    environment: ${text(environment)}\n`}    steps:
      - uses: patless/patless@${uses}
        id: access
        if: inputs.mode != 'audit'
        with:
          # Every morning a check, after a change of this file apply, by hand what was chosen.
          mode: \${{ github.event_name == 'schedule' && 'check' || inputs.mode || 'apply' }}
${lines(inputsOf(settings, logins), '          ')}${
    all.includes('audit')
      ? `      - uses: patless/patless@${uses}
        id: audit
        if: inputs.mode == 'audit'
        with:
          mode: audit
${lines(forAudit(inputsOf(settings, logins)), '          ')}`
      : ''
  }`
}

type Inputs = readonly (readonly [name: string, value: string])[]

function lines(inputs: Inputs, indent: string, spelled = (name: string): string => name): string {
  return inputs.map(([name, value]) => `${indent}${spelled(name)}: ${value}\n`).join('')
}

/** Those that an audit uses: it refuses the others. */
function forAudit(inputs: Inputs): Inputs {
  return inputs.filter(([name]) =>
    INPUTS.some(
      (row) => row.name === name && (!('modes' in row) || row.modes.some((mode) => mode === 'audit'))
    )
  )
}

function inputsOf(
  settings: Settings,
  { clientId, identityClientId }: LoginIds
): [name: string, value: string][] {
  const { cluster, repositories, tenantId, identityTenantId } = settings
  return [
    ...targetOf(settings),
    ['subscription-id', text(cluster.subscriptionId)],
    ['client-id', text(clientId)],
    ['tenant-id', text(tenantId)],
    ...(identityTenantId === undefined
      ? []
      : ([
          ['identity-login-client-id', text(identityClientId ?? '')],
          ['identity-tenant-id', text(identityTenantId)]
        ] satisfies [string, string][])),
    ...subscriptionOf(settings),
    ['repository-url', `|\n${repositories.map(({ url }) => `            ${url}`).join('\n')}`]
  ]
}

/** Of the identities, unless it is that of the cluster. */
function subscriptionOf({ cluster, identity }: Settings): [name: string, value: string][] {
  const { subscriptionId } = identity
  const same = subscriptionId.toLowerCase() === cluster.subscriptionId.toLowerCase()
  return same ? [] : [['identity-subscription-id', text(subscriptionId)]]
}

/** Without `argocd-namespace` the login would need to list all namespaces. */
function targetOf({ cluster, identity, access, argocdNamespace }: Settings): [name: string, value: string][] {
  return [
    ['cluster', text(cluster.name)],
    ['resource-group', text(cluster.resourceGroup)],
    ['identity-name', text(identity.name)],
    ...(identity.resourceGroup.toLowerCase() === cluster.resourceGroup.toLowerCase()
      ? []
      : [['identity-resource-group', text(identity.resourceGroup)] as [string, string]]),
    ['argocd-namespace', text(argocdNamespace ?? 'argocd')],
    ...(access === 'project-readers' ? [] : [['access', access] as [string, string]])
  ]
}

export function pipelineYaml(settings: Settings, { branch, connection }: AzurePipeline): string {
  const camel = (name: string): string =>
    name.replaceAll(/-(\w)/g, (_all, letter: string) => letter.toUpperCase())
  // A connection says tenant and subscription.
  const second = inIdentityTenant(settings)?.pipeline
  const other = second?.host === 'azure-pipelines' ? second : undefined
  const inputs = [...targetOf(settings), ...(other ? [] : subscriptionOf(settings))]
  return `parameters:
  - name: mode
    displayName: Mode
    type: string
    default: apply
    values: [${modes().join(', ')}]
trigger:
  branches: { include: [${text(branch)}] }
  paths: { include: [${text(settings.file.path)}] }
pr: none
schedules:
  - cron: '17 5 * * *'
    displayName: Daily check
    branches: { include: [${text(branch)}] }
    always: true
pool: { vmImage: ubuntu-latest }
variables:
  # Every morning a check, after a change of this file apply, by hand what was chosen.
  \${{ if eq(variables['Build.Reason'], 'Schedule') }}:
    mode: check
  \${{ else }}:
    mode: \${{ parameters.mode }}
steps:
  - checkout: none
  - task: Patless@0
    name: access
    condition: and(succeeded(), ne(variables['mode'], 'audit'))
    inputs:
      azureSubscription: ${text(connection)}
${other ? `      identityServiceConnection: ${text(other.connection)}\n` : ''}      mode: $(mode)
${lines(inputs, '      ', camel)}      repositoryUrl: |
${settings.repositories.map(({ url }) => `        ${url}\n`).join('')}${
    modes().includes('audit')
      ? `  - task: Patless@0
    name: audit
    condition: and(succeeded(), eq(variables['mode'], 'audit'))
    inputs:
      azureSubscription: ${text(connection)}
      mode: audit
${lines(forAudit(inputs), '      ', camel)}`
      : ''
  }`
}

/** A branch filter of GitHub is a pattern, in which a backslash makes the next character an ordinary one. */
function branchPattern(branch: string): string {
  return branch.replaceAll(/[+!]/g, '\\$&')
}

/** A JSON string is a YAML string; what needs no quotes has none. */
function text(value: string): string {
  return /^[a-z][\w./-]*$/i.test(value) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(value)
    ? value
    : JSON.stringify(value)
}
