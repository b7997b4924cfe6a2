/** Commits and refs of a repository in the REST API, for callers that may read it. */
import { execFileSync } from 'node:child_process'
import type { Answer, Call, Route } from '../wire.ts'
import { devopsError, mayRead, type DevOpsContext } from './devops-context.ts'
import type { Repository } from './organization.ts'

export function historyRoutes({ organization, guarded, authenticate }: DevOpsContext): Route[] {
  const readable = (answer: (repository: Repository, call: Call) => Answer) =>
    guarded(async (call) => {
      const { project: owner = '', repository: wanted = '' } = call.params
      const caller = await authenticate(call.headers.authorization)
      const here = organization(call)
      const project = here.projectInUrl(owner)
      const found = project?.repositories.find(
        ({ id, name }) => id === wanted.toLowerCase() || name.toLowerCase() === wanted.toLowerCase()
      )
      if (!caller || !project || !found || !mayRead(here, caller.principalId, project, found)) {
        const text = `TF401019: The Git repository with name or identifier ${wanted} does not exist or you do not have permissions for the operation you are attempting.`
        return { status: 404, body: devopsError('GitRepositoryNotFoundException', text) }
      }
      return answer(found, call)
    })
  return [
    ['GET', '/:org/:project/_apis/git/repositories/:repository/commits/:commit', readable(commit)],
    ['GET', '/:org/:project/_apis/git/repositories/:repository/refs', readable(refs)]
  ]
}

function commit({ folder }: Repository, { params }: Call): Answer {
  const { commit: id = '' } = params
  const found = /^[0-9a-f]{4,40}$/i.test(id)
    ? git(folder, 'rev-parse', '--quiet', '--verify', `${id}^{commit}`)
    : ''
  if (found !== '') return { status: 200, body: { commitId: found.trim(), comment: '', parents: [] } }
  const text = `TF401175:The version descriptor <Commit: ${id} > could not be resolved to a version in the repository`
  return { status: 404, body: devopsError('GitUnresolvableToCommitException', text) }
}

function refs({ folder }: Repository, { url }: Call): Answer {
  const begin = `refs/${url.searchParams.get('filter') ?? ''}`
  const lines = git(folder, 'for-each-ref', '--format=%(refname) %(objectname) %(*objectname)').split('\n')
  const value = lines
    .map((line) => line.split(' '))
    .filter(([name = '']) => name !== '' && name.startsWith(begin))
    .map(([name, objectId, peeled]) => ({
      name,
      objectId,
      ...(peeled === '' || url.searchParams.get('peelTags') !== 'true' ? {} : { peeledObjectId: peeled })
    }))
  return { status: 200, body: { count: value.length, value } }
}

/** The output of git; empty when it fails. */
function git(folder: string, ...args: string[]): string {
  try {
    const { PATH = '' } = process.env
    const env = { PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }
    return execFileSync('git', ['-C', folder, ...args], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore']
    })
  } catch {
    return ''
  }
}
