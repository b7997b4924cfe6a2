/** The fields that Patless reads from a kubeconfig (kubernetes.io: client-go, clientcmd/api/v1). */
import * as z from 'zod/mini'

const text = z.nullish(z.string())
export const clusterShape = z.looseObject({
  server: z.string(),
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': z.nullish(z.boolean()),
  'tls-server-name': text,
  'proxy-url': text
})
export const userShape = z.looseObject({
  token: text,
  tokenFile: text,
  username: text,
  password: text,
  as: text,
  'as-uid': text,
  'as-groups': z.nullish(z.array(z.string())),
  'as-user-extra': z.nullish(z.record(z.string(), z.unknown())),
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  exec: z.nullish(z.looseObject({ command: z.string(), args: z.nullish(z.array(z.string())) })),
  'auth-provider': z.nullish(
    z.looseObject({ name: z.string(), config: z.nullish(z.record(z.string(), z.unknown())) })
  )
})
export const contextShape = z.looseObject({ cluster: z.string(), user: text })
export const shape = z.looseObject({
  'current-context': z.string(),
  clusters: z.array(z.looseObject({ name: z.string(), cluster: z.unknown() })),
  contexts: z.array(z.looseObject({ name: z.string(), context: z.unknown() })),
  users: z.nullish(z.array(z.looseObject({ name: z.string(), user: z.nullish(z.unknown()) })))
})
export type KubeconfigUser = z.infer<typeof userShape>
