/** Whom Node trusts, beside its own list and NODE_EXTRA_CA_CERTS: these are read when it starts, others are added here. */
import * as tls from 'node:tls'
import { readSmallFile, UnusableFile } from '../core/small-file.ts'

/**
 * Lets every client of Node trust these authorities, too.
 *
 * @param file PEM
 * @returns why they are not trusted
 */
export function trustAlso(file: string | undefined): { problem: string; remedy: string } | undefined {
  if (file === undefined) return undefined
  const { getCACertificates, setDefaultCACertificates } = tls as Partial<typeof tls>
  const remedy = `Set NODE_EXTRA_CA_CERTS to ${file} in the environment of the job.`
  // Somebody has set it for this job.
  if ((process.env['NODE_EXTRA_CA_CERTS'] ?? '') !== '') return undefined
  if (!getCACertificates || !setDefaultCACertificates)
    return { problem: `This Node (${process.version}) takes no authorities while it runs.`, remedy }
  try {
    const added = readSmallFile(file)
    setDefaultCACertificates([...getCACertificates('default'), added])
    return undefined
  } catch (error) {
    const why = error instanceof UnusableFile ? error.message : 'holds no certificates'
    return { problem: `The file ${file} ${why}.`, remedy }
  }
}
