/** What a rule of SARIF says in general; the result itself says it with the user's own names. */
import { TITLES, type FindingId } from '../core/finding-titles.ts'

const HELP: Readonly<Partial<Record<FindingId, string>>> = {
  'stored-credential/repository':
    'Argo CD reads the repository with a credential in a Secret. It expires or leaves with its owner, whoever may read Secrets in the namespace may use it, and it takes precedence over workload identity. Connect the repository with workload identity, verify it, then remove the keys.',
  'stored-credential/template':
    'Argo CD reads every repository under a prefix with one stored credential, also repositories that nobody names yet. Connect the prefix with workload identity, verify its repositories, then remove the keys.',
  'stored-credential/write':
    'The hydrator pushes rendered manifests with a stored credential. Patless gives read access only, so it has to stay; give it the least permissions and a short life.',
  'stored-credential/generator':
    'SCM provider and pull request generators of ApplicationSets accept tokens only (argo-cd #23705). Give the token the least permissions and a short life, or use a git generator instead.',
  'stored-credential/in-url':
    'A URL with a credential in it is shown wherever the URL is: in Applications, logs and user interfaces. Take it out of the URL, and revoke it.',
  'stored-credential/unlabelled':
    "Another program, such as Argo CD Image Updater, uses the Secret for Azure Repos. It does not follow Argo CD's settings, so it needs its own way to an identity.",
  'stored-credential/allow-ended':
    'An exception in the input allow was for a time that is over. Replace the credential, or decide anew and write a later day.'
}

export function titleOf(id: FindingId): string {
  return TITLES[id]
}

export function helpOf(id: FindingId): string {
  return (
    HELP[id] ??
    `${TITLES[id]}. The result names the resource, the expected and the actual value, and the command or setting that fixes it.`
  )
}
