/**
 * The real parts as programs on this machine: built from the Go modules in this folder, once per version, into a cache
 * outside the repository, or taken from the locations of envtest and Argo CD.
 */
import { execFile, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, cp, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Parts {
  readonly etcd: string
  readonly 'kube-apiserver': string
  /** Deployments, ReplicaSets and StatefulSets of kube-controller-manager. */
  readonly controllers: string
  readonly webhook: string
  readonly argocd: string
  readonly redis: string
  readonly act: string
  /** The manifests that their projects publish, in the same versions. */
  readonly files: Readonly<Record<keyof typeof FILES, string>>
}

/** Why the parts are not available. */
export class NoParts extends Error {}

interface Program {
  /** Its Go module, a folder next to this file. */
  readonly module: string
  readonly package: string
  /** The source of the version, and the variable for it. */
  readonly version?: readonly [module: string, variable: string]
  /** A file of ours that is compiled into one of its packages. */
  readonly added?: { readonly module: string; readonly package: string; readonly file: string }
}

const PROGRAMS = {
  'kube-apiserver': {
    module: 'control-plane',
    package: 'k8s.io/kubernetes/cmd/kube-apiserver',
    version: ['k8s.io/kubernetes', 'k8s.io/component-base/version.gitVersion']
  },
  controllers: { module: 'control-plane', package: './controllers' },
  argocd: {
    module: 'control-plane',
    package: 'github.com/argoproj/argo-cd/v3/cmd',
    version: ['github.com/argoproj/argo-cd/v3', 'github.com/argoproj/argo-cd/v3/common.version']
  },
  webhook: {
    module: 'webhook',
    package: 'github.com/Azure/azure-workload-identity/cmd/webhook',
    version: [
      'github.com/Azure/azure-workload-identity',
      'github.com/Azure/azure-workload-identity/pkg/version.BuildVersion'
    ],
    // Otherwise its port is fixed, and two runs on one machine would share it.
    added: { module: 'sigs.k8s.io/controller-runtime', package: 'pkg/webhook', file: 'port/port.go' }
  },
  act: { module: 'act', package: 'github.com/nektos/act' },
  actionlint: { module: 'act', package: 'github.com/rhysd/actionlint/cmd/actionlint' }
} as const satisfies Record<string, Program>

/** Files that a module publishes besides its code: manifests, and a script that Argo CD's image has on its PATH. */
const FILES = {
  'argocd.yaml': ['control-plane', 'github.com/argoproj/argo-cd/v3', 'manifests/install.yaml'],
  'git-verify-wrapper.sh': ['control-plane', 'github.com/argoproj/argo-cd/v3', 'hack/git-verify-wrapper.sh'],
  'webhook.yaml': ['webhook', 'github.com/Azure/azure-workload-identity', 'deploy/azure-wi-webhook.yaml']
} as const

const DEBIAN = { etcd: 'etcd-server', redis: 'redis-server', git: 'git' } as const

/** @throws {NoParts} when one is missing and cannot be built */
export async function findParts(environment: NodeJS.ProcessEnv): Promise<Parts> {
  const { KUBEBUILDER_ASSETS: assets, ARGOCD_BINARY: argocd } = environment
  const given: Readonly<Record<string, string | undefined>> = {
    ...(assets === undefined ? {} : { 'kube-apiserver': join(assets, 'kube-apiserver') }),
    argocd
  }
  const cache = cacheOf(environment)
  const built = async (name: Exclude<keyof typeof PROGRAMS, 'actionlint'>): Promise<string> =>
    given[name] ?? (await cached(cache, PROGRAMS[name], name))
  // Sequentially, because each build uses all cores.
  const programs = {
    'kube-apiserver': await built('kube-apiserver'),
    controllers: await built('controllers'),
    argocd: await built('argocd'),
    webhook: await built('webhook'),
    act: await built('act')
  }
  await fromDebian('git', 'git')
  return {
    ...programs,
    etcd: assets === undefined ? await fromDebian('etcd', 'etcd') : join(assets, 'etcd'),
    redis: await fromDebian('redis', 'redis-server'),
    files: {
      'argocd.yaml': await published(cache, 'argocd.yaml'),
      'git-verify-wrapper.sh': await published(cache, 'git-verify-wrapper.sh'),
      'webhook.yaml': await published(cache, 'webhook.yaml')
    }
  }
}

/** Tools that check or run workflows and need no cluster. @throws {NoParts} as above */
export function findProgram(name: 'act' | 'actionlint', environment: NodeJS.ProcessEnv): Promise<string> {
  return cached(cacheOf(environment), PROGRAMS[name], name)
}

/** The version that each part reports. */
export async function versionsOf(parts: Parts): Promise<Readonly<Record<string, string>>> {
  const says = async (file: string, ...args: string[]): Promise<string> =>
    /v?\d+\.\d+\.\d+[\w.+-]*/.exec((await run(file, args)).stdout)?.[0] ?? 'unknown'
  return {
    etcd: await says(parts.etcd, '--version'),
    'kube-apiserver': await says(parts['kube-apiserver'], '--version'),
    'azure-workload-identity webhook': await says(parts.webhook, '--version'),
    'Argo CD': await says(parts.argocd, 'version', '--client', '--short'),
    redis: await says(parts.redis, '--version'),
    act: await says(parts.act, '--version'),
    git: await says('git', '--version')
  }
}

function cacheOf(environment: NodeJS.ProcessEnv): string {
  return join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'patless-e2e')
}

async function cached(cache: string, program: Program, name: string): Promise<string> {
  const folder = join(cache, `${program.module}-${await keyOf(program.module)}`)
  const file = join(folder, name)
  if (existsSync(file)) return file
  assertGo(name)
  await mkdir(folder, { recursive: true })
  process.stdout.write(`building ${name} into ${folder}; once per version, this takes minutes\n`)
  const [versioned, variable] = program.version ?? []
  const flags = ['-s', '-w']
  if (versioned !== undefined && variable !== undefined) {
    flags.push('-X', `${variable}=${await goList(program.module, versioned, '{{.Version}}')}`)
  }
  const partial = `${file}.${process.pid}`
  const work = `${partial}.work`
  const own = program.added === undefined ? [] : [`-modfile=${await moduleWith(program, work)}`]
  await go(program.module, 'build', ...own, '-ldflags', flags.join(' '), '-o', partial, program.package)
  await rename(partial, file)
  await rm(work, { recursive: true, force: true })
  return file
}

/** @returns a go.mod in `work` that takes the package with the added file from a copy */
async function moduleWith({ module, added }: Program, work: string): Promise<string> {
  if (!added) throw new Error(`nothing is added to ${module}`)
  const copy = join(work, 'module')
  // Go's cache is read-only, and so would the copy be.
  await cp(await goList(module, added.module, '{{.Dir}}'), copy, { recursive: true })
  await watched('chmod', ['-R', 'u+w', copy])
  await cp(folderOf(module, added.file), join(copy, added.package, 'patless_e2e.go'))
  for (const name of ['go.mod', 'go.sum']) await cp(folderOf(module, name), join(work, name))
  const file = join(work, 'go.mod')
  await watched('go', ['mod', 'edit', `-replace=${added.module}=${copy}`, file])
  return file
}

async function published(cache: string, name: keyof typeof FILES): Promise<string> {
  const [module, versioned, path] = FILES[name]
  const file = join(cache, `${module}-${await keyOf(module)}`, name)
  if (existsSync(file)) return file
  assertGo(name)
  await mkdir(join(file, '..'), { recursive: true })
  await go(module, 'mod', 'download', versioned)
  await cp(join(await goList(module, versioned, '{{.Dir}}'), path), file)
  // Go modules are read-only and their files are not executable.
  await chmod(file, 0o755)
  return file
}

/** Hash of everything that determines the build of the module. */
async function keyOf(module: string): Promise<string> {
  const own = ['go.mod', 'go.sum', 'controllers/main.go', 'mlog/mlog.go', 'port/port.go'].map((path) =>
    folderOf(module, path)
  )
  const hash = createHash('sha256')
  for (const path of own.filter((one) => existsSync(one))) hash.update(await readFile(path))
  return hash.digest('hex').slice(0, 12)
}

function folderOf(module: string, path = ''): string {
  return fileURLToPath(new URL(`${module}/${path}`, import.meta.url))
}

function has(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined
}

function assertGo(what: string): void {
  if (!has('go')) {
    throw new NoParts(
      `${what}: there is no Go to build it, and neither KUBEBUILDER_ASSETS nor ARGOCD_BINARY names it`
    )
  }
}

async function goList(module: string, versioned: string, format: string): Promise<string> {
  const { stdout } = await run('go', ['list', '-m', '-f', format, versioned], { cwd: folderOf(module) })
  return stdout.trim()
}

function go(module: string, ...args: string[]): Promise<void> {
  return watched('go', args, folderOf(module))
}

/** @throws {NoParts} when it is missing and cannot be installed */
async function fromDebian(name: keyof typeof DEBIAN, program: string): Promise<string> {
  if (has(program)) return program
  const root = process.getuid?.() === 0 && has('apt-get')
  if (!root) throw new NoParts(`${program} is missing: apt-get install ${DEBIAN[name]}`)
  await watched('apt-get', ['update', '-q'])
  await watched('apt-get', ['install', '-q', '-y', '--no-install-recommends', DEBIAN[name]])
  return program
}

/** Shows the output only on failure. */
async function watched(program: string, args: readonly string[], cwd?: string): Promise<void> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd })
  })
  let output = ''
  const keep = (chunk: string): void => {
    output += chunk
  }
  child.stdout.setEncoding('utf8').on('data', keep)
  child.stderr.setEncoding('utf8').on('data', keep)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${String(code)}:\n${output}`)
}
