/** The last step: the workflow or pipeline file, unless one exists. */
import { word } from '../../../core/shell.ts'
import { marked } from '../workspace-file.ts'
import { pipelineYaml, workflow, type LoginIds } from '../pipeline-content.ts'
import { dirname } from 'node:path/posix'
import { USUAL_ARGOCD } from '../rights.ts'
import type { Settings } from '../settings.ts'
import { assigned, unusedIn, type Step } from './step.ts'

export function fileSteps(settings: Settings): Step[] {
  const { file, pipeline, identityTenantId, argocdNamespace = USUAL_ARGOCD.namespace } = settings
  const complete = { ...settings, argocdNamespace }
  const contentFor = (logins: LoginIds): string =>
    pipeline.host === 'github' ? workflow(complete, pipeline, logins) : pipelineYaml(complete, pipeline)
  const bare = contentFor({ clientId: '' })
  const [place, second] = ['FIRST_LOGIN', 'SECOND_LOGIN'].map((one) => unusedIn(bare, one)) as [
    string,
    string
  ]
  const content = contentFor({ clientId: place, identityClientId: second })
  // The mark has a digest of what is known only when the script runs.
  const [, digest = ''] = /; ([0-9a-f]{16})\./.exec(marked(content)) ?? []
  const [mark = ''] = marked(content).split('\n')
  const [before = '', after = ''] = mark.split(digest)
  return [
    {
      for: 'author',
      order: 100,
      title: 'The file that the pipeline runs, in this checkout',
      lines: [
        `file=${word(file.path)}`,
        ...assigned('content', content.replace(/\n$/, '')),
        `content=\${content//${place}/$pipeline_client}`,
        ...(identityTenantId === undefined ? [] : [`content=\${content//${second}/$identities_client}`]),
        'digest=$(printf "%s\\n" "$content" | sha256sum | cut -c1-16)',
        'if [ -e "$file" ]; then',
        '  echo "$file exists and is left as it is"',
        'else',
        `  mkdir -p ${word(dirname(file.path))}`,
        `  { printf "%s%s%s\\n" ${word(before)} "$digest" ${word(after)}; printf "%s\\n" "$content"; } > "$file"`,
        'fi'
      ]
    }
  ]
}
