/** Formats of ids in answers, checked before they become part of a URL. */
import * as z from 'zod/mini'

export const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i
/** A value that may be part of a header. */
export const HEADER_WORD = /^[\x21-\x7e]{1,256}$/
/** Names of extensions, federated credentials and similar resources: one path segment, not just dots. */
export const RESOURCE_NAME = /^[a-z0-9][\w.-]{0,259}$/i

/** Whether it is the ARM id of an AKS cluster. */
export function isAks(id: string): boolean {
  return /\/providers\/Microsoft\.ContainerService\/managedClusters\/[^/]+$/i.test(id)
}

/** The id of a resource. @param type provider and type, as in the id */
export function namedId(type: string): z.ZodMiniType<string> {
  const [place, name] = ['[\\p{L}\\p{N}_().-]{0,89}[\\p{L}\\p{N}_()-]', '[a-z0-9][\\w-]{0,127}']
  const guid = GUID.source.slice(1, -1)
  const form = `^/subscriptions/${guid}/resourceGroups/${place}/providers/${type.replaceAll('.', '\\.')}/${name}$`
  return z.string().check(z.regex(new RegExp(form, 'iu')))
}
