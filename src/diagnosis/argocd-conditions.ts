/**
 * What an Application says when it cannot be compared → whose trouble it is, its cause and remedy. Argo CD has texts
 * only, no codes (argo-cd controller/state.go, util/git); Entra's and Azure DevOps' codes inside them decide first.
 */
import type { Application } from '../services/kubernetes/argocd-objects.ts'
import { HttpProblem, safe } from '../http/errors.ts'
import { numberedSentence } from '../services/entra/sentence.ts'
import { explain } from './catalogue.ts'
import { Problem, type FindingFacts } from '../core/finding.ts'
import { word } from '../core/shell.ts'
import { input } from '../core/input-name.ts'

/** Whose trouble: the login to the repository, the AppProject or destination, or the Application's own content. */
type About = 'repository' | 'project' | 'application'

export class ApplicationProblem extends Problem {
  override readonly name = 'ApplicationProblem'
  readonly about: About
  constructor(application: Pick<Application, 'namespace' | 'name' | 'project'>, message: string) {
    const found = ENTRIES.find(({ when }) => when.test(message))
    const { about, facts } = found ?? OTHER
    // What decides may stand behind what is shown of a long message.
    const at = found?.when.exec(message)?.index ?? 0
    super(facts(safe(at < SHOWN ? message : `… ${message.slice(at)}`), application, message))
    this.about = about
  }
}

/** Characters of a message within which its reason is seen. */
const SHOWN = 300

interface Entry {
  readonly when: RegExp
  readonly about: About
  /** `text` is to be shown, `whole` to be judged. */
  readonly facts: (
    text: string,
    application: Pick<Application, 'namespace' | 'name' | 'project'>,
    whole: string
  ) => FindingFacts
}

const ENTRIES: readonly Entry[] = [
  {
    when: /is not permitted in project|referencing project .{0,300} which does not exist|InvalidSpecError/,
    about: 'project',
    facts: (text, { project }) => ({
      id: 'argocd/project-forbids-repository',
      summary: `The AppProject ${project} does not permit the repository: ${text}`,
      remedy: `add the URL to spec.sourceRepos of the AppProject ${project}`,
      link: 'https://argo-cd.readthedocs.io/en/stable/user-guide/projects/'
    })
  },
  {
    when: /allowed destinations|getting cluster|cluster .{0,300} not found|in-cluster|destination/i,
    about: 'project',
    facts: (text, { project }) => ({
      id: 'argocd/destination-refused',
      summary: `Argo CD does not take the destination: ${text}`,
      remedy: `permit it in spec.destinations of the AppProject ${project}, or register the cluster`,
      link: 'https://argo-cd.readthedocs.io/en/stable/user-guide/projects/'
    })
  },
  {
    when: /EnvironmentCredential authentication failed|AADSTS70002(?:15|22)/,
    about: 'repository',
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
    about: 'repository',
    facts: (text) => {
      const { code, sentence } = numberedSentence(text)
      // Inside JSON, where the library quotes it, line ends are escaped.
      const detail = sentence.replace(/^AADSTS\d+:? ?/, '').replace(/(?:\\[rn])+$/, '')
      const entra = new HttpProblem({
        service: 'Entra',
        request: 'the token request',
        status: 401,
        code,
        detail
      })
      const { summary: what, ...rest } = explain(entra)
      return { ...rest, summary: `Argo CD gets no token. ${what}` }
    }
  },
  {
    when: /no client ID specified|no token (?:source|file) specified|no tenant ID specified|no such file or directory/,
    about: 'repository',
    facts: withoutIdentity
  },
  {
    when: /deadline ?exceeded|i\/o timeout|dial tcp|no such host|could not resolve host|connection re(?:fused|set)|network is unreachable|handshake timeout|proxyconnect|Client\.Timeout/i,
    about: 'repository',
    facts: (text) => ({
      id: 'argocd/no-network',
      summary: `The repo-server does not reach Entra or Azure DevOps: ${text}`,
      remedy:
        'let its pods reach login.microsoftonline.com and dev.azure.com on port 443 (NetworkPolicy, firewall, proxy: HTTPS_PROXY on the container for the token, NO_PROXY for the cluster)'
    })
  },
  {
    when: /x509|certificate/i,
    about: 'repository',
    facts: (text) => ({
      id: 'argocd/certificate-untrusted',
      summary: `The repo-server does not trust a certificate on its way: ${text}`,
      remedy:
        'mount the authority of the inspecting proxy into the container; argocd-tls-certs-cm does not help for the login host'
    })
  },
  // What is left of the library's words: an identity that only could not be used was reported above.
  { when: /WorkloadIdentityCredential: /, about: 'repository', facts: withoutIdentity },
  {
    when: /Failed to fetch|terminal prompts disabled|could not read (?:Username|Password)/,
    about: 'repository',
    facts: (text, _application, whole) => ({
      id: 'argocd/fetch-fails',
      summary: `Argo CD reads the refs, but its fetch fails: ${text}`,
      ...fetchRemedy(whole)
    })
  },
  {
    when: /remote repository is empty|unable to resolve '.{0,300}' to a commit SHA|revision not found/,
    about: 'application',
    facts: (text) => ({
      id: 'argocd/revision-missing',
      summary: `The revision is not in the repository: ${text}`,
      remedy: 'push it, or correct targetRevision'
    })
  },
  {
    when: /repository not found|authentication required|authorization failed|failed to list refs|status code: 30\d|TF40\d+|Configuration error|no credentials/,
    about: 'repository',
    facts: (text) => ({
      id: 'argocd/cannot-read',
      summary: `Argo CD cannot read the repository: ${text}`,
      remedy: `run with ${input('mode', 'check')} for the hop that differs; a Secret or template that Argo CD prefers is shown at connection`
    })
  },
  {
    when: /app path does not exist|Manifest generation error|failed to generate manifest|kustomize|helm/i,
    about: 'application',
    facts: (text, { namespace, name }) => ({
      id: 'argocd/manifests-fail',
      summary: `The Application ${namespace}/${name} reads the repository, but its manifests fail: ${text}`,
      remedy: 'correct its path, or the manifests there'
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

/** A version that is known to fetch without a token is refused long before; here it may be one that is not known. */
function fetchRemedy(text: string): Pick<FindingFacts, 'remedy' | 'link'> {
  if (
    /could not read (?:Username|Password)|terminal prompts disabled|Authentication failed|error: 401/.test(
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

const OTHER: Omit<Entry, 'when'> = {
  about: 'repository',
  facts: (text, { namespace, name }) => ({
    id: 'argocd/complaint',
    summary: `Argo CD's Application ${namespace}/${name} reports: ${text}`,
    remedy: `see kubectl -n ${word(namespace)} describe application ${word(name)}`
  })
}
