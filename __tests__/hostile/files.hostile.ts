/** A file that an input or a variable names is a regular one of bounded size, or it is an error at once. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { startElsewhere, type Elsewhere } from '../../sandbox/elsewhere.ts'
import type { JobResult } from '../../sandbox/job.ts'
import { makePlace, put, runIn, type Place } from './surroundings.ts'
import { useTwin } from '../twin.ts'

const twin = useTwin({ shared: true })
let place: Place
let elsewhere: Elsewhere
beforeAll(async () => {
  elsewhere = await startElsewhere(twin.tls)
})
afterAll(() => {
  elsewhere.close()
})
beforeEach(() => {
  place = makePlace()
})
afterEach(() => {
  place.leave()
})

const pipe = (): string => {
  const path = join(place.folder, 'pipe')
  execFileSync('mkfifo', [path])
  return path
}
const link = (target: string): string => {
  const path = join(place.folder, 'link')
  symlinkSync(target, path)
  return path
}
/** Those that never end, or never begin. */
const ENDLESS: readonly (readonly [what: string, path: () => string, problem: RegExp])[] = [
  ['a device of zeros', () => '/dev/zero', /is not a regular file/],
  ['a device of noise', () => '/dev/urandom', /is not a regular file/],
  ['a pipe that nobody writes to', pipe, /is not a regular file/],
  ['a link to a pipe', () => link(pipe()), /is not a regular file/],
  ['a link to a device', () => link('/dev/zero'), /is not a regular file/],
  ['a path that leaves a process for a device', () => '/proc/self/root/dev/zero', /is not a regular file/],
  ['a link to itself', () => link(join(place.folder, 'link')), /cannot be read \(ELOOP\)/],
  [
    'more than 1 MiB',
    () => put(join(place.folder, 'large'), '#'.repeat(1024 * 1024 + 1)),
    /larger than 1 MiB/
  ],
  ['a folder', () => place.folder, /is not a regular file/]
]

/** Not killed for taking too long: what is read to its end never ends, on however idle a machine. */
async function expectRefused(job: Promise<JobResult>, problem: RegExp): Promise<void> {
  const { exitCode, signal, stdout } = await job
  expect(signal).toBeNull()
  expect(exitCode).toBe(1)
  expect(stdout).toMatch(problem)
}
/** ms */
const LIMIT = 30_000

describe('the input kubeconfig', () => {
  test.each(ENDLESS)('%s', (_what, path, problem) =>
    expectRefused(
      runIn(place, { environment: twin.environment, inputs: { kubeconfig: path() } }, LIMIT),
      problem
    )
  )
})

/** @param line of the cluster or of the user, as YAML */
function kubeconfig(line: string, ofCluster: boolean): string {
  return put(
    join(place.folder, 'kubeconfig'),
    `apiVersion: v1
kind: Config
current-context: c
contexts: [{name: c, context: {cluster: c, user: u}}]
clusters:
- name: c
  cluster:
    server: ${elsewhere.url}
    insecure-skip-tls-verify: true
${ofCluster ? line : ''}users:
- name: u
  user:
${ofCluster ? '    username: x\n' : line}`
  )
}
const withKubeconfig = (path: string): Promise<JobResult> =>
  runIn(place, { environment: twin.environment, inputs: { kubeconfig: path, mode: 'check' } }, LIMIT)

describe.each(['certificate-authority', 'client-certificate', 'client-key', 'tokenFile', '"token\\x46ile"'])(
  'a kubeconfig that names, as %s,',
  (field) => {
    test.each([ENDLESS[0], ENDLESS[2]] as typeof ENDLESS)('%s', (_what, path) => {
      const line = `    ${field}: ${path()}\n`
      const named = kubeconfig(line, field === 'certificate-authority')
      return expectRefused(withKubeconfig(named), /The kubeconfig names/)
    })
  }
)

/** No key of kubectl's, though some clients know it: the file behind it is never opened, however the key is spelled. */
describe.each(['token-file', '"token\\x2dfile"', '"token-\\\n     file"'])(
  'a kubeconfig with the unknown key %s',
  (field) => {
    test.each([ENDLESS[0], ENDLESS[2]] as typeof ENDLESS)('%s', async (_what, path) => {
      const { exitCode, signal, stdout } = await withKubeconfig(
        kubeconfig(`    ? ${field}\n    : ${path()}\n`, false)
      )
      expect(signal).toBeNull()
      expect(exitCode).toBe(1)
      // It went on to the server, which knows nothing.
      expect(stdout).toMatch(/Kubernetes answered 404/)
      expect(elsewhere.heard.length).toBeGreaterThan(0)
    })
  }
)

describe.each(['AZURE_FEDERATED_TOKEN_FILE', 'AZURE_CLIENT_CERTIFICATE_PATH'])('%s', (name) => {
  test.each(ENDLESS.slice(0, 3))('%s', (_what, path, problem) => {
    symlinkSync(
      execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim(),
      join(place.bin, 'git')
    )
    const { tenantId, deployerClientId } = twin.azure.ids
    return expectRefused(
      runIn(
        place,
        {
          environment: {
            ...twin.environment,
            // No az: it would be asked first, and takes its time.
            PATH: place.bin,
            AZURE_CLIENT_ID: deployerClientId,
            AZURE_TENANT_ID: tenantId,
            [name]: path()
          },
          inputs: { mode: 'check', 'client-id': '', 'tenant-id': '' }
        },
        LIMIT
      ),
      problem
    )
  })
})
