/** Applications: of several sources, in other places, at other revisions. */
import { execFileSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import type { Hands } from './hands.ts'
import type { Situation } from './situation.ts'

const OTHER = { repoURL: 'https://localhost:1/elsewhere/_git/other', path: '.' }
const nothing = (): void => undefined

function git({ world, url }: Hands, ...args: string[]): string {
  const { temporary, azure } = world.twin
  // A reset makes another one; what was before is nobody's any more.
  const folders = globSync(join(temporary, '**', `${azure.ids.repositoryId}.git`))
  if (folders.length === 0) throw new Error(`no repository for ${url}`)
  const who = ['-c', 'user.name=x', '-c', 'user.email=x@contoso.example']
  const said = folders.map((folder) =>
    execFileSync('git', [...who, '-C', folder, ...args], { encoding: 'utf8' }).trim()
  )
  return said[0] ?? ''
}

const at = (name: string, revision: (hands: Hands) => string): Situation => ({
  name: `revision: ${name}`,
  change: (hands) => hands.restart(),
  reads: true,
  application: (hands) => {
    hands.application({ source: { repoURL: hands.url, path: 'deploy', targetRevision: revision(hands) } })
  }
})

export const APPLICATIONS: readonly Situation[] = [
  { name: 'Applications: none', change: nothing, reads: true, application: 'none' },
  {
    name: 'Applications: two sources, both ours',
    change: (hands) => hands.restart(),
    reads: true,
    application: (hands) => {
      const source = { repoURL: hands.url, path: 'deploy' }
      hands.application({ source: undefined, sources: [source, { repoURL: hands.url, ref: 'values' }] })
    }
  },
  {
    name: 'Applications: the other one of two sources cannot be read',
    change: nothing,
    reads: true,
    told: true,
    application: (hands) => {
      hands.application({ source: undefined, sources: [{ repoURL: hands.url, path: 'deploy' }, OTHER] })
    }
  },
  {
    name: 'Applications: the other one of two sources comes first and cannot be read',
    change: nothing,
    reads: true,
    told: true,
    application: (hands) => {
      hands.application({ source: undefined, sources: [OTHER, { repoURL: hands.url, path: 'deploy' }] })
    }
  },
  {
    name: 'Applications: not to be reconciled, beside an earlier proof',
    change: nothing,
    reads: true,
    told: true,
    application: (hands) => {
      hands.application({}, { 'argocd.argoproj.io/skip-reconcile': 'true' })
    }
  },
  {
    name: 'Applications: not to be reconciled, and the pods are new',
    change: (hands) => hands.restart(),
    reads: true,
    told: true,
    application: (hands) => {
      hands.application({}, { 'argocd.argoproj.io/skip-reconcile': 'true' })
    }
  },
  {
    name: 'Applications: one that is refused by its project',
    change: (hands) => {
      hands.project({ destinations: [{ server: '*', namespace: 'argocd' }] })
    },
    reads: true,
    told: true
  },
  {
    name: 'Applications: a destination that nobody knows',
    change: nothing,
    reads: true,
    told: true,
    application: (hands) => {
      hands.application({ destination: { server: 'https://nowhere.example', namespace: 'x' } })
    }
  },
  {
    name: 'Applications: one without a path',
    change: nothing,
    reads: true,
    told: true,
    application: (hands) => {
      hands.application({ source: { repoURL: hands.url, path: 'nowhere' } })
    }
  },
  {
    name: 'Applications: a complaint in a namespace that nobody watches',
    change: nothing,
    reads: true,
    application: (hands) => {
      hands.application({}, { 'twin.example/says': 'x' }, 'situation', 'default')
      hands.application()
    }
  },
  at('a branch', () => 'main'),
  at('a tag', (hands) => {
    git(hands, 'tag', '-f', 'v1', 'main')
    return 'v1'
  }),
  at('an annotated tag', (hands) => {
    git(hands, 'tag', '-f', '-a', '-m', 'x', 'v2', 'main')
    return 'v2'
  }),
  at('a ref of a pull request', (hands) => {
    git(hands, 'update-ref', 'refs/pull/1/merge', 'main')
    return 'refs/pull/1/merge'
  }),
  {
    name: 'revision: a branch that is not there, beside an earlier proof',
    change: nothing,
    reads: true,
    told: true,
    application: (hands) => {
      hands.application({ source: { repoURL: hands.url, path: 'deploy', targetRevision: 'nowhere' } })
    }
  },
  {
    name: 'revision: the branch of HEAD is gone, and no Application asks for it',
    change: async (hands) => {
      hands.defect('default-branch-missing')
      await hands.restart()
    },
    reads: true,
    application: 'none',
    outside: true
  },
  {
    name: 'revision: a commit, beside an earlier proof',
    change: nothing,
    reads: true,
    application: (hands) => {
      const targetRevision = git(hands, 'rev-parse', 'main')
      hands.application({ source: { repoURL: hands.url, path: 'deploy', targetRevision } })
    }
  }
]
