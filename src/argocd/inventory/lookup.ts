/**
 * Finds the few Secrets that concern a URL among many, so that a large cluster is read in linear time. What they mean for
 * the URL, `secrets.ts` decides.
 */
import { groupBy } from '../../core/group-by.ts'
import { resolved, type Entry, type Resolution } from '../secrets.ts'
import { normalized } from '../urls.ts'

export class Lookup {
  readonly #repositories: ReadonlyMap<string, readonly Entry[]>
  readonly #templates: ReadonlyMap<string, readonly Entry[]>
  /** Lengths of the prefixes of all templates, in characters. */
  readonly #lengths: readonly number[]

  constructor(entries: readonly Entry[]) {
    const of = (kind: Entry['kind']): Map<string, Entry[]> =>
      groupBy(
        entries.filter((one) => one.kind === kind && one.url !== ''),
        ({ url }) => normalized(url)
      )
    this.#repositories = of('repository')
    this.#templates = of('repo-creds')
    this.#lengths = [...new Set([...this.#templates.keys()].map(({ length }) => length))]
  }

  /** Every Secret that may apply to the URL, for an Application of `project`, by Argo CD's rules. */
  concerning(url: string, project: string): Entry[] {
    const text = normalized(url)
    const templates = this.#lengths
      .filter((length) => length <= text.length)
      .flatMap((length) => this.#templates.get(text.slice(0, length)) ?? [])
    const repositories = this.#repositories.get(text) ?? []
    return [...repositories.filter((one) => one.project === '' || one.project === project), ...templates]
  }

  /** As Argo CD resolves the URL for an Application of `project` ('' for any). */
  resolved(url: string, project: string): Resolution {
    return resolved(url, project, this.concerning(url, project))
  }

  /**
   * The Secret with workload identity that Argo CD would use if `entry` held no credential, or did not exist.
   *
   * @returns undefined when there is none
   */
  without(entry: Entry, url: string, project: string): Entry | undefined {
    const others = this.concerning(url, project).filter((one) => one !== entry)
    const cleared = { ...entry, held: { ...entry.held, filled: new Set<string>() } }
    return [resolved(url, project, [cleared, ...others]), resolved(url, project, others)]
      .filter(({ login }) => login === 'workload identity')
      .map(({ by }) => (by === cleared ? entry : by))
      .find((by) => by !== undefined)
  }
}
