/**
 * The same as a script of az and kubectl, for people who may not run other tools, or whose part of the work it is. Every
 * value is one word of the shell, and every text that is not the script's own is in a quoted here-document.
 */
import type { ResourceKind } from '../../core/finding-titles.ts'
import { VERSION } from '../../core/version.ts'
import { azureSteps } from './script/azure.ts'
import { devopsSteps } from './script/azure-devops.ts'
import { entraSteps } from './script/entra.ts'
import { fileSteps } from './script/file.ts'
import { kubernetesSteps } from './script/kubernetes.ts'
import { IN_TENANT, quoted, type Administrator, type Step } from './script/step.ts'
import type { Settings } from './settings.ts'

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
  const all = [
    ...azureSteps(settings),
    ...entraSteps(settings),
    ...devopsSteps(settings),
    ...kubernetesSteps(settings),
    ...fileSteps(settings)
  ]
  const steps = all
    .filter(({ for: whose }) => [audience, 'everybody'].includes(whose) || audience === undefined)
    .toSorted((one, other) => one.order - other.order)
  const concerned = administratorsOf(settings).find(({ name }) => name === audience)
  return [...headerOf(settings, concerned), ...steps.flatMap(linesOf)].join('\n')
}

function linesOf({ title, lines }: Step): string[] {
  return ['', `# ${title}`, ...lines]
}

function headerOf({ tenantId, cluster, identity, login }: Settings, concerned?: Concerned): string[] {
  const { name, title } = concerned ?? {}
  return [
    '#!/usr/bin/env bash',
    `# Printed by patless setup --print, version ${VERSION}. It may be run again: what exists stays.`,
    ...(title === undefined ? [] : [`# Only what ${title} must do.`]),
    `# It needs az, logged in to the tenant below${name === undefined || name === 'kubernetes' ? ', and kubectl for the part in the cluster' : ''}.`,
    'set -euo pipefail',
    `tenant=${quoted(tenantId)}`,
    `subscription=${quoted(cluster.subscriptionId)}`,
    `cluster_group=${quoted(cluster.resourceGroup)}`,
    `cluster=${quoted(cluster.name)}`,
    `identity_group=${quoted(identity.resourceGroup)}`,
    `identity=${quoted(identity.name)}`,
    `login=${quoted(login.name)}`,
    // A part of the script does not use all of them.
    ': "$tenant" "$subscription" "$cluster_group" "$cluster" "$identity_group" "$identity" "$login"',
    // Somebody who administers only Azure DevOps or Entra may have no subscription.
    ...(name === 'azure-devops' || name === 'entra' ? [] : ['az account set --subscription "$subscription"']),
    ...IN_TENANT
  ]
}
