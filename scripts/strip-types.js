/** Jest's transform: the type stripping that Node itself does, so tests run the very code that `node file.ts` runs. */
import { stripTypeScriptTypes } from 'node:module'

export default { process: (source) => ({ code: stripTypeScriptTypes(source) }) }
