/** The input kubeconfig is a path; its content goes into `Desired`. */
import { readSmallFile, UnusableFile } from '../core/small-file.ts'
import type { Fault } from './inputs.ts'

/** @returns the content; undefined when there is none, or when the file cannot be used, which is a fault */
export function readKubeconfig(path: string | undefined, fault: Fault): string | undefined {
  if (path === undefined) return undefined
  const remedy = 'Give the path of a kubeconfig file.'
  if (path.includes('\n')) {
    // Not shown: a kubeconfig may hold a token.
    fault('kubeconfig', 'It is a text of several lines, not a path.', remedy)
    return undefined
  }
  try {
    return readSmallFile(path)
  } catch (error) {
    if (!(error instanceof UnusableFile)) throw error
    fault('kubeconfig', `The file ${path} ${error.message}.`, remedy)
    return undefined
  }
}
