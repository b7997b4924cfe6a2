/**
 * The same as a script of az and kubectl, for people who may not run other tools, or whose part of the work it is. Every
 * value is one word of the shell, and every text that is not the script's own is in a quoted here-document.
 */
import type { ResourceKind } from '../../core/finding-titles.ts'
import { VERSION } from '../../core/version.ts'
import { azureSteps } from './script/azure.ts'
import { connectionSteps, devopsSteps } from './script/azure-devops.ts'
import { entraSteps } from './script/entra.ts'
import { fileSteps } from './script/file.ts'
import { kubernetesSteps } from './script/kubernetes.ts'
import { IN_TENANT, quoted, USE, type Administrator, type Step } from './script/step.ts'
import { inIdentityTenant, type Settings } from './settings.ts'

interface Concerned {
  readonly name: Administrator
  /** Who may do it. */
  readonly title: string
  readonly kinds: readonly ResourceKind[]
}

/** Who is concerned, with the resources that are their part. */
export function administratorsOf({ login }: Pick<Settings, 'login'>): Concerned[] {
  const trust: ResourceKind = 'pipeline-trust'
  const azure: ResourceKind[] = ['identity', 'azure-role', 'azure-assignment', 'aks-role', 'aks-assignment']
  return [
    {
      name: 'azure',
      title: 'an Owner of the resource groups',
      kinds: login.kind === 'identity' ? ['pipeline-identity', trust, ...azure] : azure
    },
    {
      name: 'entra',
      title: 'an Application Administrator in Entra',
      kinds: login.kind === 'identity' ? [] : ['pipeline-application', trust]
    },
    {
      name: 'azure-devops',
      title: 'a Project Collection Administrator',
      kinds: [
        'service-connection',
        'pipeline-user',
        'pipeline-reader',
        'pipeline-administrator',
        'entitlement',
        'permission'
      ]
    },
    { name: 'kubernetes', title: 'an administrator of the cluster', kinds: ['kubernetes-role'] }
  ]
}

/** @param audience only the steps of this administrator; absent: all of them */
export function scriptOf(settings: Settings, audience?: Administrator): string {
  const other = inIdentityTenant(settings)
  const all = [
    ...(other
      ? [...azureSteps(settings, 'cluster'), ...azureSteps(other, 'identity')]
      : azureSteps(settings, 'everything')),
    ...entraSteps(settings, 'cluster'),
    ...(other ? entraSteps(other, 'identity') : []),
    ...connectionSteps(settings, 'cluster'),
    ...(other ? connectionSteps(other, 'identity') : []),
    ...devopsSteps(settings),
    ...kubernetesSteps(settings),
    ...fileSteps(settings)
  ]
  const steps = all
    .filter(({ for: whose }) => [audience, 'everybody'].includes(whose) || audience === undefined)
    .toSorted((one, other) => one.order - other.order)
  const concerned = administratorsOf(settings).find(({ name }) => name === audience)
  let now: Step['tenant']
  const inTheirTenant = steps.map((step) => {
    const { tenant } = step
    if (other === undefined || tenant === undefined || tenant === now) return step
    now = tenant
    const [id, subscription] =
      tenant === 'cluster' ? ['tenant', 'subscription'] : ['identity_tenant', 'identity_subscription']
    return { ...step, lines: [`use "$${id}" "$${subscription}"`, ...step.lines] }
  })
  return [...headerOf(settings, concerned), ...inTheirTenant.flatMap(linesOf)].join('\n')
}

function linesOf({ title, lines }: Step): string[] {
  return ['', `# ${title}`, ...lines]
}

function headerOf(settings: Settings, concerned?: Concerned): string[] {
  const { tenantId, identityTenantId, cluster, identity, login } = settings
  const { name, title } = concerned ?? {}
  const two = identityTenantId !== undefined
  return [
    '#!/usr/bin/env bash',
    `# Printed by patless setup --print, version ${VERSION}. It may be run again: what exists stays.`,
    ...(title === undefined ? [] : [`# Only what ${title} must do.`]),
    `# It needs az, logged in to ${two ? 'both tenants' : 'the tenant'} below${name === undefined || name === 'kubernetes' ? ', and kubectl for the part in the cluster' : ''}.`,
    'set -euo pipefail',
    `tenant=${quoted(tenantId)}`,
    `subscription=${quoted(cluster.subscriptionId)}`,
    `cluster_group=${quoted(cluster.resourceGroup)}`,
    `cluster=${quoted(cluster.name)}`,
    `identity_tenant=${quoted(identityTenantId ?? tenantId)}`,
    `identity_subscription=${quoted(identity.subscriptionId)}`,
    `identity_group=${quoted(identity.resourceGroup)}`,
    `identity=${quoted(identity.name)}`,
    `login=${quoted(login.name)}`,
    // A part of the script does not use all of them.
    ': "$tenant" "$subscription" "$identity_tenant" "$identity_subscription" "$cluster_group" "$cluster" "$identity_group" "$identity" "$login"',
    // With two tenants, each step says which one it is for.
    ...(two ? USE : inOneTenant(name))
  ]
}

function inOneTenant(name: Administrator | undefined): string[] {
  return [
    // Somebody who administers only Azure DevOps or Entra may have no subscription.
    ...(name === 'azure-devops' || name === 'entra' ? [] : ['az account set --subscription "$subscription"']),
    ...IN_TENANT
  ]
}
