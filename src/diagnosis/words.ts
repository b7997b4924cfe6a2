/** What the rules share: how they read a failure, and how they write commands with the user's own names. */
import type { Complaint, Failure } from '../core/answered.ts'
import { word } from '../core/shell.ts'
import { safe } from '../http/errors.ts'
import { unquoted } from './argocd-phases.ts'
import type { Names, Trust } from './evidence.ts'

/** The fact that `matches` has found; a finding is made of it only afterwards. */
export function matched<T>(found: T | undefined): T {
  if (found === undefined) throw new TypeError('a finding without its fact')
  return found
}

export function hasCode({ code }: Failure, ...codes: readonly string[]): boolean {
  return code !== undefined && codes.includes(code)
}

/** Whether the code is one of these numbers of Entra, e.g. 700213. */
export function isEntra({ code = '' }: Failure, ...numbers: readonly number[]): boolean {
  return numbers.some((number) => code === `AADSTS${number}`)
}

/** A name in a command; where it is not known, a placeholder in quotes, so that no shell takes `<` for a redirection. */
export function known(name: string | undefined, placeholder: string): string {
  return name === undefined || name === '' ? `'<${placeholder}>'` : word(name)
}

/** Commands to run one after another. */
export function lines(...commands: readonly string[]): string {
  return commands.join('\n')
}

/** @param rest the command after the namespace */
export function kubectl({ namespace }: Pick<Names, 'namespace'>, rest: string): string {
  return `kubectl -n ${known(namespace, 'namespace of Argo CD')} ${rest}`
}

/** @param resource as kubectl names it: `secret x`, `deploy/x`; null in `body` removes a key */
export function patch(names: Pick<Names, 'namespace'>, resource: string, body: object): string {
  return kubectl(names, `patch ${resource} --type merge -p ${word(JSON.stringify(body))}`)
}

/** The body that sets a label of the pods to "true". */
export function templateLabel(label: string): object {
  return { spec: { template: { metadata: { labels: { [label]: 'true' } } } } }
}

export function deploymentOf({ deployment }: Names): string {
  return `deploy/${known(deployment, 'repo-server')}`
}

/** Who will write it again. @param last who wrote there last, as the API server recorded it */
export function writtenBy(managers: readonly string[], last: string | undefined): string {
  const owner =
    managers.length === 0 ? '' : ` It is made by ${managers.join(' and ')}, which may revert a change.`
  return last === undefined || managers.includes(last) ? owner : `${owner} Last written there by ${last}.`
}

/** The rollout that gives all pods what label and annotation say now. */
export function restart(names: Names): string {
  return kubectl(names, `rollout restart ${deploymentOf(names)}`)
}

/** Changes what the webhook reads of the service account when a pod starts. @param annotation `name=value`, the value quoted */
export function annotate(names: Names, account: string, annotation: string): string {
  return lines(
    kubectl(names, `annotate --overwrite serviceaccount ${word(account)} ${annotation}`),
    restart(names)
  )
}

/** Options of `az identity` commands that select the identity. */
export function ofIdentity(names: Names, option = '-n'): string {
  const { identityResourceGroup, resourceGroup, identity, subscriptionId, identitySubscriptionId } = names
  const group = known(identityResourceGroup ?? resourceGroup, 'resource group')
  const elsewhere =
    identitySubscriptionId === undefined || identitySubscriptionId === subscriptionId
      ? ''
      : ` --subscription ${word(identitySubscriptionId)}`
  return `-g ${group} ${option} ${known(identity, 'identity')}${elsewhere}`
}

/** Options of `az aks` commands that select the cluster. */
export function ofCluster({ resourceGroup, cluster }: Names): string {
  return `-g ${known(resourceGroup, 'resource group')} -n ${known(cluster, 'cluster')}`
}

/** Options of `az k8s-extension` commands that select the extension. */
export function ofExtension({ resourceGroup, cluster }: Names, extension: string): string {
  const group = known(resourceGroup, 'resource group')
  return `-g ${group} -c ${known(cluster, 'cluster')} -t managedClusters -n ${known(extension, 'extension')}`
}

/** The command that makes a federated credential equal to the token. @param name of the credential */
export function trustCommand(
  task: 'create' | 'update',
  name: string | undefined,
  { token, audience }: Pick<Trust, 'token' | 'audience'>,
  names: Names
): string {
  const trusted = `--issuer ${known(token?.issuer, 'issuer')} --subject ${known(token?.subject, 'subject')} --audiences ${known(audience, 'audience')}`
  return `az identity federated-credential ${task} ${ofIdentity(names, '--identity-name')} -n ${known(name, 'name')} ${trusted}`
}

/** The organization that a request to Azure DevOps was for; else the only one that is known. */
export function organizationOf({ request }: Failure, { organization }: Names): string | undefined {
  return / \/([\w-]{1,64})\/(?:[^/\s]{1,300}\/)?_apis\//.exec(request)?.[1] ?? organization
}

/** A page of the organization's settings. */
export function organizationPage({ organization = '<organization>' }: Names, page: string): string {
  return `https://dev.azure.com/${encodeURIComponent(organization)}/_settings/${page}`
}

/** A page of the settings of the project that the first repository is in. */
export function projectPage(
  { organization = '<organization>', repositories = [] }: Names,
  page: string
): string {
  const [first] = repositories
  const project = first === undefined ? '<project>' : encodeURIComponent(first.project)
  return `https://dev.azure.com/${encodeURIComponent(organization)}/${project}/_settings/${page}`
}

/** If the deciding text starts after this many characters, the shown message starts there. */
const SHOWN = 300

/** The complaint as it is shown: from where the deciding text begins. */
export function shown({ whole }: Complaint, when?: RegExp): string {
  const at = when?.exec(whole)?.index ?? 0
  return safe(at < SHOWN ? whole : `… ${whole.slice(at)}`)
}

/** The words of the complaint that mean something. */
export function spoken({ whole }: Complaint): string {
  return unquoted(whole)
}

/** How two texts differ: from the first different character on. */
export function difference(expected: string, actual: string): string {
  const limit = Math.min(expected.length, actual.length)
  let at = 0
  while (at < limit && expected[at] === actual[at]) at += 1
  const from = (text: string): string => (at < text.length ? safe(`"${text.slice(at, at + 20)}"`) : 'the end')
  return `they differ from character ${at + 1} on: ${from(expected)} expected, ${from(actual)} found`
}

/** A URL for which Argo CD takes its SSH client. */
export function isSsh(url: string): boolean {
  return /^(?:ssh:|[\w.-]{1,64}@)/i.test(url)
}
