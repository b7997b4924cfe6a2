/** Describes the token of a request for the journal, without the token itself. */

/** @returns `audience as subject` of a JWT, `other` for another token, undefined without one. */
export function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined
  const [, payload] = /^Bearer [\w-]+\.([\w-]+)\.[\w-]+$/i.exec(authorization) ?? []
  if (payload === undefined) return 'other'
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>
    return `${String(claims['aud'])} as ${String(claims['appid'] ?? claims['sub'])}`
  } catch {
    return 'other'
  }
}
