import { git, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { GIT_CONFIG } from '../../sources.ts'

export const gitUnreachable: Rule<'git'> = {
  id: 'git/unreachable',
  needs: ['git'],
  link: 'network',
  severity: 'error',
  certainty: 'proved',
  matches: ({ git: { stderr } }) =>
    /Could not resolve|Failed to connect|Couldn't connect|Connection refused|SSL|certificate/i.test(stderr),
  finding: ({ git: { reason } }) => ({
    summary: `git cannot reach Azure Repos: ${reason}`,
    remedy:
      'let the runner reach the host (name, firewall, http.proxy by HTTPS_PROXY, certificate authority by GIT_SSL_CAINFO), then run again'
  }),
  symptom: 'git fails before Azure Repos answers.',
  cause: 'DNS, a firewall, a proxy or the certificate of a proxy, on the way from the runner.',
  texts: ['Could not resolve host', 'Failed to connect to dev.azure.com port 443', 'SSL certificate problem'],
  sources: [GIT_CONFIG],
  examples: [
    { names: NAMES, git: git('fatal: unable to access: Could not resolve host: dev.azure.com') },
    { names: NAMES, git: git('Failed to connect to dev.azure.com port 443') },
    { names: NAMES, git: git("Couldn't connect to server") },
    { names: NAMES, git: git('Connection refused') },
    { names: NAMES, git: git('SSL_ERROR_SYSCALL') },
    { names: NAMES, git: git('server certificate verification failed') }
  ]
}
