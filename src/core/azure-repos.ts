/** Spellings of Azure Repos URLs in which the organization is not in the path: the legacy host and SSH. */

/** The organization in a legacy host, `<organization>.visualstudio.com`; undefined for any other host. */
export function organizationInHost(host: string): string | undefined {
  return /^([a-z0-9-]{1,63})\.visualstudio\.com$/i.exec(host)?.[1]
}

const SSH =
  /^(?:ssh:\/\/)?[^/@\s]+@(?:vs-)?ssh\.(?:dev\.azure|visualstudio)\.com(?::22)?[:/]v3\/([^/\s]+)\/([^/\s]+)\/([^/\s]+)$/i

/**
 * `git@ssh.dev.azure.com:v3/org/project/repo` and `org@vs-ssh.visualstudio.com:v3/…`, with or without `ssh://`.
 *
 * @returns organization, project and repository, still percent-encoded; undefined for any other URL
 */
export function segmentsOfSsh(url: string): string[] | undefined {
  return SSH.exec(url)?.slice(1)
}
