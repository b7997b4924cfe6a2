/** A name that something of somebody else's has: a person is asked for another one; without a person it is refused. */
import { warning, type FindingFacts, Problem, type Finding } from '../../core/finding.ts'
import type { FindingId } from '../../core/finding-titles.ts'
import type { Answers, Question } from './answers.ts'
import * as form from './forms.ts'
import { roleOf, type Settings } from './settings.ts'

interface Name {
  readonly question: Omit<Question, 'found'>
  /** The one that is taken. */
  readonly now: (settings: Settings) => string
  readonly renamed: (settings: Settings, name: string) => Settings
}

const LOGIN: Name = {
  question: { option: 'login-name', what: 'another name for the login', fault: form.identityName },
  now: ({ login }) => login.name,
  renamed: (settings, name) => ({ ...settings, login: { ...settings.login, name } })
}

/** By the finding that reports it. */
const NAMES: Readonly<Partial<Record<FindingId, Name>>> = {
  'pipeline-identity/name-taken': LOGIN,
  'pipeline-application/name-taken': LOGIN,
  'pipeline-trust/no-room': LOGIN,
  // The Role has the name of the login.
  'kubernetes-role/name-taken': LOGIN,
  'azure-role/name-taken': {
    question: { option: 'role-name', what: 'another name for the custom role', fault: form.roleName },
    now: (settings) => roleOf(settings).name,
    renamed: (settings, roleName) => ({ ...settings, roleName })
  },
  'service-connection/name-taken': {
    question: {
      option: 'service-connection',
      what: 'another name for the service connection',
      fault: form.connection
    },
    now: ({ pipeline }) => (pipeline.host === 'github' ? '' : pipeline.connection),
    renamed: (settings, connection) =>
      settings.pipeline.host === 'github'
        ? settings
        : { ...settings, pipeline: { ...settings.pipeline, connection } }
  },
  'pipeline-file/not-ours': {
    question: { option: 'file', what: 'another path for the file', fault: form.filePath },
    now: ({ file }) => file.path,
    renamed: ({ file, pipeline, ...settings }, path) => ({
      ...settings,
      file: { ...file, path },
      // A custom subject may name the workflow.
      pipeline:
        pipeline.host === 'github'
          ? { ...pipeline, subject: pipeline.subject.replace(`/${file.path}@`, `/${path}@`) }
          : pipeline
    })
  }
}

/**
 * @param blocked what stops the plan
 * @returns the settings with the names that the person chose instead
 * @throws {Problem} the first that no other name resolves, or when nobody is asked
 */
export async function otherNames(
  blocked: readonly FindingFacts[],
  settings: Settings,
  answers: Answers,
  warn: (finding: Finding) => void
): Promise<Settings> {
  const [first] = blocked.filter(({ id }) => !answers.asks || NAMES[id] === undefined)
  if (first) {
    for (const facts of blocked.filter((one) => one !== first)) warn(warning(facts))
    throw new Problem(first)
  }
  let chosen = settings
  for (const facts of blocked) {
    const name = NAMES[facts.id]
    // One answer may have resolved several.
    if (!name || name.now(chosen) !== name.now(settings)) continue
    warn(warning(facts))
    const taken = name.now(settings)
    const answer = await answers.instead({
      ...name.question,
      found: taken.replace(/(\.\w+)?$/, (ending) => `-2${ending}`),
      fault: (text) =>
        (text.toLowerCase() === taken.toLowerCase() ? 'That is the name that is taken.' : undefined) ??
        (text.toLowerCase() === settings.identity.name.toLowerCase()
          ? "Argo CD's identity has this name; the pipeline needs one of its own."
          : undefined) ??
        name.question.fault?.(text)
    })
    chosen = name.renamed(chosen, answer)
  }
  return chosen
}
