/** After the last suite of a run. */
import { forgetOnce } from '../sandbox/make-once.ts'

export default forgetOnce
