/** What stays out of the bundle as a whole. */
import { isBuiltin } from 'node:module'

/**
 * Packages that would be bundled although nothing here uses them, and the module of Node that takes their place: it
 * has nothing of what they have, so a call fails. `open` starts a browser for a login of @azure/identity, and brings a
 * shell script. `supports-color` is what `debug` uses when it happens to be there: the tools of the tests bring it.
 */
export const LEFT_OUT = { open: 'node:path', 'supports-color': 'node:path' }

/** @throws {Error} for a module that would be looked for at run time, in folders that are not ours. */
export function assertOfNode(imported: readonly string[]): void {
  const foreign = imported.filter((name) => !isBuiltin(name))
  if (foreign.length > 0)
    throw new Error(`The bundle would load from outside: ${[...new Set(foreign)].join(', ')}`)
}
