import { input } from '../../../core/input-name.ts'
import { arm, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARM_POLICY } from '../../sources.ts'
import { hasCode } from '../../words.ts'

export const azurePolicy: Rule<'failure'> = {
  id: 'azure/policy',
  needs: ['failure'],
  link: 'login',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => hasCode(failure, 'RequestDisallowedByPolicy'),
  finding: ({ failure: { detail } }) => {
    const tags = [...detail.matchAll(/tags\[['"]?([^\]'"]+)['"]?\]/g)].map(([, tag = '']) => `${tag}=<value>`)
    return {
      summary: `An Azure Policy does not allow this: ${detail}`,
      remedy:
        tags.length === 0
          ? `satisfy the policy with the inputs (${input('tags')}, one name=value per line; ${input('location')}; ${input('identity-name')}; ${input('identity-resource-group')}), or have an exemption created`
          : `set the tags that it requires with the input ${input('tags')}: ${[...new Set(tags)].join(', ')}; or have an exemption created`,
      code: 'RequestDisallowedByPolicy',
      link: ARM_POLICY
    }
  },
  symptom: 'Azure refuses to create the identity.',
  cause: 'An Azure Policy requires tags, a region or a name, or forbids the type of resource.',
  texts: ['RequestDisallowedByPolicy', 'was disallowed by policy'],
  sources: [ARM_POLICY],
  examples: [
    { names: NAMES, failure: arm('RequestDisallowedByPolicy') },
    {
      names: NAMES,
      failure: arm(
        'RequestDisallowedByPolicy',
        'Resource was disallowed by policy: field "tags[\'costCenter\']" exists false'
      )
    }
  ]
}
