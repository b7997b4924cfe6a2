/**
 * `patless setup`: everything between an empty pipeline and the first green run, with the person's own az login. It shows
 * the plan before it does anything, is run again to go on, and prints for others what the person may not do.
 */
import { word } from '../../core/shell.ts'
import type { Command, ParsedLine, Terminal } from '../command.ts'
import { explain } from '../../diagnosis/explain.ts'
import { Problem, warning } from '../../core/finding.ts'
import { Graph, type RunContext } from '../../engine/graph.ts'
import type { ResourceOutcome } from '../../engine/outcome.ts'
import { Answers } from './answers.ts'
import { checkoutAt, type Checkout } from './checkout.ts'
import {
  argocdNamespaceOf,
  clusterOf,
  identityTenantOf,
  namesOf,
  repositoriesOf,
  tenantOf,
  type SeenCluster
} from './gather.ts'
import { pipelineOf } from './gather-pipeline.ts'
import { runSetup } from './graph.ts'
import { hidden, isHidden } from './hidden.ts'
import { asJson, type Recorder } from './json.ts'
import { FOR_ADMIN, OPTIONS } from './options.ts'
import { describe, openIn, planLines } from './plan.ts'
import { removeSetup } from './remove.ts'
import { administratorsOf, scriptOf } from './script.ts'
import type { Administrator } from './script/step.ts'
import type { SetupGraph, SetupServices } from './services.ts'
import { otherNames } from './taken.ts'
import {
  azSubscriptions,
  gitHubOf,
  PROPAGATION,
  servicesOf,
  sessionOf,
  tenantOfOrganizations,
  type Session
} from './session.ts'
import type { Settings } from './settings.ts'

export const setup: Command = { options: OPTIONS, run: setUp }

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

async function setUp(line: ParsedLine, terminal: Terminal): Promise<number> {
  const controller = new AbortController()
  const cancel = (): void => {
    controller.abort(new Error('set-up was cancelled'))
  }
  for (const signal of SIGNALS) process.once(signal, cancel)
  const run = (own: Terminal, record: Recorder): Promise<number> =>
    inSession(line, own, { ...sessionOf(own, controller.signal), record })
  try {
    return await (line.given.get('output') === 'json'
      ? asJson(terminal, run)
      : run(terminal, () => undefined))
  } finally {
    for (const signal of SIGNALS) process.off(signal, cancel)
  }
}

async function inSession(line: ParsedLine, terminal: Terminal, session: Session): Promise<number> {
  const { say, environment } = session
  const asking = line.given.get('yes') === 'true' ? undefined : terminal.ask
  const answers = new Answers(line.given, asking, say)
  const audience = administratorOf(answers)
  const checkout = checkoutAt(terminal.folder)
  const { repositories, organizations } = await repositoriesOf(answers, environment)
  const subscriptions = await azSubscriptions(session)
  const known = subscriptions.length > 0
  if (!known) session.warn(warning(noAz(answers.isSet('print'))))
  const tenants = [...new Set(subscriptions.map((one) => one.tenantId))]
  const given = answers.option('identity-tenant-id')?.toLowerCase()
  const ofClusters = tenants.filter((one) => one.toLowerCase() !== given)
  const tenantId = await tenantOf(answers, ofClusters.length > 0 ? ofClusters : tenants)
  // In the other tenant are no organizations.
  const uses = given === undefined || given === tenantId.toLowerCase() ? 'everything' : 'azure'
  const services = known ? await servicesOf(session, tenantId, { uses }) : undefined
  const found = services && (await tenantOfOrganizations(services, organizations))
  const identityTenantId = identityTenantOf(answers, tenantId, found)
  const other =
    identityTenantId === undefined
      ? undefined
      : {
          tenantId: identityTenantId,
          subscriptions: subscriptions.filter(
            (one) => one.tenantId.toLowerCase() === identityTenantId.toLowerCase()
          )
        }
  const defaults = subscriptions.filter(({ isDefault }) => isDefault).map((one) => one.subscriptionId)
  const seen = services && (await clustersOf(services, defaults))
  const cluster = await clusterOf(answers, seen)
  const pipeline = await pipelineOf(answers, {
    checkout,
    repositories,
    github: gitHubOf(session),
    warn: session.warn,
    removing: answers.isSet('remove')
  })
  const { file, ...names } = await namesOf(answers, cluster, pipeline.host, other)
  const root = checkout?.root ?? terminal.folder
  const replace = answers.isSet('replace-file')
  const settings: Settings = {
    ...{ tenantId, identityTenantId, cluster, repositories, organizations, pipeline, ...names },
    file: { root, path: file, replace }
  }
  if (answers.isSet('print') || !services) {
    terminal.print(scriptOf(settings, audience))
    return answers.isSet('print') ? 0 : 1
  }
  warnOutside(checkout, session)
  if (other?.subscriptions.length === 0) throw notLoggedIn(other.tenantId, settings)
  const both = other
    ? await servicesOf(session, other.tenantId, { uses: 'everything', ofCluster: services })
    : services
  const context = contextOf(both, terminal, session)
  if (answers.isSet('remove')) return removeSetup(settings, context, answers, session)
  return carryOut(settings, context, { answers, session, terminal })
}

async function carryOut(
  given: Settings,
  context: RunContext<SetupServices>,
  { answers, session, terminal }: { answers: Answers; session: Session; terminal: Terminal }
): Promise<number> {
  const { say, warn } = session
  // The plan says what is to be done; of what was read, only failures are worth a line of their own.
  const failures: RunContext<SetupServices>['done'] = (outcome) => {
    if (outcome.result === 'failed') context.done(outcome)
  }
  let settings = given
  let read: SetupGraph
  for (;;) {
    read = new Graph({ ...context, done: failures })
    await runSetup(read, settings, context.services)
    const blocked = read.resources.flatMap(({ differences }) =>
      differences.flatMap(({ blocked: facts }) => (facts ? [facts] : []))
    )
    if (blocked.length > 0) settings = await otherNames(blocked, settings, answers, warn)
    else if (settings.argocdNamespace === undefined && isHidden(read)) {
      warn(warning(hidden(settings.cluster)))
      if (!answers.asks) break
      settings = { ...settings, argocdNamespace: await argocdNamespaceOf(answers) }
    } else break
  }
  session.record(read.resources)
  const open = openIn(read.resources)
  const failed = read.resources.filter(({ result }) => result === 'failed')
  if (open.length === 0 && failed.length === 0) {
    say('Everything is set up.')
    return 0
  }
  for (const text of ['The plan:', ...planLines(open, settings)]) say(text)
  if (answers.isSet('dry-run')) return failed.length === 0 ? 0 : 1
  if (!answers.isSet('yes') && !(await answers.agrees('Carry it out?'))) throw declined(answers)
  const written: SetupGraph = new Graph(context, { before: read })
  await runSetup(written, settings, context.services)
  session.record(written.resources)
  return conclude(written.resources, settings, { session, terminal })
}

/** Says what is left, and prints the rest for whom it concerns. */
function conclude(
  resources: readonly ResourceOutcome[],
  settings: Settings,
  { session: { say, warn }, terminal }: { session: Session; terminal: Terminal }
): number {
  const left = resources.filter(({ result }) => ['failed', 'skipped'].includes(result))
  for (const { resource, of, problem } of left) {
    if (!problem) continue
    warn(
      warning({
        ...problem,
        summary: `${describe({ resource, ...(of !== undefined && { of }) }, settings)}: ${problem.summary}`
      })
    )
  }
  if (left.length > 0) {
    const kinds = new Set(left.map(({ resource }) => resource))
    const concerned = administratorsOf(settings).filter((one) => one.kinds.some((kind) => kinds.has(kind)))
    warn(warning(othersNeeded(concerned)))
    for (const { name } of concerned) terminal.print(scriptOf(settings, name))
    return 1
  }
  for (const text of nextSteps(settings)) say(text)
  return 0
}

function nextSteps({ file, pipeline }: Settings): string[] {
  return [
    `Done. A new role takes some minutes until Azure knows it everywhere.`,
    pipeline.host === 'github'
      ? `Next: commit and push ${file.path} to ${pipeline.branch}; the push runs the first apply.`
      : `Next: push ${file.path} to ${pipeline.branch}, and create the pipeline from it: az pipelines create --yml-path ${file.path}`
  ]
}

async function clustersOf(services: SetupServices, defaults: readonly string[]): Promise<SeenCluster[]> {
  const subscriptions = await services.arm.subscriptions()
  const lists = subscriptions.map(async ({ subscriptionId }) => {
    // A subscription whose clusters cannot be listed offers none to choose from.
    const clusters = await services.arm.clusters(subscriptionId).catch(() => [])
    return clusters.map(({ id, name }) => ({
      name,
      subscriptionId,
      resourceGroup: id.split('/')[4] ?? '',
      isDefault: defaults.includes(subscriptionId)
    }))
  })
  return (await Promise.all(lists)).flat()
}

function contextOf(
  services: SetupServices,
  { reporter }: Terminal,
  { wire }: Session
): RunContext<SetupServices> {
  return {
    services,
    explain,
    policy: { ...wire.policy, budget: PROPAGATION },
    started: Date.now(),
    done: (outcome) => {
      reporter.on({ kind: 'resource', outcome })
    }
  }
}

/** Checked already: the terminal refuses any other value. */
function administratorOf(answers: Answers): Administrator | undefined {
  return FOR_ADMIN.find((one) => one === answers.option('for-admin'))
}

function warnOutside(checkout: Checkout | undefined, { say }: Session): void {
  if (!checkout) say('This folder is no git checkout; the file is written here.')
}

function noAz(printing: boolean) {
  return {
    id: 'login/none' as const,
    summary: `az is not on PATH, or is not logged in: ${printing ? 'nothing can be looked up, so everything has to be given' : 'nothing is changed, and this is the script only'}.`,
    remedy: 'run the script where az is, or log in and run this again',
    command: 'az login'
  }
}

function notLoggedIn(tenant: string, { tenantId, organizations }: Settings): Problem {
  return new Problem({
    id: 'setup/tenant-not-logged-in',
    summary: `The identities belong in tenant ${tenant}, to which ${organizations.map(({ name }) => name).join(', ')} is connected, and az is not logged in to it.`,
    expected: tenant,
    remedy: 'log in to both tenants, and run it again',
    command: `az login --tenant ${word(tenant)}\naz login --tenant ${word(tenantId)}`
  })
}

function declined(answers: Answers): Problem {
  return new Problem({
    id: 'setup/declined',
    summary: answers.asks
      ? 'The plan was declined; nothing was changed.'
      : 'Nobody confirmed the plan; nothing was changed.',
    remedy: answers.asks
      ? 'run it again when it is as you want it'
      : 'add --yes, or --dry-run to see the plan only'
  })
}

function othersNeeded(concerned: readonly { readonly title: string }[]) {
  return {
    id: 'setup/administrator-needed' as const,
    summary: `Part of it needs ${concerned.map(({ title }) => title).join(', ') || 'another attempt'}; what could be done is done.`,
    remedy: 'hand on the script on stdout, then run patless setup again: it goes on where it stopped'
  }
}
