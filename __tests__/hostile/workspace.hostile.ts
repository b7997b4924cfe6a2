/** Nothing in the workspace, in the home, or in a folder of PATH that they fill changes what is run or sent. */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { has } from '../../sandbox/by-hand.ts'
import { runBundle, runGitHubJob, type JobResult } from '../../sandbox/job.ts'
import { makePlace, put, runIn, script, type Place } from './surroundings.ts'
import { useTwin } from '../twin.ts'

const twin = useTwin({ shared: true })
let place: Place
/** The Authorization headers of each request that git made. */
let sent: string[][]
const repository = (): string => twin.azure.ids.repositoryUrl
const root = (): string => new URL(repository()).origin

beforeAll(async () => {
  await runGitHubJob({ environment: twin.environment, inputs: { verification: 'access' } })
}, 60_000)
beforeEach(() => {
  place = makePlace()
  sent = []
  execFileSync('git', ['init', '--quiet', place.workspace], { env: { PATH: process.env['PATH'] } })
  twin.journal.forge({
    service: 'git',
    forge: ({ request: { rawHeaders } }, real) => {
      sent.push(
        rawHeaders.filter((_, at) => at % 2 === 1 && /^authorization$/i.test(rawHeaders[at - 1] ?? ''))
      )
      return real()
    }
  })
})
afterEach(() => {
  twin.journal.calm()
  place.leave()
})

const check = (environment: Readonly<Record<string, string>> = {}): Promise<JobResult> =>
  runIn(place, {
    environment: { ...twin.environment, ...environment },
    inputs: { mode: 'check', verification: 'access', 'verification-timeout': '4' }
  })

/** The chain is in order, git asked only as the identity, and nothing that lay there was run. */
async function expectUntouched(job: Promise<JobResult>): Promise<void> {
  const { outputs, exitCode, stdout } = await job
  expect(place.trapped()).toEqual([])
  expect(sent.length).toBeGreaterThanOrEqual(3)
  for (const headers of sent) expect(headers).toEqual([expect.stringMatching(/^Bearer \S+$/)])
  expect({ ...outputs, stdout }).toMatchObject({ verification: 'verified', drift: 'false' })
  expect(exitCode).toBe(0)
}

const config = (text: string): string => put(join(place.workspace, '.git/config'), text)
const ssh = (name: string): string => script(join(place.folder, name), place.trap(name))

/** Each is the whole of a git configuration. */
const CONFIGURATIONS: readonly (readonly [what: string, text: () => string])[] = [
  [
    'an ssh command for what is rewritten to ssh',
    () => `[core]\n\tsshCommand = ${ssh('ssh')}\n[url "ssh://git@localhost/"]\n\tinsteadOf = ${root()}/\n`
  ],
  [
    "the header of a checkout with the job's token",
    () => `[http "${root()}/"]\n\textraheader = AUTHORIZATION: basic am9iOnRva2Vu\n`
  ],
  [
    'a header for exactly this repository',
    () => `[http "${repository()}"]\n\textraheader =\n\textraheader = AUTHORIZATION: bearer other\n`
  ],
  [
    'an included file',
    () => {
      const header = 'extraheader = AUTHORIZATION: basic am9iOnRva2Vu'
      const file = put(join(place.workspace, 'more'), `[http "${repository()}"]\n\t${header}\n`)
      return `[include]\n\tpath = ${file}\n`
    }
  ],
  [
    'a program in place of the server',
    () => `[protocol "ext"]\n\tallow = always\n[url "ext::${ssh('ext')} "]\n\tinsteadOf = ${root()}/\n`
  ],
  [
    'another repository in place of this one',
    () =>
      `[protocol "file"]\n\tallow = always\n[url "file://${place.workspace}/"]\n\tinsteadOf = ${root()}/\n`
  ],
  ['a proxy', () => '[http]\n\tproxy = http://127.0.0.1:1\n'],
  ['a proxy for this host', () => `[http "${root()}/"]\n\tproxy = http://127.0.0.1:1\n`],
  ['other authorities', () => `[http]\n\tsslCAInfo = ${put(join(place.workspace, 'ca.pem'), '')}\n`],
  [
    'cookies and a user agent',
    () => `[http]\n\tuserAgent = hostile\n\tcookieFile = ${join(place.workspace, 'jar')}\n`
  ],
  [
    'hooks, a file watcher, a pager and an editor',
    () =>
      `[core]\n\thooksPath = ${place.workspace}\n\tfsmonitor = ${ssh('watch')}\n\tpager = ${ssh('pager')}\n\taskPass = ${ssh('ask')}\n`
  ],
  ['a configuration that cannot be read', () => '[broken\n'],
  ['a format of repositories to come', () => '[core]\n\trepositoryformatversion = 99\n']
]

describe('a git configuration is not obeyed', () => {
  test.each(CONFIGURATIONS)('in the workspace: %s', async (_what, text) => {
    config(text())
    await expectUntouched(check())
  })

  test('in a folder above the temporary one', async () => {
    config(CONFIGURATIONS[1]?.[1]() ?? '')
    const inside = join(place.workspace, 'temporary')
    mkdirSync(inside)
    const { stdout } = await runBundle(
      { cwd: inside },
      {
        ...twin.environment,
        HOME: place.home,
        RUNNER_TEMP: inside,
        GITHUB_OUTPUT: put(join(place.folder, 'outputs'), ''),
        GITHUB_STEP_SUMMARY: put(join(place.folder, 'summary'), ''),
        INPUT_MODE: 'check',
        INPUT_VERIFICATION: 'access',
        'INPUT_VERIFICATION-TIMEOUT': '4'
      }
    )
    expect(stdout).toContain('verification: verified')
    for (const headers of sent) expect(headers).toEqual([expect.stringMatching(/^Bearer \S+$/)])
  })

  test('in the home', async () => {
    const text = (CONFIGURATIONS[0]?.[1]() ?? '') + (CONFIGURATIONS[1]?.[1]() ?? '')
    put(join(place.home, '.gitconfig'), text)
    put(join(place.home, '.config/git/config'), text)
    put(join(place.home, '.netrc'), `machine localhost login job password token\n`, 0o600)
    put(join(place.home, '.git-credentials'), `https://job:token@localhost\n`)
    put(join(place.home, '.curlrc'), `header = "authorization: basic x"\n`)
    await expectUntouched(check({ XDG_CONFIG_HOME: join(place.home, '.config') }))
  })

  test('nor a credential helper, where the server refuses the token', async () => {
    config(`[credential]\n\thelper = "!${place.trap('helper')}; echo username=a; echo password=b"\n`)
    twin.journal.calm()
    twin.journal.forge({
      service: 'git',
      forge: ({ headers: { authorization = '' } }) => {
        sent.push([authorization])
        return { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }
      }
    })
    const { outputs } = await check()
    expect(outputs['verification']).not.toBe('verified')
    expect(place.trapped()).toEqual([])
    for (const headers of sent) expect(headers).toEqual([expect.stringMatching(/^Bearer \S+$/)])
  })

  test('nor one that trusts everybody', async () => {
    config('[http]\n\tsslVerify = false\n')
    const { outputs, stdout } = await check({ GIT_SSL_CAINFO: '', SSL_CERT_FILE: '', GIT_SSL_NO_VERIFY: '1' })
    expect(outputs['verification']).not.toBe('verified')
    expect(stdout).toMatch(/certificate/i)
    expect(sent).toEqual([])
  })
})

describe('variables that point git elsewhere', () => {
  test('to other programs and settings', async () => {
    const trap = ssh('program')
    config(CONFIGURATIONS[1]?.[1]() ?? '')
    const environment = {
      GIT_DIR: join(place.workspace, '.git'),
      GIT_CONFIG: join(place.workspace, '.git/config'),
      GIT_CONFIG_PARAMETERS: "'http.proxy=http://127.0.0.1:1'",
      GIT_SSH: trap,
      GIT_SSH_COMMAND: trap,
      GIT_PROXY_COMMAND: trap,
      GIT_EXTERNAL_DIFF: trap,
      GIT_ASKPASS: trap,
      SSH_ASKPASS: trap,
      GIT_TEMPLATE_DIR: place.workspace,
      GIT_HTTP_USER_AGENT: 'hostile'
    }
    await expectUntouched(check(environment))
  })

  test('to other helpers of its own', async () => {
    script(join(place.folder, 'core/git-remote-https'), place.trap('remote-https'))
    await expectUntouched(check({ GIT_EXEC_PATH: join(place.folder, 'core') }))
  })

  test('to files that would hold its keys and its headers', async () => {
    const files = ['SSLKEYLOGFILE', 'GIT_TRACE_CURL', 'GIT_TRACE', 'GIT_TRACE2_EVENT', 'GIT_TRACE_PACKET']
    await expectUntouched(check(Object.fromEntries(files.map((name) => [name, join(place.workspace, name)]))))
    expect(files.filter((name) => existsSync(join(place.workspace, name)))).toEqual([])
  })
})

describe('a program is never taken', () => {
  const PATH = process.env['PATH'] ?? ''
  beforeEach(() => {
    for (const name of [
      'git',
      'bin/git',
      'node_modules/.bin/git',
      'git-remote-https',
      'bin/git-remote-https'
    ])
      script(join(place.workspace, name), place.trap(name.replaceAll('/', '-')))
  })

  test.each([
    ['the current folder', '.'],
    ['an empty entry', ''],
    ['a folder below it', './node_modules/.bin'],
    ['a folder without a dot', 'bin'],
    ['a folder above it', '../workspace/bin']
  ])('from a relative PATH: %s', async (_what, entry) => {
    await expectUntouched(check({ PATH: `${entry}:${PATH}` }))
  })

  test('from the workspace, be it by its whole name, by a link, or by a link to the program', async () => {
    const elsewhere = join(place.folder, 'elsewhere')
    mkdirSync(elsewhere)
    symlinkSync(join(place.workspace, 'bin'), join(place.folder, 'link'))
    symlinkSync(join(place.workspace, 'git'), join(elsewhere, 'git'))
    const entries = [join(place.workspace, 'node_modules/.bin'), join(place.folder, 'link'), elsewhere]
    for (const entry of entries) await expectUntouched(check({ PATH: `${entry}:${PATH}` }))
  })

  test('from a workspace that the step does not run in', async () => {
    const entry = join(place.workspace, 'bin')
    const job = runIn(place, {
      cwd: place.home,
      environment: { ...twin.environment, PATH: `${entry}:${PATH}` },
      inputs: { mode: 'check', verification: 'access' }
    })
    await expectUntouched(job)
  })

  test('and where there is no other, that is said', async () => {
    const { exitCode, stdout } = await check({ PATH: `.:bin:${join(place.workspace, 'bin')}` })
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/There is no git on PATH/)
    expect(place.trapped()).toEqual([])
  })
})

/** As the packages start it: Python runs the module, and looks for modules in the current folder first. */
const AZ = `PYTHONPATH="$OWN\${PYTHONPATH:+:$PYTHONPATH}" exec python3 -m azure.cli "$@"`
const withPython = has('python3') ? describe : describe.skip
withPython('az does not run', () => {
  const account = `import sys, json\nprint(json.dumps({"id": "00000000-0000-0000-0000-000000000000", "user": {"name": "me"}}) if "show" in sys.argv else json.dumps({"accessToken": "a-token-of-nobody-at-all", "expires_on": 4102444800}))\n`
  const login = async (environment: Readonly<Record<string, string>> = {}): Promise<void> => {
    const own = join(place.folder, 'own')
    put(join(own, 'azure/__init__.py'), '')
    put(join(own, 'azure/cli/__init__.py'), '')
    put(join(own, 'azure/cli/__main__.py'), account)
    put(join(place.bin, 'az'), `#!/usr/bin/env bash\nOWN='${own}'\n${AZ}\n`, 0o755)
    const { stdout } = await runIn(place, {
      environment: { ...twin.environment, PATH: `${place.bin}:${process.env['PATH'] ?? ''}`, ...environment },
      inputs: { mode: 'check', 'client-id': '', 'tenant-id': '' }
    })
    expect(stdout).toContain('the az login, as me')
    expect(place.trapped()).toEqual([])
  }
  const python = (name: string): string =>
    `import os\nos.system(${JSON.stringify(place.trap(name))})\n${account}`
  const modules = (folder: string): void => {
    put(join(folder, 'azure/__init__.py'), '')
    put(join(folder, 'azure/cli/__init__.py'), '')
    put(join(folder, 'azure/cli/__main__.py'), python('main'))
    for (const name of ['sitecustomize', 'usercustomize', 'json'])
      put(join(folder, `${name}.py`), python(name))
  }

  test('modules of the current folder', () => {
    modules(place.workspace)
    return login()
  })

  test('modules that variables name', () => {
    modules(place.workspace)
    const [path, startup] = [place.workspace, join(place.workspace, 'json.py')]
    return login({ PYTHONPATH: path, PYTHONUSERBASE: path, PYTHONSTARTUP: startup, PYTHONINSPECT: '1' })
  })

  test('what a shell reads first', () => {
    const file = put(join(place.workspace, 'first.sh'), place.trap('first'))
    return login({ BASH_ENV: file, ENV: file })
  })

  test('modules of the home', async () => {
    const version = execFileSync('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'])
    modules(join(place.home, `.local/lib/python${String(version).trim()}/site-packages`))
    await login()
  })
})

test('a key of the task library is not written through a link in the workspace', async () => {
  const target = put(join(place.folder, 'target'), 'untouched')
  symlinkSync(target, join(place.workspace, '.taskkey'))
  await runBundle(
    { cwd: place.workspace },
    {
      HOME: place.home,
      TMPDIR: place.bin,
      AGENT_ID: '7',
      AGENT_TEMPDIRECTORY: '',
      SYSTEM_TEAMFOUNDATIONCOLLECTIONURI: 'https://dev.azure.com/contoso/',
      ENDPOINT_AUTH_SYSTEMVSSCONNECTION:
        '{"scheme":"OAuth","parameters":{"AccessToken":"a-token-of-the-job"}}'
    }
  )
  expect(readFileSync(target, 'utf8')).toBe('untouched')
})
