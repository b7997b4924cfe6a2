/**
 * The environment of git and az: only the variables that they need, so that everything else of the run's environment
 * (LD_PRELOAD, GIT_SSH_COMMAND, PYTHONPATH, BASH_ENV, SSLKEYLOGFILE, the inputs, other tokens) stays out.
 */
import { homedir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { searchPath } from './search-path.ts'

/** Proxies and trusted certificates. Proxy variables have two spellings; for some of them libcurl reads only one. */
const NETWORK = /^(?:(?:https?|all|no)_proxy|ssl_cert_(?:file|dir)|curl_ca_bundle)$/i
/** With these the runner and the agent find and end processes that a killed run left behind. */
const TRACKED = /^(?:RUNNER_TRACKING_ID|VSTS_PROCESS_LOOKUP_ID)$/
/** No program starts on Windows without these. */
const WINDOWS = /^(?:systemroot|systemdrive|windir|comspec|pathext)$/i
const OF_GIT = /^GIT_(?:SSL_CAINFO|SSL_CAPATH|PROXY_SSL_CAINFO)$/
/** Certificates, and the cloud and managed identity of the login. None of these loads code. */
const OF_AZ =
  /^(?:REQUESTS_CA_BUNDLE|AZURE_CLOUD_NAME|AZURE_CORE_INSTANCE_DISCOVERY|ARM_CLOUD_METADATA_URL|ACC_CLOUD|IMDS_ENDPOINT|(?:MSI|IDENTITY)_\w+)$/
/** Values that are paths: made absolute, because the program runs in another folder. */
const FILES = /^(?:ssl_cert_(?:file|dir)|curl_ca_bundle|requests_ca_bundle|git_(?:proxy_)?ssl_ca\w+)$/i

/** @param folder an empty folder: git's home, temporary folder and current folder, without a repository */
export function gitEnvironment(environment: NodeJS.ProcessEnv, folder: string): Record<string, string> {
  return {
    ...selectVariables(environment, folder, OF_GIT),
    // Set, so that git does not search parent folders, one of which may be somebody's repository.
    GIT_DIR: repositoryIn(folder),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: process.platform === 'win32' ? 'NUL' : '/dev/null',
    GIT_ALLOW_PROTOCOL: 'https',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    GCM_INTERACTIVE: 'never'
  }
}

/** The path of the repository in git's folder. */
export function repositoryIn(folder: string): string {
  return join(folder, 'repository')
}

/**
 * az stores its login in `AZURE_CONFIG_DIR`, `~/.azure` by default, and needs nothing else from the home. It also reads
 * settings from `.azure` in every parent folder; variables take precedence over those (knack, config).
 *
 * @param folder an empty folder
 */
export function azEnvironment(environment: NodeJS.ProcessEnv, folder: string): Record<string, string> {
  const home = environment[process.platform === 'win32' ? 'USERPROFILE' : 'HOME'] ?? ''
  const login = environment['AZURE_CONFIG_DIR'] ?? ''
  return {
    ...selectVariables(environment, folder, OF_AZ),
    AZURE_CONFIG_DIR: login === '' ? join(home === '' ? homedir() : home, '.azure') : resolve(login),
    // The commands need no extension, and extensions are code.
    AZURE_EXTENSION_DIR: join(folder, 'extensions'),
    AZURE_EXTENSION_DEV_SOURCES: '',
    AZURE_CORE_COLLECT_TELEMETRY: 'false',
    AZURE_CORE_ONLY_SHOW_ERRORS: 'true',
    AZURE_LOGGING_ENABLE_LOG_FILE: 'false',
    // No modules from the current folder or the home (usercustomize.py, *.pth).
    PYTHONSAFEPATH: '1',
    PYTHONNOUSERSITE: '1',
    PYTHONDONTWRITEBYTECODE: '1'
  }
}

function selectVariables(
  environment: NodeJS.ProcessEnv,
  folder: string,
  own: RegExp
): Record<string, string> {
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
