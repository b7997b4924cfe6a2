/** Where git and az are looked for, and what they get of the environment of the run. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { LARGEST_FILE, readSmallFile } from '../../src/core/small-file.ts'
import { azEnvironment, gitEnvironment } from '../../src/services/programs/environment.ts'
import { temporaryFolder } from '../../src/core/temporary.ts'
import { startable } from '../../src/services/programs/program.ts'
import { findProgram, searchPath } from '../../src/services/programs/search-path.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patless-surroundings-'))
  for (const name of ['workspace/bin', 'other', 'linked', 'folders/tool', 'plain'])
    mkdirSync(join(folder, name), { recursive: true })
  for (const path of ['workspace/bin/tool', 'other/tool'])
    writeFileSync(join(folder, path), '', { mode: 0o755 })
  writeFileSync(join(folder, 'plain/tool'), '', { mode: 0o644 })
  symlinkSync(join(folder, 'workspace/bin/tool'), join(folder, 'linked/tool'))
  symlinkSync(join(folder, 'workspace/bin'), join(folder, 'link'))
  symlinkSync(join(folder, 'other'), join(folder, 'workspace/out'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('PATH', () => {
  const of = (...entries: string[]): string[] =>
    searchPath({ PATH: entries.join(':'), GITHUB_WORKSPACE: join(folder, 'workspace') })

  test('its relative and its empty entries are not searched', () => {
    expect(of('', '.', 'bin', './bin', '../bin', '~/bin', '/bin', '')).toEqual(['/bin'])
  })

  test('nor those in the workspace, by whatever name, nor those in the current folder', () => {
    const inside = ['workspace', 'workspace/bin', 'other/../workspace/bin', 'link', 'workspace/out']
    const here = [process.cwd(), resolve('node_modules/.bin')]
    expect(of(...inside.map((name) => `${folder}/${name}`), ...here, join(folder, 'other'))).toEqual([
      join(folder, 'other')
    ])
  })

  test('a folder beside the workspace whose name begins alike is none of it', () => {
    expect(of(`${folder}/workspace-tools`, `${folder}/..tools`)).toHaveLength(2)
  })

  test.each(['PIPELINE_WORKSPACE', 'BUILD_SOURCESDIRECTORY', 'SYSTEM_DEFAULTWORKINGDIRECTORY'])(
    '%s is a workspace',
    (name) => {
      expect(searchPath({ PATH: `${folder}/workspace/bin:/bin`, [name]: `${folder}/workspace` })).toEqual([
        '/bin'
      ])
    }
  )

  test('a shell in the home of the user, or above it, still finds its programs', () => {
    const before = process.cwd()
    try {
      for (const place of ['/', homedir()]) {
        process.chdir(place)
        expect(searchPath({ PATH: '/bin' })).toEqual(['/bin'])
      }
    } finally {
      process.chdir(before)
    }
  })

  test('a program is a file that may be run, and no link into the workspace', () => {
    const find = (...names: string[]): string | undefined =>
      findProgram('tool', {
        PATH: names.map((name) => join(folder, name)).join(':'),
        GITHUB_WORKSPACE: join(folder, 'workspace')
      })
    expect(find('workspace/bin', 'link', 'linked', 'folders', 'plain', 'nowhere', 'other')).toBe(
      join(folder, 'other/tool')
    )
    expect(find('linked')).toBeUndefined()
    expect(findProgram('tool', {})).toBeUndefined()
  })
})

describe('the environment', () => {
  const everything: NodeJS.ProcessEnv = {
    PATH: '/bin:.',
    HOME: '/home/me',
    HTTPS_PROXY: 'http://proxy',
    https_proxy: 'http://proxy',
    no_proxy: '.local',
    SSL_CERT_FILE: 'ca.pem',
    GIT_SSL_CAINFO: '/ca.pem',
    REQUESTS_CA_BUNDLE: '/ca.pem',
    RUNNER_TRACKING_ID: 'github_1',
    MSI_ENDPOINT: 'http://127.0.0.1:1',
    AZURE_CLOUD_NAME: 'Twin',
    ...Object.fromEntries(
      [
        'GIT_DIR GIT_EXEC_PATH GIT_SSH_COMMAND GIT_SSL_NO_VERIFY GIT_CONFIG_COUNT GIT_TRACE_CURL LD_PRELOAD',
        'LD_LIBRARY_PATH DYLD_INSERT_LIBRARIES NODE_OPTIONS PYTHONPATH PYTHONHOME BASH_ENV ENV OPENSSL_CONF',
        'SSLKEYLOGFILE XDG_CONFIG_HOME AZURE_CLIENT_SECRET AZURE_CLI_DISABLE_CONNECTION_VERIFICATION',
        'SYSTEM_ACCESSTOKEN ACTIONS_ID_TOKEN_REQUEST_TOKEN GITHUB_TOKEN INPUT_CLUSTER IFS SHELLOPTS'
      ]
        .join(' ')
        .split(' ')
        .map((name) => [name, 'hostile'])
    )
  }
  const own = { HOME: '/own', USERPROFILE: '/own', TMPDIR: '/own', TMP: '/own', TEMP: '/own', LC_ALL: 'C' }
  const shared = {
    PATH: '/bin',
    HTTPS_PROXY: 'http://proxy',
    https_proxy: 'http://proxy',
    no_proxy: '.local',
    SSL_CERT_FILE: resolve('ca.pem'),
    RUNNER_TRACKING_ID: 'github_1'
  }

  test('of git is this, and nothing else', () => {
    expect(gitEnvironment(everything, '/own')).toEqual({
      ...own,
      ...shared,
      GIT_SSL_CAINFO: '/ca.pem',
      GIT_DIR: '/own/repository',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_ALLOW_PROTOCOL: 'https',
      GIT_TERMINAL_PROMPT: '0',
      GIT_ASKPASS: '',
      GCM_INTERACTIVE: 'never'
    })
  })

  test('of az is this, and nothing else', () => {
    expect(azEnvironment(everything, '/own')).toEqual({
      ...own,
      ...shared,
      REQUESTS_CA_BUNDLE: '/ca.pem',
      MSI_ENDPOINT: 'http://127.0.0.1:1',
      AZURE_CLOUD_NAME: 'Twin',
      AZURE_CONFIG_DIR: '/home/me/.azure',
      AZURE_EXTENSION_DIR: '/own/extensions',
      AZURE_EXTENSION_DEV_SOURCES: '',
      AZURE_CORE_COLLECT_TELEMETRY: 'false',
      AZURE_CORE_ONLY_SHOW_ERRORS: 'true',
      AZURE_LOGGING_ENABLE_LOG_FILE: 'false',
      PYTHONSAFEPATH: '1',
      PYTHONNOUSERSITE: '1',
      PYTHONDONTWRITEBYTECODE: '1'
    })
  })

  test.each([
    [{ AZURE_CONFIG_DIR: '/login' }, '/login'],
    [{ AZURE_CONFIG_DIR: 'login' }, resolve('login')],
    [{ AZURE_CONFIG_DIR: '', HOME: '/home/me' }, '/home/me/.azure'],
    [{}, join(homedir(), '.azure')]
  ])('of az names the folder of its login: %j', (given, expected) => {
    expect(azEnvironment(given, '/own')['AZURE_CONFIG_DIR']).toBe(expected)
  })
})

test.each([
  [{ RUNNER_TEMP: '/runner', AGENT_TEMPDIRECTORY: '/agent' }, '/runner'],
  [{ RUNNER_TEMP: '', AGENT_TEMPDIRECTORY: '/agent' }, '/agent'],
  [{ RUNNER_TEMP: '/left/over', AGENT_TEMPDIRECTORY: '/agent', AGENT_ID: '7' }, '/agent'],
  [{ RUNNER_TEMP: '/runner', AGENT_TEMPDIRECTORY: ' ', AGENT_ID: '7' }, '/runner'],
  [{ RUNNER_TEMP: '/runner', AGENT_TEMPDIRECTORY: '/a', AGENT_ID: '7', GITHUB_ACTIONS: 'true' }, '/runner'],
  [{}, tmpdir()]
])('the temporary folder of %j', (given, expected) => {
  expect(temporaryFolder(given)).toBe(expected)
})

test.each([
  '/x\n::error::y',
  '/x ::set-output name=a::b',
  '/##vso[task.complete result=Succeeded;]',
  '/a##[b'
])('a temporary folder that a log would obey is refused: %j', (folder) => {
  expect(() => temporaryFolder({ RUNNER_TEMP: folder })).toThrow(/contains a log command/)
})

test.each(['RUNNER_TEMP', 'AGENT_TEMPDIRECTORY'])('%s is reserved, and that is said', (name) => {
  expect(() => temporaryFolder({ [name]: 'relative' })).toThrow(
    expect.objectContaining({
      facts: expect.objectContaining({
        remedy: expect.stringContaining(`${name} is reserved`) as unknown
      }) as unknown
    })
  )
})

test('a temporary folder by a relative path would be in the workspace: it is refused', () => {
  expect(() => temporaryFolder({ RUNNER_TEMP: 'relative' })).toThrow(/relative path/)
})

test('a script of Windows is started by its shell, and gets nothing but words', () => {
  expect(startable('/bin/git', ['a b'])).toEqual(['/bin/git', ['a b'], false])
  const [, args, verbatim] = startable('C:\\Program Files\\az.cmd', ['--resource', 'https://x.net/'])
  expect([args, verbatim]).toEqual([
    ['/d', '/s', '/c', '""C:\\Program Files\\az.cmd" --resource https://x.net/"'],
    true
  ])
  for (const word of ['a b', 'a&b', '"', '%PATH%', '^', ''])
    expect(() => startable('az.cmd', [word])).toThrow(TypeError)
})

test('a file of the largest size is read whole, one that says to be empty as well', () => {
  const path = join(folder, 'large')
  writeFileSync(path, 'é'.repeat(LARGEST_FILE / 2))
  expect(readSmallFile(path)).toHaveLength(LARGEST_FILE / 2)
  expect(readSmallFile('/proc/self/status')).toContain('Name:')
})
