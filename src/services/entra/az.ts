/**
 * The login of the Azure CLI. The SDK's AzureCliCredential would pass the whole environment and an unfiltered PATH to
 * az and never time out (docs/decisions/0009-programs.md). Command and answer are the same as the SDK's.
 */
import type { AccessToken, TokenCredential } from '@azure/identity'
import { Problem } from '../../core/finding.ts'
import { word } from '../../core/shell.ts'
import { safe } from '../../http/errors.ts'
import { jsonOf, recordOf, type Wire } from '../../http/request.ts'
import { GUID } from '../azure/ids.ts'
import { azEnvironment } from '../programs/environment.ts'
import { inOwnFolder } from '../programs/folder.ts'
import { NotStarted, runProgram, type Ended } from '../programs/program.ts'
import { input } from '../../core/input-name.ts'

interface AzAccount {
  /** For the log. */
  readonly user?: string
  readonly subscriptionId?: string
}

const MOST_SUBSCRIPTIONS = 10_000
/** The Azure CLI's names of clouds whose tokens Azure DevOps does not accept. A custom cloud has any other name. */
const OTHER_CLOUDS = ['AzureUSGovernment', 'AzureChinaCloud', 'AzureGermanCloud']

/**
 * @returns undefined when az is missing or not logged in.
 * @throws {Problem} when az hangs or is logged in to another cloud.
 */
export async function accountOfAz(
  environment: NodeJS.ProcessEnv,
  wire: Wire
): Promise<AzAccount | undefined> {
  try {
    const { exit, stdout } = await az(['account', 'show'], environment, wire)
    if (exit !== 0) return undefined
    const account = recordOf(jsonOf(stdout))
    const { id, user, environmentName: cloud } = account
    if (typeof cloud === 'string' && OTHER_CLOUDS.includes(cloud)) {
      throw new Problem({
        id: 'login/other-cloud',
        summary: `az is logged in to ${cloud}: Azure DevOps accepts only tokens of the public cloud.`,
        expected: 'AzureCloud',
        actual: cloud,
        command: 'az cloud set --name AzureCloud\naz login',
        remedy: `log in to the public cloud, where the identity must be; for a cluster elsewhere set ${input('oidc-issuer-url')} and ${input('kubeconfig')}`
      })
    }
    const { name } = recordOf(user)
    return {
      ...(typeof name === 'string' ? { user: safe(name, 100) } : {}),
      ...(typeof id === 'string' ? { subscriptionId: id } : {})
    }
  } catch (error) {
    if (error instanceof NotStarted) return undefined
    throw error
  }
}

/** One subscription of the az login. */
export interface AzSubscription {
  readonly subscriptionId: string
  readonly name: string
  readonly tenantId: string
  readonly isDefault: boolean
}

/**
 * The subscriptions of all tenants that az is logged in to.
 *
 * @returns undefined when az is missing or not logged in.
 */
export async function subscriptionsOfAz(
  environment: NodeJS.ProcessEnv,
  wire: Wire
): Promise<AzSubscription[] | undefined> {
  try {
    const { exit, stdout } = await az(['account', 'list'], environment, wire)
    const list = jsonOf(stdout)
    if (exit !== 0 || !Array.isArray(list) || list.length === 0) return undefined
    return (list as unknown[]).slice(0, MOST_SUBSCRIPTIONS).flatMap((one) => {
      const { id, name, tenantId, isDefault } = recordOf(one)
      const usable = [id, tenantId].every((text) => typeof text === 'string' && GUID.test(text))
      if (!usable) return []
      return [
        {
          subscriptionId: String(id),
          name: safe(typeof name === 'string' ? name : '', 100),
          tenantId: String(tenantId),
          isDefault: isDefault === true
        }
      ]
    })
  } catch (error) {
    if (error instanceof NotStarted) return undefined
    throw error
  }
}

/** Requests each token from az, which caches and renews them. */
export function credentialOfAz(
  tenantId: string | undefined,
  environment: NodeJS.ProcessEnv,
  wire: Wire
): TokenCredential {
  const tenant = tenantId === undefined ? [] : ['--tenant', tenantId]
  return {
    async getToken(scopes, options) {
      if (options?.claims !== undefined) {
        throw new Problem({
          id: 'login/az-expired',
          summary: 'Entra requires a new az login.',
          remedy: 'log in again',
          command: `az logout\naz login${tenantId === undefined ? '' : ` --tenant ${word(tenantId)}`}`
        })
      }
      const resource = [scopes].flat()[0]?.replace(/\/\.default$/, '') ?? ''
      const command = ['account', 'get-access-token', '--resource', resource, ...tenant]
      const { exit, stdout, stderr } = await az(command, environment, wire)
      if (exit !== 0) throw new Error(stderr === '' ? `az ended with ${exit}` : stderr)
      return tokenOf(stdout)
    }
  }
}

function az(args: readonly string[], environment: NodeJS.ProcessEnv, wire: Wire): Promise<Ended> {
  return inOwnFolder(environment, wire.debug, (folder) =>
    runProgram(
      {
        name: 'az',
        arguments: [...args, '--output', 'json'],
        path: environment,
        environment: azEnvironment(environment, folder),
        folder,
        timeout: wire.timeout
      },
      wire
    )
  )
}

/** `expires_on` (seconds since the epoch) came with az 2.54; `expiresOn` is local time without a zone. */
function tokenOf(stdout: string): AccessToken {
  const { accessToken, expires_on: seconds, expiresOn: text } = recordOf(jsonOf(stdout))
  const expiresOnTimestamp =
    seconds === undefined ? Date.parse(typeof text === 'string' ? text : '') : Number(seconds) * 1000
  if (typeof accessToken !== 'string' || Number.isNaN(expiresOnTimestamp))
    throw new Error('az printed no token')
  return { token: accessToken, expiresOnTimestamp }
}
