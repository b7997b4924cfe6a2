/** Jest's transform: Node's own type stripping, so that tests run the same code as `node file.ts`. */
import { stripTypeScriptTypes } from 'node:module'

export default { process: (source) => ({ code: stripTypeScriptTypes(source) }) }
