/** One reading of one repository, as Argo CD's git does it: refs and a commit, by the Secret's URL and through its proxy. */
import type { Remote } from '../../argocd/remote.ts'
import type { GitProxy } from '../../argocd/secrets.ts'
import { withoutCredentials } from '../../core/text.ts'
import { Problem, type FindingFacts } from '../../core/finding.ts'
import { input } from '../../core/input-name.ts'
import type { RetryPolicy } from '../../http/retry.ts'
import { GitProblem, type Ref } from '../../services/git/git.ts'
import type { Services } from '../../services/services.ts'

/** What was read of one URL. */
export interface Read {
  readonly commit: string
  /** The branch that was read, as refs/heads/…; undefined: the one of HEAD. */
  readonly branch: string | undefined
  /** Commits that branches and tags point to; of very many refs, the first. */
  readonly tips: ReadonlySet<string>
  /** Why this is not yet what Argo CD reads. */
  readonly open?: FindingFacts
}

/** Refs that are remembered by URL: hundreds of repositories may have thousands each. */
const MOST_TIPS = 500

/**
 * A proxy of the cluster may be out of the runner's reach. Then the repository is read without it: that shows what the
 * identity may read, but not that Argo CD gets through.
 *
 * @param by `requests`: those that git would send, without the program; what they do not settle is left to git
 */
export async function readAsArgocd(
  { url, proxy, secret }: Remote,
  token: string,
  services: Services,
  policy: RetryPolicy,
  by: 'git' | 'requests'
): Promise<Read> {
  if (!proxy) {
    const head = by === 'git' ? undefined : await services.git.readHead(url, token, policy)
    return head === undefined ? readOnce(url, token, services, policy) : readOf(url, head, undefined)
  }
  try {
    return await readOnce(url, token, services, policy, proxy)
  } catch (error) {
    if (!(error instanceof GitProblem) || !OF_PROXY.test(error.stderr)) throw error
    const open: FindingFacts = {
      id: 'verification/proxy-unreachable',
      summary: `Argo CD reads through the proxy ${withoutCredentials(proxy.url)} (Secret ${secret ?? ''}), which this run cannot reach: ${error.reason}`,
      expected: 'a proxy that the runner reaches, too',
      actual: 'the repository was read without it',
      remedy: `let Argo CD itself verify (${input('verification', 'argocd')}), or let the runner reach the proxy`
    }
    return { ...(await readOnce(url, token, services, policy)), open }
  }
}

/** What git says when it gets no connection through its proxy (libcurl). */
const OF_PROXY =
  /proxy|CONNECT tunnel|Failed to connect|Couldn't connect|Connection refused|Could not resolve|timed out|SOCKS/i

/**
 * Fetches one commit, which reads the refs first, by the same request as `git ls-remote`. That command is run only where
 * the fetch fails: it tells whether there is anything to fetch at all. Without HEAD, it reads the first branch.
 */
async function readOnce(
  url: string,
  token: string,
  { git }: Services,
  policy: RetryPolicy,
  proxy?: GitProxy
): Promise<Read> {
  const reading = { ...policy, proxy }
  const [head] = await Promise.allSettled([git.fetchOne(url, token, 'HEAD', reading)])
  if (head.status === 'fulfilled') return readOf(url, head.value, undefined)
  const refs = await git.refs(url, token, reading)
  const first = refs.find(({ name }) => name.startsWith('refs/heads/')) ?? refs[0]
  if (!first) throw new NothingRead(url)
  if (refs.some(({ name }) => name === 'HEAD')) throw head.reason
  return readOf(url, await git.fetchOne(url, token, first.name, reading), first.name, refs)
}

function readOf(url: string, commit: string, branch: string | undefined, refs: readonly Ref[] = []): Read {
  if (!/^[0-9a-f]{40,64}$/.test(commit)) throw new NothingRead(url)
  return { commit, branch, tips: new Set([commit, ...refs.slice(0, MOST_TIPS).map((one) => one.commit)]) }
}

/** The access is right, but an Application that names no revision reads HEAD. */
export function withoutHead(url: string, branch: string): FindingFacts {
  return {
    id: 'permission/default-branch-missing',
    summary: `HEAD of ${url} leads to no branch: its default branch was renamed or deleted. Applications without a targetRevision, or with HEAD, cannot be compared.`,
    expected: 'an existing branch',
    actual: `none; ${branch} was read`,
    remedy:
      'choose another default branch in Azure DevOps (Repos > Branches > Set as default branch), or set targetRevision in the Applications',
    link: 'https://learn.microsoft.com/azure/devops/repos/git/change-default-branch',
    repository: url
  }
}

/** git succeeded but read nothing: an empty repository or a sign-in page. Neither verifies access. */
class NothingRead extends Problem {
  constructor(url: string) {
    super({
      id: 'verification/no-refs',
      summary: `git read no refs from ${url}: the repository has no commit, or a sign-in page was answered instead.`,
      expected: 'at least one ref',
      actual: 'none',
      remedy: `push a first commit; else run with ${input('mode', 'apply')}, the token was not accepted`
    })
  }
}
