/** The parts of @actions/core that are used: its own way to an id token, and the HTTP client for that, stay out of the bundle. */
export { debug, error, group, info, setOutput, setSecret, warning } from '@actions/core'
