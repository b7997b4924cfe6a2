import { word } from '../../../core/shell.ts'
import type { Denial, Names, RepositoryFacts } from '../../evidence.ts'
import { safe } from '../../../http/errors.ts'
import { NAMES, REPOSITORY } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { DEVOPS_PERMISSIONS } from '../../sources.ts'
import { OF_READING } from '../../symptoms.ts'
import { matched, projectPage } from '../../words.ts'

export const permissionDeniedByGroup: Rule<'repositories'> = {
  id: 'permission/denied-by-group',
  needs: ['repositories'],
  link: 'permission',
  severity: 'error',
  certainty: 'proved',
  explains: OF_READING,
  matches: ({ repositories }) => repositories.some(isDeniedByGroup),
  finding: ({ repositories, names }) => {
    const found = matched(repositories.find(isDeniedByGroup))
    const group = safe(matched(found.deniedTo), 200)
    return {
      summary: `Read on the repository ${found.repository} is denied to ${group}, which the identity is in; a Deny takes precedence over every Allow.`,
      expected: 'allow',
      actual: `deny, by ${group}`,
      remedy: `remove the Deny of that group (${projectPage(names, 'repositories')} > ${found.repository} > Security), or take ${names.identity ?? 'the identity'} out of the group`,
      ...(found.denial && { command: removal(found.denial, names) }),
      link: DEVOPS_PERMISSIONS,
      repository: found.url
    }
  },
  symptom: 'git says TF401019 or TF401027, and the entries of the identity itself are right.',
  cause: 'A group (for example the Readers of the project) has Deny on the repository.',
  texts: ['TF401027', 'TF401019', 'GenericRead'],
  sources: [DEVOPS_PERMISSIONS],
  examples: [
    {
      names: NAMES,
      repositories: [
        {
          ...REPOSITORY,
          deniedTo: '[shop]\\Readers',
          denial: {
            namespace: '2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87',
            token: 'repoV2/5b2f1e0a-0b4e-4f0e-9d1c-2f1f5a1f7c11/6c3a2f1b-1c5f-4a1f-8e2d-3a2b6b2a8d22',
            bit: 2,
            subject: 'vssgp.Uy0xLTktMTU1MTM3NDI0NQ'
          }
        }
      ]
    },
    { names: NAMES, repositories: [{ ...REPOSITORY, deniedTo: 'a group' }] }
  ]
}

/** Its own Deny comes first. */
function isDeniedByGroup({ denied, deniedTo }: RepositoryFacts): boolean {
  return denied === undefined && deniedTo !== undefined
}

/** Sets the permission of the group back to "Not set". */
function removal({ namespace, token, bit, subject }: Denial, { organization }: Names): string {
  const url = `https://dev.azure.com/${encodeURIComponent(organization ?? '<organization>')}`
  return `az devops security permission reset --org ${word(url)} --id ${word(namespace)} --token ${word(token)} --permission-bit ${bit} --subject ${word(subject)}`
}
