/** Credentials for the proxy in between, in Secrets with which Argo CD reads Azure Repos: a migration leaves them where they are. */
import { Sealed } from '../../core/sealed.ts'
import { credentialsIn } from '../../core/text.ts'
import type { FoundCredential } from './credential.ts'
import type { ReadSecret } from './from-secrets.ts'
import { agesOf, refOf } from './of-object.ts'
import { shownUrl } from './shown.ts'

/** @param secrets those that reach Azure Repos */
export function ofProxies(argocd: string, secrets: readonly ReadSecret[]): FoundCredential[] {
  return secrets.flatMap(({ entry }) => {
    const inUrl = credentialsIn(entry.proxy()?.url ?? '')
    if (inUrl.length === 0) return []
    return [
      {
        kind: 'proxy',
        argocd,
        ref: refOf(entry.marks),
        url: shownUrl(entry.url),
        project: entry.project,
        keys: ['proxy'],
        user: undefined,
        serves: { repositories: [], applications: [], applicationSets: [] },
        shadows: [],
        manager: entry.manager,
        immutable: entry.immutable,
        ...agesOf(entry.marks, entry.changedAt),
        verdict: 'must-wait',
        reasons: [{ id: 'proxy', text: 'it is for the proxy, which workload identity does not log in to' }],
        values: inUrl.map((value) => new Sealed(value))
      }
    ]
  })
}
