/**
 * How the API server of a cluster is reached: directly, or through commands that Azure runs in the cluster (input
 * `cluster-access`). Nobody guesses: it is asked directly first, and what came of that is the reason for the other way.
 */
import { note, Problem, type FindingFacts } from '../../core/finding.ts'
import { input } from '../../core/input-name.ts'
import type { Unreachable } from '../../http/errors.ts'
import type { Wire } from '../../http/request.ts'
import type { ApiServerAccess } from '../azure/arm.ts'
import type { RunCommands } from '../azure/run-command.ts'
import { logInByCommands, type Apis } from './login.ts'

export type ClusterAccess = 'auto' | 'direct' | 'run-command'

/** The way through Azure, which only AKS has. */
export interface ByAzure {
  /** ARM id of the cluster. */
  readonly id: string
  readonly commands: (wire: Wire) => Promise<Pick<RunCommands, 'run'>>
  /** Of the cluster, once it was read. */
  readonly access: () => ApiServerAccess | undefined
  /** A token for the API server, where it asks for those of Entra. */
  readonly entraToken: () => Promise<string>
  readonly mask: (secret: string) => void
}

/** The name does not resolve, or no network has a way there. */
const NO_ROUTE: ReadonlySet<string> = new Set(['ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'])

export class Reach {
  readonly #wanted: ClusterAccess
  readonly #azure: ByAzure | undefined
  /** Why commands are used; undefined: they are not. */
  #why: string | undefined

  /** @param azure absent: there is only the direct way */
  constructor(wanted: ClusterAccess = 'direct', azure?: ByAzure) {
    this.#wanted = wanted
    this.#azure = azure
    if (wanted === 'run-command' && azure) this.#why = `${input('cluster-access', wanted)} is set`
  }

  /**
   * Why the cluster is reached through commands, so that neither tokens nor values of Secrets are read; undefined: it is
   * reached directly, or was not asked yet.
   */
  get commandsBecause(): string | undefined {
    return this.#why
  }

  /** Why nothing can be written; undefined: it can. */
  get writeRefused(): FindingFacts | undefined {
    return this.#why === undefined || this.#wanted === 'run-command' ? undefined : writeRefused(this.#why)
  }

  /** @returns undefined when commands are not the way */
  byCommands(wire: Wire): Promise<Apis> | undefined {
    const azure = this.#azure
    if (this.#why === undefined || !azure) return undefined
    const { id, entraToken, mask } = azure
    const name = id.split('/').at(-1) ?? id
    if (this.#wanted === 'run-command')
      wire.policy.report(`${name} is reached through commands that Azure runs in it: ${this.#why}.`)
    const access = azure.access()
    const commands = azure.commands(wire)
    const run = async (script: string): Promise<string> => {
      const token = access?.asksEntra === false ? undefined : await entraToken()
      if (token !== undefined) mask(token)
      return (await commands).run(id, script, token, wire.policy)
    }
    const connect = async (): Promise<Apis> => {
      if (access?.runsCommands !== false) return logInByCommands(run, this.writeRefused, name)
      const { disabled } = await import('../azure/run-command.ts')
      throw new Problem(disabled(id))
    }
    return connect()
  }

  /** Whether commands are the way from now on, since the API server could not be reached directly. */
  leaves(host: string, problem: Unreachable, wire: Wire): boolean {
    if (this.#why !== undefined) return true
    const azure = this.#azure
    const access = azure?.access()
    if (this.#wanted !== 'auto' || !azure || access?.runsCommands !== true) return false
    const limits = access.isPrivate
      ? 'it is private'
      : access.ranges.length > 0
        ? 'only some addresses may reach it'
        : ''
    if (limits === '' && !NO_ROUTE.has(problem.code)) return false
    const seen = [limits, problem.code].filter((one) => one !== '').join(', ')
    this.#why = `its API server at ${host} cannot be reached from here (${seen})`
    const name = azure.id.split('/').at(-1) ?? azure.id
    wire.policy.report(`${name} is read through commands that Azure runs in it: ${this.#why}.`)
    wire.warn(
      note({
        id: 'run-command/used',
        summary: `${name} is read through commands that Azure runs in it, because ${this.#why}. Neither tokens nor values of Secrets go through them.`,
        remedy: `nothing has to be done; to fail instead, set ${input('cluster-access', 'direct')}`
      })
    )
    return true
  }
}

/** @param why the API server is not asked directly */
function writeRefused(why: string): FindingFacts {
  const auto = input('cluster-access', 'auto')
  const commands = input('cluster-access', 'run-command')
  return {
    id: 'run-command/write-refused',
    summary: `This run has to write to the cluster, and ${why}: with ${auto} it only reads through commands that Azure runs there.`,
    expected: `${commands}, or an API server that can be reached from here`,
    actual: auto,
    remedy: `set ${commands} to write through such commands, too, or run this on a runner in the network of the cluster`,
    link: 'https://learn.microsoft.com/azure/aks/access-private-cluster'
  }
}
