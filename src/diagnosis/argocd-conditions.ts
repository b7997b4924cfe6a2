/** What Argo CD reports on an Application that it cannot compare: what it concerns. The rules give cause and remedy. */
import type { Application } from '../services/kubernetes/argocd-objects.ts'
import { safe } from '../http/errors.ts'
import type { Complaint, Phase } from '../core/answered.ts'
import { phaseOf, unquoted, type Condition, type Ours } from './argocd-phases.ts'
import { Problem } from '../core/finding.ts'
import { word } from '../core/shell.ts'

/**
 * What the problem concerns. `repository`: our login to it. Of the others, only `installation` says anything about
 * access.
 */
export type About = Exclude<Phase, 'reading'> | 'repository'

type Named = Pick<Application, 'namespace' | 'name' | 'project'>

export class ApplicationProblem extends Problem {
  override readonly name = 'ApplicationProblem'
  readonly about: About
  readonly complaint: Complaint

  /** @param ours which of its sources are the repository in question; undefined: all, as for a probe */
  constructor(
    { namespace, name, project }: Named,
    { type = 'ComparisonError', message }: { readonly type?: string; readonly message: string },
    ours?: Ours
  ) {
    const { phase, text } = judged({ type, message }, ours)
    // Until the rules are asked (`explain`), nothing more is said than that there is a complaint.
    super({
      id: 'argocd/complaint',
      summary: `Argo CD's Application ${namespace}/${name} reports: ${safe(text)}`,
      remedy: 'read its conditions',
      command: `kubectl -n ${word(namespace)} describe application ${word(name)}`
    })
    this.about = phase !== 'reading' ? phase : LIMITED.test(text) ? 'unknown' : 'repository'
    this.complaint = { phase, application: { namespace, name, project }, whole: text }
  }
}

function judged(condition: Condition, ours: Ours | undefined): { phase: Phase; text: string } {
  const { phase, text } = phaseOf(condition, ours ?? ALL)
  // A probe renders nothing and has one source, so an error of no known phase can only be about reading it.
  const probed = ours === undefined && phase === 'unknown' && condition.type === 'ComparisonError'
  if (phase !== 'reading' && !probed) return { phase, text }
  // The refs were read, so something is missing inside the repository.
  return { phase: MISSING.test(unquoted(text)) && !isOfLogin(text) ? 'application' : 'reading', text }
}

const ALL: Ours = { isSource: () => true, isUrl: () => true }

const MISSING = /remote repository is empty|unable to resolve .{0,300} to a commit SHA|revision not found/

/** It reads again when the limit has passed, so this says nothing about the access. */
const LIMITED = /TF400733|(?:status code|error|statusCode):? 429\b/

/** A failure of the login is one whatever else the text says. */
function isOfLogin(text: string): boolean {
  return (
    /AADSTS\d|Credential(?:: | authentication failed)|no (?:client|tenant) ID specified/.test(text) ||
    /deadline ?exceeded|i\/o timeout|dial tcp|x509|could not read (?:Username|Password)/i.test(unquoted(text))
  )
}
