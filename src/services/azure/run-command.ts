/**
 * Commands that Azure runs in a pod of the cluster (managedClusters/runCommand, Azure/azure-rest-api-specs): the way into
 * a cluster whose API server has no route from here. Azure keeps the commands and what they print, so neither may hold a
 * secret; the token of the caller has a field of its own. Limits (learn.microsoft.com/azure/aks/access-private-cluster):
 * the pod starts within 60 s, and prints 512 kB at most.
 */
import * as z from 'zod/mini'
import { Problem, type FindingFacts } from '../../core/finding.ts'
import { word } from '../../core/shell.ts'
import { HttpProblem, RefusedOnTheWay, safe, Unreachable } from '../../http/errors.ts'
import { understood, type Request } from '../../http/request.ts'
import { pause, type RetryPolicy } from '../../http/retry.ts'
import { AKS_API } from './arm.ts'
import type { ArmWire } from './arm-wire.ts'

/** How long one command may take, in ms: to start the pod, to pull its image, and to run. */
const LONGEST = 180_000
/** How long a cluster that is being changed may keep a command waiting, in ms. */
const BUSY = 300_000
const LINK = 'https://learn.microsoft.com/azure/aks/access-private-cluster'

const shape = z.looseObject({
  properties: z.looseObject({
    provisioningState: z.optional(z.string()),
    exitCode: z.nullish(z.number()),
    logs: z.nullish(z.string()),
    reason: z.nullish(z.string())
  })
})

export class RunCommands {
  readonly #wire: ArmWire
  constructor(wire: ArmWire) {
    this.#wire = wire
  }

  /**
   * @param clusterId ARM id. @param token for the API server, where the cluster asks for Entra's
   * @returns what the command printed
   * @throws {Problem} when it did not run, or did not succeed. None of its failures ends by sending it again at once.
   */
  async run(
    clusterId: string,
    command: string,
    token: string | undefined,
    policy: RetryPolicy
  ): Promise<string> {
    const request = {
      ...this.#wire.request('POST', `${clusterId}/runCommand`, AKS_API),
      body: { command, ...(token !== undefined && { clusterToken: token }) }
    }
    const waiting = { ...policy, deadline: Math.min(policy.deadline, Date.now() + BUSY) }
    for (let waits = 0; ; waits += 1) {
      try {
        return await this.#printed(clusterId, request)
      } catch (error) {
        if (error instanceof Unreachable) throw new Problem(error.facts, { cause: error })
        if (!(error instanceof HttpProblem)) throw error
        if (error.status !== 409) throw about(error, clusterId)
        // Somebody else changes the cluster; it is not known for how long.
        await pause(waiting, Math.min(30_000, 2_000 * 2 ** waits), about(error, clusterId))
      }
    }
  }

  async #printed(clusterId: string, request: Request): Promise<string> {
    const reply = await this.#wire.located(request, LONGEST)
    if (!reply) throw new Problem(late(clusterId))
    const { provisioningState = '', exitCode, logs, reason } = understood(shape, reply, request).properties
    if (provisioningState.toLowerCase() === 'succeeded' && (exitCode ?? 0) === 0) return logs ?? ''
    throw new Problem(unsuccessful(clusterId, { exitCode, said: `${reason ?? ''} ${logs ?? ''}`.trim() }))
  }
}

/** Codes and texts of a pod that could not start (Azure/azure-cli #22738). */
const NOT_STARTED =
  /KubernetesPerformanceError|KubernetesOperationError|did not start within|ImagePull|ErrImage/i

function about(error: HttpProblem, id: string): Problem {
  if (NOT_STARTED.test(error.code ?? '') || error.says(NOT_STARTED))
    return new Problem(notStarted(id, error.detail), { cause: error })
  if (error.status === 404 && error.says(/commandResults|command result/i))
    return new Problem(
      {
        id: 'run-command/expired',
        summary: `Azure no longer has the result of a command that it ran in ${nameIn(id)}.`,
        remedy: 'run again',
        link: LINK
      },
      { cause: error }
    )
  if (/RunCommandDisabled/i.test(error.code ?? '') || error.says(/run ?command is disabled/i))
    return new Problem(disabled(id), { cause: error })
  // No answer of the API server, and not to be sent again by whoever reads the cluster.
  return new RefusedOnTheWay(error)
}

function unsuccessful(
  id: string,
  { exitCode, said }: { readonly exitCode: number | null | undefined; readonly said: string }
): FindingFacts {
  if (NOT_STARTED.test(said)) return notStarted(id, said)
  const code = typeof exitCode === 'number' ? ` with ${exitCode}` : ''
  return {
    id: 'run-command/failed',
    summary: `The command that Azure ran in ${nameIn(id)} failed${code}: ${said === '' ? '(no text)' : safe(said)}`,
    remedy: 'see the text above; the pods of such commands are in the namespace aks-command',
    link: LINK
  }
}

function notStarted(id: string, said: string): FindingFacts {
  return {
    id: 'run-command/not-started',
    summary: `Azure could not start the pod for a command in ${nameIn(id)} in time: ${safe(said)}`,
    expected:
      'a Linux node without taints that has 200m CPU and 500 MiB left, and pulls images of mcr.microsoft.com',
    remedy: 'make room on such a node, or let the cluster scale, then run again',
    command: invocation(id, 'kubectl -n aks-command get pods,events'),
    link: LINK
  }
}

function late(id: string): FindingFacts {
  return {
    id: 'run-command/late',
    summary: `A command that Azure runs in ${nameIn(id)} did not end within ${LONGEST / 1000} s.`,
    remedy: 'see whether its pod can start and answer, then run again',
    command: invocation(id, 'kubectl -n aks-command get pods,events'),
    link: LINK
  }
}

/** @param id of the cluster */
export function disabled(id: string): FindingFacts {
  const [, , , , group = '', , , , name = ''] = id.split('/')
  return {
    id: 'run-command/disabled',
    summary: `Running commands is turned off in ${nameIn(id)} (disableRunCommand), and its API server cannot be reached from here.`,
    remedy: 'turn it on, or use a runner in the network of the cluster',
    command: `az aks update -g ${word(group)} -n ${word(name)} --enable-run-command`,
    link: LINK
  }
}

function invocation(id: string, command: string): string {
  const [, , , , group = '', , , , name = ''] = id.split('/')
  return `az aks command invoke -g ${word(group)} -n ${word(name)} --command ${word(command)}`
}

function nameIn(id: string): string {
  return safe(id.split('/').at(-1) ?? id, 100)
}
