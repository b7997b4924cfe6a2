/** Refusals of Azure Resource Manager because of a missing permission, a policy, a lock or a missing registration. */
import { input } from '../core/input-name.ts'
import { roleWith } from '../services/azure/roles.ts'
import { code, type Entry } from './entry.ts'

export const AZURE_REFUSALS: readonly Entry[] = [
  {
    when: code('AuthorizationFailed'),
    facts: ({ detail }) => {
      const role = roleWith(/perform action '([^']+)'/.exec(detail)?.[1] ?? '')
      return {
        id: 'azure/right-missing',
        summary: `The login lacks a right in Azure: ${detail}`,
        remedy: `grant the action named above at that scope (${role?.file ?? 'docs/permissions/azure-role.json'})`,
        code: 'AuthorizationFailed'
      }
    }
  },
  {
    when: code('LinkedAuthorizationFailed'),
    facts: ({ detail }) => ({
      id: 'azure/linked-right-missing',
      summary: `The login lacks a right in Azure at another resource that this one uses: ${detail}`,
      remedy:
        'grant the action named above at the linked scope (docs/permissions/azure-role-linked.json), or let somebody who has it configure the cluster',
      code: 'LinkedAuthorizationFailed'
    })
  },
  {
    when: code('RequestDisallowedByPolicy'),
    facts: ({ detail }) => {
      const tags = [...detail.matchAll(/tags\[['"]?([^\]'"]+)['"]?\]/g)].map(
        ([, tag = '']) => `${tag}=<value>`
      )
      return {
        id: 'azure/policy',
        summary: `An Azure Policy does not allow this: ${detail}`,
        remedy:
          tags.length === 0
            ? `meet the policy by the inputs (${input('tags')}, one name=value per line; ${input('location')}; ${input('identity-name')}; ${input('identity-resource-group')}), or have an exemption made (az policy exemption create)`
            : `give the tags that it wants by the input ${input('tags')}: ${[...new Set(tags)].join(', ')}; or have an exemption made (az policy exemption create)`,
        code: 'RequestDisallowedByPolicy',
        link: 'https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-policy-requestdisallowedbypolicy'
      }
    }
  },
  {
    when: code('ScopeLocked'),
    facts: ({ detail }) => ({
      id: 'azure/locked',
      summary: `A lock in Azure does not allow this: ${detail}`,
      remedy: `see the locks (az lock list), take the one named above away for the run (az lock delete), or set ${input('identity-resource-group')} to a group without locks; where it keeps the kubeconfig of the cluster, give ${input('kubeconfig')}`,
      code: 'ScopeLocked',
      link: 'https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources'
    })
  },
  {
    when: code('ResourceGroupNotFound'),
    facts: ({ detail }) => ({
      id: 'azure/resource-group-unknown',
      summary: `A resource group does not exist: ${detail}`,
      remedy: `correct ${input('identity-resource-group')} or ${input('resource-group')}, or create the group: az group create`,
      code: 'ResourceGroupNotFound'
    })
  },
  {
    when: code('MissingSubscriptionRegistration'),
    facts: ({ detail }) => {
      const namespace = /Microsoft\.\w+/.exec(detail)?.[0] ?? '<namespace>'
      return {
        id: 'azure/provider-not-registered',
        summary: `The subscription is not registered for a resource provider: ${detail}`,
        remedy: `az provider register -n ${namespace} --wait, then run again`,
        code: 'MissingSubscriptionRegistration',
        link: 'https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types'
      }
    }
  }
]
