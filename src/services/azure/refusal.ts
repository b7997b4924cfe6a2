/** What Resource Manager says when it refuses: a policy's name is in the small print of the answer, and is what counts. */
import { HttpProblem, safe } from '../../http/errors.ts'
import { recordOf, refused, type Reply, type Request } from '../../http/request.ts'

/** As `refused`, with the policies named. */
export function refusedByArm(request: Request, reply: Reply): HttpProblem {
  const problem = refused(request, reply)
  const policies = policiesIn(recordOf(reply.json)['error'])
  if (policies === undefined) return problem
  const { plane, status, code, retryAfter } = problem
  return new HttpProblem({
    plane,
    request: `${request.method} ${new URL(request.url).pathname}`,
    status,
    code,
    detail: policies,
    retryAfter
  })
}

/**
 * The policies that disallow a request, each with what it looked at (learn.microsoft.com/azure/azure-resource-manager/
 * troubleshooting/error-policy-requestdisallowedbypolicy).
 *
 * @param error of the answer's body
 * @returns undefined for another refusal
 */
export function policiesIn(error: unknown): string | undefined {
  const { code, message, target, additionalInfo } = recordOf(error)
  if (code !== 'RequestDisallowedByPolicy') return undefined
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
