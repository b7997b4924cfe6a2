/**
 * Maps the message of an Application that Argo CD cannot compare to what it concerns, its cause and its remedy. Argo CD
 * has only texts, no codes. The phase decides first (`argocd-phases.ts`); if Argo CD was reading our repository, the
 * codes of Entra and Azure DevOps decide next, and then words.
 */
import type { Application } from '../services/kubernetes/argocd-objects.ts'
import { HttpProblem, safe } from '../http/errors.ts'
import { RATE_LIMITS } from '../http/pace.ts'
import { numberedSentence } from '../services/entra/sentence.ts'
import { explain } from './catalogue.ts'
import { phaseOf, type Ours, type Phase } from './argocd-phases.ts'
import { Problem, type FindingFacts } from '../core/finding.ts'
import { input } from '../core/input-name.ts'
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

  /** @param ours which of its sources are the repository in question; undefined: all, as for a probe */
  constructor(
    application: Named,
    { type = 'ComparisonError', message }: { readonly type?: string; readonly message: string },
    ours?: Ours
  ) {
    const found = phaseOf({ type, message }, ours ?? ALL)
    // A probe renders nothing and has one source, so an error of no known phase can only be about reading it.
    const phase =
      ours === undefined && found.phase === 'unknown' && type === 'ComparisonError' ? 'reading' : found.phase
    const entry: Described = phase === 'reading' ? readingEntry(found.text) : PHASES[phase]
    // In a long message, the deciding text may come after the part that is shown.
    const at = entry.when?.exec(found.text)?.index ?? 0
    super(entry.facts(safe(at < SHOWN ? found.text : `… ${found.text.slice(at)}`), application, found.text))
    this.about = entry.about ?? (phase === 'reading' ? 'repository' : phase)
  }
}

const ALL: Ours = { isSource: () => true, isUrl: () => true }

/** If the deciding text starts after this many characters, the shown message starts there. */
const SHOWN = 300

interface Described {
  /** The text that decides. */
  readonly when?: RegExp
  /** Set when the problem is not the login to the repository after all. */
  readonly about?: 'application' | 'unknown'
  /** `text` is for display, `whole` for judgment. */
  readonly facts: (text: string, application: Named, whole: string) => FindingFacts
}

interface Entry extends Described {
  readonly when: RegExp
  /** Matches anywhere in the text, including quoted parts. */
  readonly coded?: true
}

const PHASES: Readonly<Record<Exclude<Phase, 'reading'>, Described>> = {
  project: {
    facts: (text, { project }) =>
      /^application (?:repo|referencing|')/i.test(text)
        ? {
            id: 'argocd/project-forbids-repository',
            summary: `The AppProject ${project} does not permit it: ${text}`,
            remedy: `add the URL to spec.sourceRepos of the AppProject ${project}, or create the project`,
            link: 'https://argo-cd.readthedocs.io/en/stable/user-guide/projects/'
          }
        : {
            id: 'argocd/destination-refused',
            summary: `Argo CD does not take the destination: ${text}`,
            remedy: `permit it in spec.destinations of the AppProject ${project}, or register the cluster`,
            link: 'https://argo-cd.readthedocs.io/en/stable/user-guide/projects/'
          }
  },
  cluster: {
    facts: (text, { namespace, name }) => ({
      id: 'argocd/cluster-unreachable',
      summary: `Argo CD does not get on with the destination cluster of the Application ${namespace}/${name}: ${text}`,
      remedy: `see its cluster, and spec.destination: kubectl -n ${word(namespace)} describe application ${word(name)}`
    })
  },
  installation: {
    facts: (text, { namespace }) => ({
      id: 'argocd/reads-nothing',
      summary: `Argo CD reads no repository at all: ${text}`,
      remedy: `correct what the text names (a credential template of type helm or oci that does not parse breaks every Application), or see its repo-server: kubectl -n ${word(namespace)} get pods`
    })
  },
  'other source': {
    facts: (text, { namespace, name }) => ({
      id: 'argocd/other-source',
      summary: `The Application ${namespace}/${name} cannot read another of its sources: ${text}`,
      remedy: 'connect that one as well, or take it out of the Application'
    })
  },
  application: {
    facts: (text, { namespace, name }) => ({
      id: 'argocd/manifests-fail',
      summary: `The Application ${namespace}/${name} fails at its own content, not at the login to the repository: ${text}`,
      remedy: 'correct its path, its spec, or the manifests there'
    })
  },
  unknown: {
    facts: (text, { namespace, name }) => ({
      id: 'argocd/complaint',
      summary: `Argo CD's Application ${namespace}/${name} reports what Patless cannot judge: ${text}`,
      remedy: `see kubectl -n ${word(namespace)} describe application ${word(name)}`
    })
  }
}

/**
 * Codes match anywhere in the text. Words match only outside of quotes and URLs: URLs, paths and branches have any
 * name.
 */
function readingEntry(text: string): Described {
  const spoken = text.replaceAll(/`[^`]*`|"[^"]*"|'[^']*'|https?:\/\/\S+/g, ' ')
  return READING.find(({ when, coded }) => when.test(coded === true ? text : spoken)) ?? UNREADABLE
}

const UNREADABLE: Described = {
  facts: (text) => ({
    id: 'argocd/cannot-read',
    summary: `Argo CD cannot read the repository: ${text}`,
    remedy: `run with ${input('mode', 'check')} for the resource that differs; a Secret or template that Argo CD prefers is shown at connection`
  })
}

const READING: readonly Entry[] = [
  {
    // It can read again when the limit has passed, so this says nothing about the access.
    when: /TF400733|(?:status code|error|statusCode):? 429\b|429 Too Many Requests/,
    coded: true,
    about: 'unknown',
    facts: (text) => ({
      id: 'azure-devops/throttled',
      summary: `Azure DevOps limits the requests of Argo CD's identity: ${text}`,
      remedy:
        'wait some minutes; then let Argo CD refresh less often (timeout.reconciliation, webhooks): all its repositories share one identity',
      link: RATE_LIMITS
    })
  },
  {
    when: /EnvironmentCredential authentication failed|EnvironmentCredential: Client\w{1,30} authentication failed/,
    coded: true,
    facts: (text) => ({
      id: 'workload/client-secret-wins',
      summary: `A client secret in the environment of the repo-server beats workload identity: ${text}`,
      expected: 'no AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH on the container',
      actual: 'one of them, maybe by envFrom',
      remedy:
        'take it off the container, or set AZURE_TOKEN_CREDENTIALS=WorkloadIdentityCredential there, where Argo CD is installed from'
    })
  },
  {
    when: /AADSTS\d+/,
    coded: true,
    facts: (text) => {
      const { code, sentence } = numberedSentence(text)
      // Inside the JSON that the library quotes, line ends are escaped.
      const detail = sentence.replace(/^AADSTS\d+:? ?/, '').replace(/(?:\\[rn])+$/, '')
      const entra = new HttpProblem({
        service: 'Entra',
        request: 'the token request',
        status: 401,
        code,
        detail
      })
      const { summary, ...rest } = explain(entra)
      return { ...rest, summary: `Argo CD gets no token. ${summary}` }
    }
  },
  {
    when: /no client ID specified|no token (?:source|file) specified|no tenant ID specified|no such file or directory/,
    coded: true,
    facts: withoutIdentity
  },
  {
    when: /deadline ?exceeded|i\/o timeout|dial tcp|no such host|could not resolve host|connection re(?:fused|set)|ECONNREFUSED|network is unreachable|handshake timeout|proxyconnect|Client\.Timeout/i,
    facts: (text) => ({
      id: 'argocd/no-network',
      summary: `The repo-server does not reach Entra or Azure DevOps: ${text}`,
      remedy:
        'let its pods reach login.microsoftonline.com and dev.azure.com on port 443 (NetworkPolicy, firewall, proxy: HTTPS_PROXY on the container for the token, NO_PROXY for the cluster)'
    })
  },
  {
    when: /x509|certificate/i,
    facts: (text) => ({
      id: 'argocd/certificate-untrusted',
      summary: `The repo-server does not trust a certificate on its way: ${text}`,
      remedy:
        'mount the authority of the inspecting proxy into the container; argocd-tls-certs-cm does not help for the login host'
    })
  },
  // The library's remaining messages; entries above cover an identity that exists but cannot be used.
  { when: /WorkloadIdentityCredential: /, coded: true, facts: withoutIdentity },
  {
    when: /^Failed to (?:fetch|checkout)|terminal prompts disabled|could not read (?:Username|Password)/,
    facts: (text, _application, whole) => ({
      id: 'argocd/fetch-fails',
      summary: `Argo CD reads the refs, but its fetch fails: ${text}`,
      ...fetchRemedy(whole)
    })
  },
  {
    // The refs were read, so something is missing inside the repository.
    when: /remote repository is empty|unable to resolve .{0,300} to a commit SHA|revision not found/,
    about: 'application',
    facts: (text) => ({
      id: 'argocd/revision-missing',
      summary: `The revision is not in the repository: ${text}`,
      remedy: 'push it, or correct targetRevision'
    })
  }
]

function withoutIdentity(text: string): FindingFacts {
  return {
    id: 'workload/no-identity',
    summary: `A repo-server pod does not carry the identity: ${text}`,
    remedy: `run with ${input('mode', 'apply')}; every pod must be newer than label and annotation`
  }
}

/** Patless refuses versions that are known to fetch without a token much earlier; this may be an unknown version. */
function fetchRemedy(text: string): Pick<FindingFacts, 'remedy' | 'link'> {
  if (
    /could not read (?:Username|Password)|terminal prompts disabled|Authentication failed|no credentials matched|error: 401/.test(
      text
    )
  )
    return {
      remedy: `run with ${input('mode', 'check')}: a Secret or template that Argo CD prefers is shown at connection; if all is in order there and Argo CD is older than 3.0.13, or is 3.1.0, upgrade it: these fetch without a token`,
      link: 'https://github.com/argoproj/argo-cd/issues/23478'
    }
  if (/TF401019|TF401444|not found|error: 40[34]/.test(text))
    return {
      remedy: `run with ${input('mode', 'check')}; look for a Deny on the repository (Project settings > Repositories > Security)`
    }
  return {
    remedy: 'see the log of the repo-server for what git met; the login itself was accepted for the refs'
  }
}
