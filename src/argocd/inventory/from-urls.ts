/** Credentials in the URLs of Applications and ApplicationSets. */
import { isAzureRepos } from '../../core/azure-repos.ts'
import { Sealed } from '../../core/sealed.ts'
import { credentialsIn } from '../../core/text.ts'
import type { Application } from '../../services/kubernetes/argocd-objects.ts'
import type { Marks } from '../../services/kubernetes/marks.ts'
import type { FoundCredential, ObjectRef } from './credential.ts'
import { agesOf, refOf } from './of-object.ts'
import { shownUrl } from './shown.ts'
import type { Users } from './uses.ts'

/** @param objects `host`: another host of Azure DevOps */
export function inUrls(
  { namespace: argocd }: { readonly namespace: string },
  { host, applications = [], sets = [] }: Users & { readonly host: string }
): FoundCredential[] {
  const holds = (url: string): boolean => isAzureRepos(url, host) && credentialsIn(url).length > 0
  return [
    ...applications.flatMap((one) =>
      credentialIn(argocd, 'Application', one.marks, urlsOf(one).filter(holds), 'spec.source.repoURL')
    ),
    ...sets.flatMap(({ marks, urls }) =>
      credentialIn(argocd, 'ApplicationSet', marks, urls.filter(holds), 'spec')
    )
  ]
}

function urlsOf({ sources, hydrated }: Application): string[] {
  return [...sources.map(({ url }) => url), ...(hydrated === undefined ? [] : [hydrated])]
}

/** One for each object, however many URLs in it hold a credential. */
function credentialIn(
  argocd: string,
  kind: Exclude<ObjectRef['kind'], 'Secret'>,
  marks: Marks,
  urls: readonly string[],
  field: string
): FoundCredential[] {
  const [first] = urls
  if (first === undefined) return []
  const { namespace, name } = marks
  const itself = [{ namespace, name }]
  return [
    {
      kind: 'url',
      argocd,
      ref: refOf(marks, kind),
      url: shownUrl(first),
      project: '',
      keys: [field],
      user: undefined,
      serves: {
        repositories: [...new Set(urls)].map(shownUrl),
        applications: kind === 'Application' ? itself : [],
        applicationSets: kind === 'ApplicationSet' ? itself : []
      },
      shadows: [],
      manager: undefined,
      immutable: false,
      ...agesOf(marks, undefined),
      verdict: 'must-wait',
      reasons: [{ id: 'url', text: `it is a part of the URL in the ${kind}, and has to be removed there` }],
      values: urls.flatMap((url) => credentialsIn(url).map((value) => new Sealed(value)))
    }
  ]
}
