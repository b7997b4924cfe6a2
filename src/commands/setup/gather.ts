/** Finds what set-up needs to know of Azure, and asks for the rest; the pipeline is in gather-pipeline.ts. */
import { organizationsOf, parseRepositories } from '../../config/repository-rules.ts'
import { InvalidInputs, type InputFault } from '../../config/inputs.ts'
import { Problem } from '../../core/finding.ts'
import type { Answers } from './answers.ts'
import * as form from './forms.ts'
import type { OptionName } from './options.ts'
import { same, WORKFLOW } from './gather-pipeline.ts'
import type { AzSubscription } from '../../services/entra/az.ts'
import type { Place, Settings } from './settings.ts'

/** A cluster that the person sees. */
export interface SeenCluster extends Place {
  readonly isDefault: boolean
}

const PIPELINE = 'azure-pipelines/argocd-access.yml'

/** @throws {InvalidInputs} for URLs that are none, and for more organizations than a run takes */
export async function repositoriesOf(
  answers: Answers,
  environment: NodeJS.ProcessEnv
): Promise<Pick<Settings, 'repositories' | 'organizations'>> {
  const text = await answers.to({
    option: 'repository-url',
    what: 'https URL of the repository that Argo CD reads'
  })
  const faults: InputFault[] = []
  const fault = (input: string, problem: string, remedy: string): void => {
    faults.push({ input, problem, remedy })
  }
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const repositories = parseRepositories(lines, environment['AZURE_DEVOPS_URL'], fault)
  const organizations = organizationsOf(repositories, fault)
  if (faults.length > 0) throw new InvalidInputs(faults)
  return { repositories, organizations }
}

/** @param seen the clusters that the person sees; undefined: nobody is logged in */
export async function clusterOf(answers: Answers, seen: readonly SeenCluster[] | undefined): Promise<Place> {
  const [group, subscription, named] = [
    answers.checked('resource-group', form.resourceGroup),
    answers.checked('subscription-id', form.guid),
    answers.checked('cluster', form.clusterName)
  ]
  const fits = (one: string | undefined, other: string): boolean => one === undefined || same(one, other)
  const fitting = (seen ?? []).filter(
    (one) => fits(group, one.resourceGroup) && fits(subscription, one.subscriptionId) && fits(named, one.name)
  )
  const names = [...new Set(fitting.map(({ name }) => name))]
  const name = await answers.to({
    option: 'cluster',
    what: 'AKS cluster',
    found: names.length === 1 ? names[0] : undefined,
    ...(names.length > 0 && named === undefined && { choices: names }),
    fault: form.clusterName
  })
  const left = fitting.filter((one) => one.name === name)
  const groups = [...new Set(left.map((one) => one.resourceGroup))]
  const resourceGroup = await answers.to({
    option: 'resource-group',
    what: `resource group of ${name}`,
    found: groups.length === 1 ? groups[0] : undefined,
    ...(groups.length > 1 && { choices: groups }),
    fault: form.resourceGroup
  })
  const subscriptions = left
    .filter((one) => one.resourceGroup === resourceGroup)
    .map(({ subscriptionId }) => subscriptionId)
  const subscriptionId = await answers.to({
    option: 'subscription-id',
    what: `subscription of ${name}`,
    found: subscriptions.length === 1 ? subscriptions[0] : undefined,
    ...(subscriptions.length > 1 && { choices: subscriptions }),
    fault: form.guid
  })
  return { name, resourceGroup, subscriptionId }
}

/** @param tenants those of the az login, the default one first; empty: nobody is logged in */
export async function tenantOf(answers: Answers, tenants: readonly string[]): Promise<string> {
  const several = tenants.length > 1
  const [only] = tenants
  if (only !== undefined && !several && answers.option('tenant-id') === undefined) return only
  return answers.to({
    option: 'tenant-id',
    what: several ? 'tenant (az is logged in to several)' : 'tenant',
    // Which of several is never guessed; a person sees the default one first.
    found: several && !answers.asks ? undefined : only,
    ...(several && { choices: tenants }),
    fault: form.guid
  })
}

/**
 * @param found the tenant that the organizations are connected to, if they say it
 * @returns undefined: that of the cluster
 */
export function identityTenantOf(
  answers: Answers,
  ofCluster: string,
  found: string | undefined
): string | undefined {
  const given = answers.checked('identity-tenant-id', form.guid)
  if (given !== undefined && found !== undefined && !same(given, found))
    throw connectedElsewhere({ given, found, ofCluster })
  const tenant = given ?? found
  return tenant === undefined || same(tenant, ofCluster) ? undefined : tenant
}

function connectedElsewhere(tenants: Readonly<Record<'given' | 'found' | 'ofCluster', string>>): Problem {
  const { given, found, ofCluster } = tenants
  const swapped = same(found, ofCluster)
  return new Problem({
    id: swapped ? 'login/tenants-swapped' : 'entitlement/other-tenant',
    summary: `The organization is connected to tenant ${found}, not to ${given}.`,
    expected: given,
    actual: found,
    remedy: swapped
      ? `swap them: --tenant-id ${given} --identity-tenant-id ${found}; if the cluster is in tenant ${found} too, leave --identity-tenant-id out`
      : `--identity-tenant-id ${found}`
  })
}

/** Asked for only where it cannot be found. */
export function argocdNamespaceOf(answers: Answers): Promise<string> {
  return answers.to({
    option: 'argocd-namespace',
    what: 'namespace of Argo CD',
    found: 'argocd',
    fault: form.namespace
  })
}

/** Names with defaults, and the rest of the options. */
export async function namesOf(
  answers: Answers,
  cluster: Place,
  host: Settings['pipeline']['host'],
  other: IdentityTenant | undefined
): Promise<
  Pick<Settings, 'identity' | 'login' | 'roleName' | 'access' | 'argocdNamespace' | 'selfService'> & {
    file: string
  }
> {
  const place = await identityPlaceOf(answers, cluster, other)
  const identityName = answers.checked('identity-name', form.identityName) ?? `id-argocd-${cluster.name}`
  const kind = choice(answers, 'login', ['identity', 'application'])
  const loginName = await answers.to({
    option: 'login-name',
    what: `${kind} of the pipeline`,
    found: `id-patless-${cluster.name}`,
    fault: (text) =>
      form.identityName(text) ??
      (text.toLowerCase() === identityName.toLowerCase()
        ? "Argo CD's identity has this name; the pipeline needs one of its own."
        : undefined)
  })
  const access = choice(answers, 'access', ['project-readers', 'repository'])
  const file = await answers.to({
    option: 'file',
    what: 'file to write',
    found: host === 'github' ? WORKFLOW : PIPELINE,
    fault: form.filePath
  })
  return {
    identity: { ...place, name: identityName },
    login: { kind, ...(other ? placeOf(cluster) : place), name: loginName },
    roleName: answers.checked('role-name', form.roleName),
    access,
    argocdNamespace: answers.checked('argocd-namespace', form.namespace),
    selfService: answers.isSet('self-service'),
    file
  }
}

/** Another tenant than that of the cluster, and the subscriptions of the az login there. */
export interface IdentityTenant {
  readonly tenantId: string
  readonly subscriptions: readonly AzSubscription[]
}

async function identityPlaceOf(
  answers: Answers,
  cluster: Place,
  other: IdentityTenant | undefined
): Promise<Omit<Place, 'name'>> {
  const ids = other?.subscriptions.map(({ subscriptionId }) => subscriptionId) ?? []
  const subscriptionId = other
    ? await answers.to({
        option: 'identity-subscription-id',
        what: `subscription of the identities in tenant ${other.tenantId}`,
        found: ids.length === 1 ? ids[0] : undefined,
        ...(ids.length > 1 && { choices: ids }),
        fault: form.guid
      })
    : (answers.checked('identity-subscription-id', form.guid) ?? cluster.subscriptionId)
  const given = answers.checked('identity-resource-group', form.resourceGroup)
  if (given !== undefined) return { subscriptionId, resourceGroup: given }
  if (same(subscriptionId, cluster.subscriptionId)) return placeOf(cluster)
  const resourceGroup = await answers.to({
    option: 'identity-resource-group',
    what: `resource group of the identities in subscription ${subscriptionId}`,
    fault: form.resourceGroup
  })
  return { subscriptionId, resourceGroup }
}

function placeOf({ subscriptionId, resourceGroup }: Place): Omit<Place, 'name'> {
  return { subscriptionId, resourceGroup }
}

/** An option with few values, which the terminal has checked; the first is the default. */
function choice<T extends string>(answers: Answers, name: OptionName, values: readonly [T, ...T[]]): T {
  return values.find((one) => one === answers.option(name)) ?? values[0]
}
