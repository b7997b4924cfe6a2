/** One row of the table: what was done, and whether Argo CD then reads, by its own rules (facts and source of Argo CD). */
import type { Changes, Hands } from './hands.ts'

/** A situation that only needs `Changes` is also tried with the real Argo CD. */
export interface Situation<Needed = Hands> {
  readonly name: string
  /** What somebody did since the repository was connected and Argo CD was seen to read. */
  readonly change: (hands: Needed) => void | Promise<void>
  /** Whether Argo CD reads the repository after it. */
  readonly reads: boolean
  /** The Argo CD that is installed; 3.2.0 where none is named. */
  readonly argocd?: 'argocd-3-0-13' | 'argocd-3-3-0' | 'argocd-3-5-1'
  /** Templates instead of a repository Secret. */
  readonly templates?: true
  /** Something outside of the cluster was changed, too: everything is made anew afterwards. */
  readonly outside?: true
  /** The Application on the repository: another one, or none. */
  readonly application?: 'none' | ((hands: Hands) => void)
  /** Nothing that can be looked at shows it: Argo CD has to try. */
  readonly hidden?: true
  /** What the Application says is no word of the twin's own Argo CD on the repository. */
  readonly told?: true
}

/** Keys that somebody wrote into the Secrets of a kind. */
export function keys(
  type: 'repository' | 'repo-creds',
  fields: Readonly<Record<string, string>>,
  reads: boolean,
  more: Partial<Situation<Changes>> = {}
): Situation<Changes> {
  const shown = Object.entries(fields).map(([key, value]) =>
    value === '-' ? `no ${key}` : `${key}: "${value}"`
  )
  return {
    name: `${type === 'repository' ? 'Secret' : 'template'}: ${shown.join(', ')}${more.argocd ? ` on ${more.argocd}` : ''}`,
    change: (hands) => {
      hands.write(type, fields)
    },
    reads,
    ...(type === 'repo-creds' ? { templates: true } : {}),
    ...more
  }
}
