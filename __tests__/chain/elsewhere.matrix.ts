/**
 * Clusters that are not AKS, as their pages in docs/how-to say: the commands of the page, run by a real kubectl in the
 * twin's shape of such a cluster, then Patless with the kubeconfig that they made.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { parse, stringify } from 'yaml'
import { has } from '../../sandbox/by-hand.ts'
import type { Inputs } from '../../sandbox/in-process.ts'
import { leaksIn } from '../../sandbox/leaks.ts'
import { useWorld } from '../world.ts'

interface Shape {
  readonly page: string
  /** Of the issuer, with or without the slash at its end as such clusters have it. */
  readonly path: string
  /** How its own kubeconfig logs in; absent: it has a certificate or a token. */
  readonly plugin?: readonly string[]
  /** The program with which the page logs in. */
  readonly program?: string
  readonly install?: string
  readonly namespace?: string
}

const SHAPES: readonly Shape[] = [
  {
    page: 'eks',
    path: 'id/5E8B1C0D9F2A4736B1C0D9F2A47365E8',
    plugin: ['aws', 'eks', 'get-token', '--cluster-name', 'my-cluster'],
    program: 'aws'
  },
  {
    page: 'gke',
    path: 'v1/projects/contoso/locations/europe-west1/clusters/my-cluster',
    plugin: ['gke-gcloud-auth-plugin'],
    program: 'gcloud'
  },
  {
    page: 'openshift',
    path: 'my-cluster-oidc',
    plugin: ['oc', 'get-token', '--issuer-url', 'https://sso.example.com'],
    program: 'oc',
    install: 'openshift-install',
    namespace: 'openshift-gitops'
  },
  { page: 'on-premises', path: 'my-cluster/' }
]

const run = promisify(execFile)
const world = useWorld()
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patless-elsewhere-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** The page's commands that make the account, and those that make the kubeconfig. */
function commandsOf(page: string): readonly string[] {
  const text = readFileSync(`docs/how-to/${page}.md`, 'utf8')
  return [...text.matchAll(/^```sh\n([^]*?)^```/gm)]
    .map(([, block = '']) => block)
    .filter((block) => /create serviceaccount|create token/.test(block))
    .map((block) =>
      block
        // From the checkout, since the twin is not on the internet.
        .replaceAll(
          /curl -fsS https:\S+\/docs\/permissions\/\$file/g,
          `cat ${resolve('docs/permissions')}/$file`
        )
        .replaceAll(/https:\S+(\/docs\/permissions\/\S+\.yaml)/g, (_all, path: string) => resolve(`.${path}`))
    )
}

/** A home in which the programs of clouds write what they are asked for: a kubeconfig of the cluster's administrator. */
function homeOf({ page, program }: Shape): Readonly<Record<string, string>> {
  const home = join(folder, page)
  for (const name of ['bin', '.kube']) mkdirSync(join(home, name), { recursive: true })
  const admin = join(home, '.kube', 'config')
  writeFileSync(admin, world.twin.kubernetes.kubeconfig(), { mode: 0o600 })
  if (program !== undefined) {
    const file = join(home, 'bin', program)
    writeFileSync(file, `#!/bin/sh\ncp '${admin}' "$KUBECONFIG"\n`)
    chmodSync(file, 0o755)
  }
  const PATH = `${join(home, 'bin')}:${process.env['PATH'] ?? ''}`
  return {
    HOME: home,
    RUNNER_TEMP: home,
    PATH,
    OPENSHIFT_SERVER: 'x',
    OPENSHIFT_TOKEN: 'x',
    KUBECONFIG: admin
  }
}

const inputsFor = ({ namespace = 'argocd' }: Shape, kubeconfig: string): Inputs => ({
  cluster: 'my-cluster',
  'oidc-issuer-url': world.twin.kubernetes.access.issuer,
  kubeconfig,
  'subscription-id': world.twin.azure.ids.subscriptionId,
  'identity-resource-group': world.twin.azure.ids.resourceGroup,
  location: 'westeurope',
  'argocd-namespace': namespace
})

;(has('kubectl') ? describe : describe.skip).each(SHAPES)('$page', (shape) => {
  test('the page leads to a verified chain, with the documented role and without a plugin', async () => {
    await world.twin.kubernetes.recreate(shape.path)
    if (shape.install !== undefined) world.twin.defect(shape.install)
    const env = homeOf(shape)
    const [once = '', inJob = ''] = commandsOf(shape.page)
    await run('bash', ['-e', '-c', once], { env })
    const { stdout: printed } = await run('bash', ['-e', '-c', inJob], { env })
    const kubeconfig = join(env['HOME'] ?? '', 'kubeconfig')
    const { users } = parse(readFileSync(kubeconfig, 'utf8')) as { users: { user: { token: string } }[] }
    expect(printed).toBe(`::add-mask::${users[0]?.user.token ?? ''}\n`)

    const report = await world.apply(inputsFor(shape, kubeconfig))
    expect(report.verdict.summary).toBe('Changed, verified.')
    expect(report.outputs['oidc-issuer-url'].endsWith(shape.path)).toBe(true)
    const again = await world.check(inputsFor(shape, kubeconfig))
    expect(again.outputs).toMatchObject({ drift: 'false', verification: 'verified' })
    const { journal } = world.twin
    expect(journal.entries.filter(({ path }) => /managedClusters/.test(path))).toEqual([])
    expect(leaksIn(JSON.stringify([report, again, world.printed]), [users[0]?.user.token ?? ''])).toEqual([])
  }, 60_000)

  if (shape.plugin !== undefined)
    test('its own kubeconfig is refused before anything is written; the way out is a bound token', async () => {
      await world.twin.kubernetes.recreate(shape.path)
      const [command = '', ...args] = shape.plugin ?? []
      const given = parse(world.twin.kubernetes.kubeconfig()) as { users: { name: string }[] }
      const exec = { apiVersion: 'client.authentication.k8s.io/v1', command, args, interactiveMode: 'Never' }
      const users = given.users.map(({ name }) => ({ name, user: { exec } }))
      const file = join(folder, `${shape.page}-own`)
      writeFileSync(file, stringify({ ...given, users }))
      const report = await world.apply(inputsFor(shape, file))
      expect(report.findings.find(({ id }) => id === 'kubeconfig/plugin-foreign')).toMatchObject({
        actual: command,
        remedy: expect.stringContaining('kubectl -n argocd create token')
      })
      expect(world.writes()).toEqual([])
    })
})

test('an issuer with a slash too many is said before Entra refuses it', async () => {
  await world.twin.kubernetes.recreate('id/5E8B')
  const shape = { page: 'eks', path: 'id/5E8B' }
  const kubeconfig = world.twin.environment['KUBECONFIG'] ?? ''
  const inputs = inputsFor(shape, kubeconfig)
  const issuer = `${inputs['oidc-issuer-url'] ?? ''}/`
  const report = await world.apply({ ...inputs, 'oidc-issuer-url': issuer, 'verification-timeout': '5' })
  expect(report.verdict.exitCode).toBe(1)
  expect(report.findings.map(({ id }) => id)).toContain('cluster/issuer-mismatch')
})
