/** Packages that stay out of the bundle. */
import { isBuiltin } from 'node:module'

/**
 * Packages that would be bundled although nothing here uses them, and the Node module that replaces them: it does not
 * have their functions, so a call fails. `open` starts a browser for a login of @azure/identity and contains a shell
 * script. `debug` uses `supports-color` when it is installed, which the test tools do.
 */
export const LEFT_OUT = { open: 'node:path', 'supports-color': 'node:path' }

/** @throws {Error} for a module that would be loaded at run time, from folders that are not ours. */
export function assertOfNode(imported: readonly string[]): void {
  const foreign = imported.filter((name) => !isBuiltin(name))
  if (foreign.length > 0)
    throw new Error(`The bundle would load from outside: ${[...new Set(foreign)].join(', ')}`)
}
