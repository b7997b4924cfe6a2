import { complaint, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_REPOSITORIES } from '../../sources.ts'
import { deploymentOf, kubectl, lines, shown, spoken } from '../../words.ts'

export const argocdCertificateUntrusted: Rule<'complaint'> = {
  id: 'argocd/certificate-untrusted',
  needs: ['complaint'],
  link: 'network',
  severity: 'error',
  certainty: 'proved',
  matches: ({ complaint: said }) => said.phase === 'reading' && /x509|certificate/i.test(spoken(said)),
  finding: ({ complaint: said, names }) => ({
    summary: `The repo-server does not trust a certificate on its network path: ${shown(said, /x509|certificate/i)}`,
    remedy:
      'save the certificate authority of the inspecting proxy as ca.pem, give it to Argo CD for both hosts, and let the token request read it, too: by itself it looks only at the certificates of the image',
    command: lines(
      'argocd cert add-tls dev.azure.com --from ca.pem',
      'argocd cert add-tls login.microsoftonline.com --from ca.pem',
      kubectl(names, `set env ${deploymentOf(names)} SSL_CERT_DIR=/app/config/tls:/etc/ssl/certs`)
    ),
    link: ARGOCD_REPOSITORIES
  }),
  symptom: 'Argo CD reports x509 errors, often for login.microsoftonline.com.',
  cause:
    'A proxy or firewall inspects TLS. Argo CD uses argocd-tls-certs-cm for git only, not for the token request.',
  texts: ['x509: certificate signed by unknown authority', 'certificate verify failed'],
  sources: [ARGOCD_REPOSITORIES],
  examples: [
    {
      names: NAMES,
      complaint: complaint(
        'reading',
        'tls: failed to verify certificate: x509: certificate signed by unknown authority'
      )
    },
    { names: NAMES, complaint: complaint('reading', 'server certificate verification failed') }
  ]
}
