/**
 * The file that defines the workflow or pipeline, as a path in its repository: where code scanning shows findings.
 *
 * GitHub names it (`owner/repository/.github/workflows/name.yml@ref`); Azure Pipelines does not, so its usual name has
 * to do, there and in a terminal.
 */
export function definitionOf(environment: NodeJS.ProcessEnv): string {
  const reference = environment['GITHUB_WORKFLOW_REF'] ?? ''
  const [, path] = /^[^/\s]+\/[^/\s]+\/(\.github\/workflows\/[\w.-]{1,200})@/.exec(reference) ?? []
  return path ?? 'azure-pipelines.yml'
}
