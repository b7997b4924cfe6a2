/**
 * What git and az get of the environment of the run: a list of what they need, so that what nobody thought of
 * (LD_PRELOAD, GIT_SSH_COMMAND, PYTHONPATH, BASH_ENV, SSLKEYLOGFILE, the inputs, other tokens) stays out.
 */
import { homedir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { searchPath } from './search-path.ts'

/** How to reach the service, and whom to trust. Proxy variables have two spellings, and libcurl knows only one of some. */
const NETWORK = /^(?:(?:https?|all|no)_proxy|ssl_cert_(?:file|dir)|curl_ca_bundle)$/i
/** By these the runner and the agent find, and end, what a killed run left behind. */
const TRACKED = /^(?:RUNNER_TRACKING_ID|VSTS_PROCESS_LOOKUP_ID)$/
/** Without these no program starts on Windows. */
const WINDOWS = /^(?:systemroot|systemdrive|windir|comspec|pathext)$/i
const OF_GIT = /^GIT_(?:SSL_CAINFO|SSL_CAPATH|PROXY_SSL_CAINFO)$/
/** Trust; the cloud and the managed identity that the login was made with. None names code to load. */
const OF_AZ =
  /^(?:REQUESTS_CA_BUNDLE|AZURE_CLOUD_NAME|AZURE_CORE_INSTANCE_DISCOVERY|ARM_CLOUD_METADATA_URL|ACC_CLOUD|IMDS_ENDPOINT|(?:MSI|IDENTITY)_\w+)$/
/** Names of files, which the program reads from another folder than the one they may be relative to. */
const FILES = /^(?:ssl_cert_(?:file|dir)|curl_ca_bundle|requests_ca_bundle|git_(?:proxy_)?ssl_ca\w+)$/i

/** @param folder empty: home, temporary folder and current folder in one, and no repository */
export function gitEnvironment(environment: NodeJS.ProcessEnv, folder: string): Record<string, string> {
  return {
    ...listed(environment, folder, OF_GIT),
    // Named, so that git looks for none: the folder may lie below somebody's repository.
    GIT_DIR: repositoryIn(folder),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: process.platform === 'win32' ? 'NUL' : '/dev/null',
    GIT_ALLOW_PROTOCOL: 'https',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    GCM_INTERACTIVE: 'never'
  }
}

/** Where git expects the repository, if there is one. */
export function repositoryIn(folder: string): string {
  return join(folder, 'repository')
}

/**
 * az keeps its login in `AZURE_CONFIG_DIR`, `~/.azure` by default, and needs nothing else of the home. Its settings are
 * read from `.azure` in every parent folder as well; variables win over those (knack, config).
 *
 * @param folder empty
 */
export function azEnvironment(environment: NodeJS.ProcessEnv, folder: string): Record<string, string> {
  const home = environment[process.platform === 'win32' ? 'USERPROFILE' : 'HOME'] ?? ''
  const login = environment['AZURE_CONFIG_DIR'] ?? ''
  return {
    ...listed(environment, folder, OF_AZ),
    AZURE_CONFIG_DIR: login === '' ? join(home === '' ? homedir() : home, '.azure') : resolve(login),
    // The account needs no extension, and an extension is code.
    AZURE_EXTENSION_DIR: join(folder, 'extensions'),
    AZURE_EXTENSION_DEV_SOURCES: '',
    AZURE_CORE_COLLECT_TELEMETRY: 'false',
    AZURE_CORE_ONLY_SHOW_ERRORS: 'true',
    AZURE_LOGGING_ENABLE_LOG_FILE: 'false',
    // No module of the current folder or of the home (usercustomize.py, *.pth).
    PYTHONSAFEPATH: '1',
    PYTHONNOUSERSITE: '1',
    PYTHONDONTWRITEBYTECODE: '1'
  }
}

function listed(environment: NodeJS.ProcessEnv, folder: string, own: RegExp): Record<string, string> {
  const kept = Object.entries(environment).flatMap(([name, value]) => {
    if (value === undefined || ![NETWORK, TRACKED, WINDOWS, own].some((names) => names.test(name))) return []
    return [[name, FILES.test(name) && value !== '' ? resolve(value) : value] as const]
  })
  return {
    ...Object.fromEntries(kept),
    PATH: searchPath(environment).join(delimiter),
    LC_ALL: 'C',
    HOME: folder,
    USERPROFILE: folder,
    TMPDIR: folder,
    TMP: folder,
    TEMP: folder
  }
}
