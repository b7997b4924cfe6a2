/**
 * Tokens of Argo CD's notifications (argocd-notifications-cm, argocd-notifications-secret): services that call Azure DevOps,
 * for example to set the status of a commit, name keys of the Secret as `$key`.
 */
import type { V1Secret } from '@kubernetes/client-node'
import { isAzureRepos } from '../../core/azure-repos.ts'
import type { FoundCredential } from './credential.ts'
import { sealedValue, textOf } from './from-secrets.ts'
import { objectOf } from './of-object.ts'
import { shownUrl } from './shown.ts'

export const NOTIFICATIONS = {
  configuration: 'argocd-notifications-cm',
  secret: 'argocd-notifications-secret'
}

/** @param configuration data of the ConfigMap; undefined: there is none, or it was not read */
export function ofNotifications(
  argocd: string,
  host: string,
  secret: V1Secret | undefined,
  configuration: Readonly<Record<string, string>> | undefined
): FoundCredential[] {
  if (!secret || !configuration) return []
  const calls = Object.entries(configuration).flatMap(([key, text]) => {
    const url = key.startsWith('service.')
      ? [...text.matchAll(/https?:\/\/[^\s"'<>]{1,500}/gi)]
          .map(([one]) => one)
          .find((one) => isCalled(one, host))
      : undefined
    return url === undefined
      ? []
      : [{ url, keys: [...text.matchAll(/\$([\w.-]{1,253})/g)].map(([, one = '']) => one) }]
  })
  const named = [...new Set(calls.flatMap(({ keys }) => keys))].filter((key) => textOf(secret, key) !== '')
  const [first] = calls
  if (!first || named.length === 0) return []
  return [
    {
      ...objectOf(secret),
      kind: 'other',
      argocd,
      project: '',
      keys: named.toSorted(),
      user: undefined,
      shadows: [],
      values: named.flatMap((key) => sealedValue(secret, key)),
      url: shownUrl(first.url),
      serves: { repositories: [], applications: [], applicationSets: [] },
      verdict: 'must-wait',
      reasons: [
        {
          id: 'other-reader',
          text: 'Argo CD notifications call Azure DevOps with it, and they accept tokens only'
        }
      ]
    }
  ]
}

/** The REST API has hosts of its own beside that of the repositories. */
function isCalled(url: string, host: string): boolean {
  return (
    isAzureRepos(url, host) || /^https?:\/\/(?:[\w-]{1,63}\.)?(?:dev\.azure|visualstudio)\.com[/:]/i.test(url)
  )
}
