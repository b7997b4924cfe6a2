/** The warning about a service connection that logs in with a client secret. */
import { warning, type Finding } from '../../core/finding.ts'
import { word } from '../../core/shell.ts'
import type { ServiceConnection } from './sources.ts'

const DAY = 86_400_000

/** @param ends ms since the epoch; undefined: not known */
export function storedSecret(
  { id, clientId, page }: Extract<ServiceConnection, { scheme: 'secret' }>,
  ends: number | undefined
): Finding {
  const days = ends === undefined ? undefined : Math.floor((ends - Date.now()) / DAY)
  return warning({
    id: 'login/stored-secret',
    summary:
      ends === undefined || days === undefined
        ? `The service connection ${id} logs in with a client secret. It expires one day, and every run fails from then on.`
        : `The service connection ${id} logs in with a client secret that expires on ${dayOf(ends)} (in ${days} ${days === 1 ? 'day' : 'days'}); every run fails from then on.`,
    expected: 'workload identity federation, which has nothing that expires',
    actual: ends === undefined ? 'a client secret' : `a client secret until ${dayOf(ends)}`,
    remedy: `convert it to workload identity federation: ${page ?? 'Project settings > Service connections > the connection'} > Convert`,
    // Whoever may read the application sees when its secrets end.
    ...(ends === undefined && {
      command: `az ad app credential list --id ${word(clientId)} --query "[].{secret: displayName, ends: endDateTime}" --output table`
    }),
    link: 'https://learn.microsoft.com/azure/devops/pipelines/release/configure-workload-identity'
  })
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
