/**
 * Checks the permissions for asking Argo CD through an Application first, so that Patless creates only what it can
 * delete.
 */
import type { Services } from '../../services/services.ts'
import { Inconclusive } from '../../core/finding.ts'
import { input } from '../../core/input-name.ts'
import { HttpProblem } from '../../http/errors.ts'

/** @throws {Inconclusive} when the login is missing a permission; not when it may not ask for its permissions. */
export async function assertMay(
  verbs: readonly string[],
  { namespace, clusterId }: { readonly namespace: string; readonly clusterId: string | undefined },
  { kubernetes }: Services
): Promise<void> {
  const rights = verbs.map((verb) => ({ verb, group: 'argoproj.io', resource: 'applications', namespace }))
  const missing = await kubernetes(clusterId)
    .missing(rights)
    .catch((error: unknown) => {
      if (error instanceof HttpProblem && error.status === 403) return []
      throw error
    })
  if (missing.length === 0) return
  throw new Inconclusive({
    id: 'verification/may-not-probe',
    summary: `The login may not ${missing.map(({ verb }) => verb).join(', ')} Applications in ${namespace}, so Argo CD itself was not asked.`,
    expected: 'create, get, patch, delete applications.argoproj.io',
    actual: 'not allowed',
    remedy: `apply docs/permissions/kubernetes-role.yaml, or set ${input('verification', 'access')}`
  })
}
