/**
 * Microsoft.ContainerService/managedClusters/runCommand: a pod in the cluster runs the command, and what it printed can be
 * had for a while. Here a shell with nothing but kubectl and its login runs it.
 */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { keepOutput } from '../leaks.ts'
import type { Answer, Call, Route } from '../wire.ts'
import type { ClusterAccess } from '../world.ts'
import type { ArmContext } from './arm-context.ts'
import { armError } from './arm-error.ts'
import { keptOf } from './kept-clusters.ts'
import type { CommandFate, RanCommand } from './state.ts'

const TYPE = 'Microsoft.ContainerService/managedClusters'
const ONE =
  '/subscriptions/:subscription/:groups(resource[gG]roups)/:group/providers/Microsoft.ContainerService/managedClusters/:name'
/** In bytes. */
const MOST_PRINTED = 512_000

export function runCommandRoutes(context: ArmContext, temporary: string): Route[] {
  const { guarded, state, base } = context
  let home: string | undefined
  const start = async (call: Call): Promise<Answer> => {
    const kept = keptOf(context, call)
    if (!kept) return notFound(call)
    const { command, clusterToken } = ((await call.json()) ?? {}) as Record<string, string | undefined>
    if (command === undefined || command === '')
      return armError(400, 'BadRequest', 'The command property is required.')
    const { apiServerAccessProfile: access, aadProfile } = kept.resource.properties as Profiles
    if (access?.disableRunCommand === true)
      return armError(400, 'RunCommandDisabled', 'Run command is disabled for this cluster.')
    if (aadProfile && clusterToken === undefined)
      return armError(400, 'BadRequest', 'A cluster with Entra integration requires a clusterToken.')
    const ran: RanCommand = {
      ...{ id: randomUUID().replaceAll('-', ''), command, withToken: clusterToken !== undefined },
      ...{ exitCode: undefined, logs: '' }
    }
    state().commands.push(ran)
    keepOutput(command)
    const { commandFate } = state()
    if (commandFate !== 'not-started' && commandFate !== 'image' && commandFate !== 'never-ends') {
      home ??= mkdtempSync(join(temporary, 'commands-'))
      void run(ran, kept.access, clusterToken, home, commandFate)
    }
    return accepted(base(), call, ran.id)
  }
  const result = (call: Call): Answer => {
    const ran = state().commands.find(({ id }) => id === call.params['id'])
    const { commandFate } = state()
    if (commandFate === 'not-started')
      return armError(
        400,
        'KubernetesPerformanceError',
        `Failed to run command due to cluster perf issue, container command-${ran?.id ?? ''} in aks-command namespace did not start within 60s on your cluster, retry may helps. If issue persist, you may need to tune your cluster with better performance (larger node/paid tier).`
      )
    if (!ran || commandFate === 'expires')
      return armError(404, 'NotFound', 'The commandResults was not found.')
    if (commandFate === 'image')
      return {
        status: 200,
        body: { id: ran.id, properties: { provisioningState: 'failed', reason: 'ImagePullBackOff' } }
      }
    if (ran.exitCode === undefined) return accepted(base(), call, ran.id)
    const times = { startedAt: new Date().toISOString(), finishedAt: new Date().toISOString() }
    const { exitCode, logs } = ran
    return {
      status: 200,
      body: { id: ran.id, properties: { provisioningState: 'succeeded', exitCode, ...times, logs } }
    }
  }
  return [
    ['POST', `${ONE}/runCommand`, guarded(`${TYPE}/runcommand/action`, start)],
    ['GET', `${ONE}/commandResults/:id`, guarded(`${TYPE}/commandResults/read`, result)]
  ]
}

interface Profiles {
  readonly apiServerAccessProfile?: { readonly disableRunCommand?: boolean }
  readonly aadProfile?: object
}

/** The pod has the rights of the token; without one, those of an administrator. */
async function run(
  ran: RanCommand,
  { server, ca, token }: ClusterAccess,
  clusterToken: string | undefined,
  home: string,
  fate: CommandFate
): Promise<void> {
  const kubeconfig = join(home, `${ran.id}.kubeconfig`)
  writeFileSync(
    kubeconfig,
    stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name: 'own', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }
      ],
      contexts: [{ name: 'own', context: { cluster: 'own', user: 'own' } }],
      'current-context': 'own',
      users: [{ name: 'own', user: { token: clusterToken ?? token ?? '' } }]
    }),
    { mode: 0o600 }
  )
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, KUBECONFIG: kubeconfig }
  const shell = spawn('bash', ['-c', ran.command], { env, cwd: home, stdio: ['ignore', 'pipe', 'pipe'] })
  const printed: Buffer[] = []
  for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (bytes: Buffer) => printed.push(bytes))
  const code = await new Promise<number>((resolve) => {
    shell.once('error', () => {
      resolve(127)
    })
    shell.once('close', (status) => {
      resolve(status ?? 137)
    })
  })
  const most = fate === 'cut' ? 100 : MOST_PRINTED
  ran.logs = Buffer.concat(printed).subarray(0, most).toString('utf8')
  keepOutput(ran.logs)
  ran.exitCode = code
}

function accepted(base: string, { url }: Call, id: string): Answer {
  const cluster = url.pathname.replace(/\/(?:runCommand|commandResults\/.*)$/, '')
  return {
    status: 202,
    headers: { location: `${base}${cluster}/commandResults/${id}?${url.searchParams.toString()}` }
  }
}

function notFound({ url }: Call): Answer {
  return armError(404, 'ResourceNotFound', `The Resource '${url.pathname}' was not found.`)
}
