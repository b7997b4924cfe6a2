/** The parts of @actions/core in use. Its id token function, with the HTTP client behind it, stays out of the bundle. */
export { debug, error, group, info, setOutput, setSecret, warning } from '@actions/core'
