/**
 * What Resource Manager says when it refuses. Its sentences repeat the ids of the request, which are long, before they come
 * to what counts: the policy, the lock, the right at another resource. Here that comes first.
 */
import { HttpProblem, safe } from '../../http/errors.ts'
import { recordOf, refused, type Reply, type Request } from '../../http/request.ts'

/** As `refused`, with what counts in `detail`. */
export function refusedByArm(request: Request, reply: Reply): HttpProblem {
  const problem = refused(request, reply)
  const detail = essenceOf(recordOf(reply.json)['error'])
  if (detail === undefined) return problem
  const { service, status, code, retryAfter } = problem
  const name = `${request.method} ${new URL(request.url).pathname}`
  return new HttpProblem({ service, request: name, status, code, detail, retryAfter })
}

/**
 * @param error of the answer's body
 * @returns undefined when the service's own sentence does as it is
 */
export function essenceOf(error: unknown): string | undefined {
  const { code, message } = recordOf(error)
  const text = typeof message === 'string' ? message : ''
  if (code === 'RequestDisallowedByPolicy') return policiesIn(error)
  if (code === 'LinkedAuthorizationFailed') {
    const [, actions = '', scopes = ''] =
      /have permission to perform action(?:\(s\))? '([^']*)' on the linked scope\(s\) '([^']*)'/.exec(text) ??
      []
    return actions === '' ? undefined : safe(`${actions} at ${scopes}`, 800)
  }
  if (code === 'ScopeLocked') {
    const [, kind = '', locks = ''] =
      /cannot perform (\w+) operation because following scope\(s\) are locked: '([^']*)'/.exec(text) ?? []
    return locks === '' ? undefined : safe(`no ${kind}, because this is locked: ${locks}`, 600)
  }
  return undefined
}

/**
 * The policies that disallow a request, each with what it looked at (learn.microsoft.com/azure/azure-resource-manager/
 * troubleshooting/error-policy-requestdisallowedbypolicy).
 */
function policiesIn(error: unknown): string {
  const { message, target, additionalInfo } = recordOf(error)
  const text = typeof message === 'string' ? message : ''
  const violations = (Array.isArray(additionalInfo) ? additionalInfo : [])
    .map((one) => recordOf(recordOf(one)['info']))
    .map((info) => ({ name: nameOf(info), paths: pathsOf(info) }))
  const named = violations.filter(({ name }) => name !== '')
  const found = named.length > 0 ? named : namesInText(text).map((name) => ({ name, paths: [] }))
  if (found.length === 0) return safe(text)
  const policies = found.map(({ name, paths }) => `"${safe(name, 120)}"${looking(paths)}`).join(', ')
  const what = typeof target === 'string' ? `${safe(target, 120)} is disallowed by` : 'disallowed by'
  return safe(`${what} ${found.length === 1 ? 'the policy' : 'the policies'} ${policies}`, 600)
}

function looking(paths: readonly string[]): string {
  return paths.length === 0 ? '' : ` (${paths.map((path) => safe(path, 80)).join(', ')})`
}

function nameOf(info: Readonly<Record<string, unknown>>): string {
  const names = ['policyAssignmentDisplayName', 'policyAssignmentName', 'policyDefinitionDisplayName']
  return names.map((name) => info[name]).find((name): name is string => isText(name)) ?? ''
}

function pathsOf(info: Readonly<Record<string, unknown>>): string[] {
  const { evaluatedExpressions } = recordOf(info['evaluationDetails'])
  const all: unknown[] = Array.isArray(evaluatedExpressions) ? evaluatedExpressions : []
  return [...new Set(all.map((one) => recordOf(one)['path']).filter(isText))]
}

/** Older answers have it in their text only: `Policy identifiers: '[{"policyAssignment":{"name":…}}]'`. */
function namesInText(text: string): string[] {
  return [...text.matchAll(/"policyAssignment":\{"name":"([^"]{1,200})"/g)].map(([, name = '']) => name)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
