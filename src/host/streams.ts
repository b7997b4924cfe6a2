/** What becomes of a log that nobody reads any more. */

/**
 * A reader that is gone (`| head`), or a full disk behind `>`, ends what is shown, never the run: it goes on to its
 * outputs and its report, and its exit code is that of the chain.
 *
 * @returns whether something of stdout was lost
 */
export function keepGoing(): () => boolean {
  let lost = false
  process.stdout.on('error', () => {
    lost = true
  })
  process.stderr.on('error', () => undefined)
  return () => lost
}
