/** What Entra compares: the claims of the service account's token, and the federated credentials of the identities. */
import type { Evidence, Trust } from '../../diagnosis/evidence.ts'
import { safe } from '../../http/errors.ts'
import { jsonOf, recordOf } from '../../http/request.ts'
import type { ListedCredential } from '../../services/azure/listed-credential.ts'
import type { IdentityPlace } from '../../services/azure/managed-identities.ts'
import type { Services } from '../../services/services.ts'
import type { Instance } from '../../argocd/instance.ts'
import { serviceAccountToken } from '../verifications/tokens.ts'
import { orUnread, type Reader } from './reader.ts'

/** Of how many other identities the credentials are read. */
const MOST = 5

export async function readTrust(
  { namespace, account, clusterId }: Instance,
  place: IdentityPlace,
  services: Services,
  reader: Reader
): Promise<Pick<Evidence, 'trust'>> {
  const { exchangeAudience: audience } = services.endpoints
  const [token, own] = await Promise.all([
    orUnread(reader, `a token of the service account ${account}`, () =>
      serviceAccountToken({ clusterId, namespace, serviceAccount: account }, services)
    ),
    orUnread(reader, 'the federated credentials', () => services.identities.credentials(place))
  ])
  if (!own) return {}
  const claims = token === undefined ? undefined : claimsIn(token)
  const credentials = own.map(comparable)
  const fits = credentials.some(
    ({ issuer, subject }) => issuer === claims?.issuer && subject === claims.subject
  )
  const elsewhere = fits
    ? []
    : await orUnread(reader, 'other identities of the subscription', async () => {
        const others = (await services.identities.list(place)).filter(({ name }) => name !== place.name)
        const found = await Promise.all(
          others.slice(0, MOST).map(async ({ clientId, ...of }) => {
            const listed = await services.identities.credentials({ ...place, ...of })
            return listed.map((one) => ({ ...comparable(one), identity: of.name, clientId }))
          })
        )
        return found.flat()
      })
  const trust: Trust = { token: claims, credentials, elsewhere: elsewhere ?? [], audience }
  return { trust }
}

function claimsIn(token: string): Trust['token'] {
  const [, payload = ''] = token.split('.')
  const { iss, sub, aud } = recordOf(jsonOf(Buffer.from(payload, 'base64url').toString('utf8')))
  const all: unknown[] = Array.isArray(aud) ? aud : [aud]
  const [audience] = all
  const plain = (value: unknown): string => (typeof value === 'string' ? value : '')
  return { issuer: plain(iss), subject: plain(sub), audience: plain(audience) }
}

function comparable({ name, issuer = '', subject = '', audiences = [] }: ListedCredential) {
  return { name: safe(name, 120), issuer, subject, audience: audiences.join(', ') }
}
