/** After the last suite of a run. */
import { forgetOnce } from '../sandbox/made-once.ts'

export default forgetOnce
