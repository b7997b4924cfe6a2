/** Before the first suite of a run: what all of them share. */
import { makeOnce } from '../sandbox/make-once.ts'

export default makeOnce
