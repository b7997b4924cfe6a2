/** Errors of stdout and stderr. */

/**
 * When the reader of the log is gone (`| head`) or the disk behind `>` is full, only the log ends: the run continues to
 * outputs and report, and the exit code is that of the chain.
 *
 * @returns a function that tells whether a part of stdout was lost
 */
export function surviveLostOutput(): () => boolean {
  let lost = false
  process.stdout.on('error', () => {
    lost = true
  })
  process.stderr.on('error', () => undefined)
  return () => lost
}
