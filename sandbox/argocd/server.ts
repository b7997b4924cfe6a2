/** The endpoint of argocd-server that needs no login: its version, reached through the API server's proxy. */
import type { Answer } from '../wire.ts'
import { StatusError, type KubeObject } from '../kubernetes/objects.ts'
import type { Installed } from './manifests.ts'

export function argoCdServer(
  { metadata }: KubeObject,
  path: string,
  installed: readonly Installed[]
): Answer {
  const one = installed.find(
    ({ install: { namespace, prefix } }) =>
      namespace === metadata.namespace && metadata.name === `${prefix}-server`
  )
  if (!one) throw new StatusError(503, 'ServiceUnavailable', 'no endpoints available for service')
  if (path !== '/api/version') return { status: 404, body: { code: 5, message: 'Not Found' } }
  return { status: 200, body: { Version: `${one.install.version}+${COMMIT}` } }
}

const COMMIT = '66b2f30'
