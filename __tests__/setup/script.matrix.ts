/** The printed script: whatever names it has to carry, they stay words, and a linter of shells finds nothing. */
import { describe, expect, test } from '@jest/globals'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scriptOf } from '../../src/commands/setup/script.ts'
import type { Settings } from '../../src/commands/setup/settings.ts'

const REPOSITORY = {
  url: 'https://dev.azure.com/contoso/shop/_git/app',
  organization: 'contoso',
  project: 'shop',
  repository: 'app'
}
const USUAL: Settings = {
  tenantId: '5f1f3d5c-8a3e-4b1d-9a70-3d2c7c1c2a01',
  identityTenantId: undefined,
  cluster: { subscriptionId: '9b0c7f7e-2d61-4c53-8a11-6f2f0c3a7d03', resourceGroup: 'rg', name: 'aks' },
  organizations: [{ name: 'contoso', of: undefined, repositories: [REPOSITORY] }],
  repositories: [REPOSITORY],
  access: 'project-readers',
  argocdNamespace: 'argocd',
  identity: {
    subscriptionId: '9b0c7f7e-2d61-4c53-8a11-6f2f0c3a7d03',
    resourceGroup: 'rg',
    name: 'id-argocd'
  },
  login: {
    kind: 'identity',
    subscriptionId: '9b0c7f7e-2d61-4c53-8a11-6f2f0c3a7d03',
    resourceGroup: 'rg',
    name: 'id-patless'
  },
  roleName: undefined,
  pipeline: {
    host: 'github',
    owner: 'contoso',
    name: 'platform',
    branch: 'main',
    environment: undefined,
    issuer: 'https://token.actions.githubusercontent.com',
    subject: 'repo:contoso/platform:ref:refs/heads/main',
    commit: '6dcb09b5b57875f334f61aebed695e2e4193db5e'
  },
  selfService: false,
  file: { root: '/checkout', path: '.github/workflows/argocd-access.yml', replace: false }
}

const ACROSS: Settings = {
  ...USUAL,
  identityTenantId: '0d2a9a4e-6f27-4c0b-8f5e-7f5b2b1f9c02',
  identity: {
    subscriptionId: '4e8d1c6b-73a2-4f95-b0c8-6d1e2f3a4b12',
    resourceGroup: 'rg-identities',
    name: 'id-argocd'
  }
}

/** Would leave a trace if a shell ever read it as anything but text. */
const ODD = `x'"$(touch owned)\`touch owned\`;&|<>*?!#~ é`

const CASES: [name: string, settings: Settings][] = [
  ['for GitHub', USUAL],
  ['for single repositories', { ...USUAL, access: 'repository' }],
  ['for self-service', { ...USUAL, selfService: true }],
  [
    'for Azure Pipelines',
    {
      ...USUAL,
      pipeline: {
        host: 'azure-pipelines',
        organization: 'contoso',
        project: 'Team X',
        connection: 'patless',
        branch: 'main'
      }
    }
  ],
  ['across two tenants', ACROSS],
  [
    'across two tenants, for Azure Pipelines and an application',
    {
      ...ACROSS,
      login: { ...ACROSS.login, kind: 'application' },
      pipeline: {
        host: 'azure-pipelines',
        organization: 'contoso',
        project: 'Team X',
        connection: 'patless',
        branch: 'main'
      }
    }
  ],
  ['for an application', { ...USUAL, login: { ...USUAL.login, kind: 'application' } }],
  [
    'for two organizations',
    {
      ...USUAL,
      access: 'repository',
      organizations: ['contoso', 'fabrikam'].map((name) => ({ name, of: name, repositories: [REPOSITORY] }))
    }
  ],
  [
    'for an application of an organization in Azure Pipelines',
    {
      ...USUAL,
      login: { ...USUAL.login, kind: 'application' },
      pipeline: {
        host: 'azure-pipelines',
        organization: 'fabrikam',
        project: ODD,
        connection: ODD,
        branch: ODD
      }
    }
  ],
  [
    'with odd names in GitHub',
    {
      ...USUAL,
      cluster: { ...USUAL.cluster, resourceGroup: "it's (prod)" },
      organizations: USUAL.organizations.map((one) => ({
        ...one,
        repositories: [{ ...REPOSITORY, project: ODD, repository: ODD }]
      })),
      pipeline: {
        ...(USUAL.pipeline as Extract<Settings['pipeline'], { host: 'github' }>),
        branch: ODD,
        subject: `repo:contoso/platform:ref:refs/heads/${ODD}`,
        environment: ODD
      }
    }
  ],
  [
    'with odd names in Azure Pipelines',
    {
      ...USUAL,
      access: 'repository',
      pipeline: {
        host: 'azure-pipelines',
        organization: 'contoso',
        project: ODD,
        connection: ODD,
        branch: ODD
      }
    }
  ],
  [
    'with the words of the script itself',
    {
      ...USUAL,
      pipeline: {
        ...(USUAL.pipeline as Extract<Settings['pipeline'], { host: 'github' }>),
        branch: 'END_OF_TEXT',
        environment: 'CLIENT_ID'
      }
    }
  ]
]

const shellcheck = spawnSync('shellcheck', ['--version']).error === undefined

describe.each(CASES)('%s', (_name, settings) => {
  test('bash reads it, and a linter finds nothing', () => {
    for (const audience of [undefined, 'azure', 'entra', 'azure-devops', 'kubernetes'] as const) {
      const script = scriptOf(settings, audience)
      execFileSync('bash', ['-n'], { input: script })
      if (!shellcheck) process.stderr.write('NOT JUDGED by shellcheck, which is not on PATH\n')
      else
        execFileSync('shellcheck', ['--shell=bash', '--severity=style', '--exclude=SC2016', '-'], {
          input: script,
          stdio: ['pipe', process.stderr, 'inherit']
        })
    }
  })

  test('every name reaches az and kubectl as it is, and runs nothing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'patless-script-'))
    try {
      const log = join(folder, 'calls')
      const answer = `printf '%s\\0' "$@" >> "$CALLS"; printf '\\n' >> "$CALLS"; case "$*" in 'account set'*) echo "$4" > "$HOME/subscription" ;; 'account show'*) if [ "$(cat "$HOME/subscription")" = "$IDENTITY_SUBSCRIPTION" ]; then echo "$IDENTITY_TENANT"; else echo "$TENANT"; fi ;; *jsonpath*) ;; *managed-by*show* | *show*managed-by*) echo patless ;; *entitlements*) echo '{"isSuccess": true, "descriptor": "aadsp.abc"}' ;; *) echo value ;; esac`
      for (const tool of ['az', 'kubectl'])
        writeFileSync(
          join(folder, tool),
          `#!/bin/bash\n${tool === 'kubectl' ? 'cat > /dev/null' : ''}\n${answer}\n`,
          { mode: 0o755 }
        )
      execFileSync('bash', ['-c', scriptOf(settings)], {
        cwd: folder,
        env: {
          PATH: `${folder}:${process.env['PATH'] ?? ''}`,
          HOME: folder,
          CALLS: log,
          TENANT: settings.tenantId,
          IDENTITY_TENANT: settings.identityTenantId ?? settings.tenantId,
          IDENTITY_SUBSCRIPTION: settings.identity.subscriptionId,
          PATLESS_KUBECONFIG: 'kubeconfig'
        },
        stdio: ['ignore', 'pipe', 'inherit']
      })
      expect(readdirSync(folder, { recursive: true })).not.toContain('owned')
      const calls = readFileSync(log, 'utf8')
        .split('\n')
        .map((line) => line.split('\0'))
      const after = (option: string): string[] =>
        calls.flatMap((words) => words.flatMap((one, at) => (one === option ? [words[at + 1] ?? ''] : [])))
      expect(after('--resource-group')).toContain(settings.cluster.resourceGroup)
      const { pipeline, login } = settings
      if (pipeline.host === 'github' && login.kind === 'identity')
        expect([...new Set(after('--subject'))]).toEqual([pipeline.subject])
      if (pipeline.host === 'github' && login.kind === 'application')
        expect(after('--body').join('\n')).toContain(JSON.stringify(pipeline.subject))
      if (settings.identityTenantId !== undefined) expect(tenantsAsked(calls, settings)).toEqual(new Set())
      const file = readFileSync(join(folder, settings.file.path), 'utf8')
      expect(file).toMatch(/^# Made by patless setup; [0-9a-f]{16}[.]/)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

/** Calls that went to the tenant that they are not for: Azure DevOps and the identity are in the other one. */
function tenantsAsked(calls: readonly (readonly string[])[], { cluster, identity }: Settings): Set<string> {
  const wrong = new Set<string>()
  let now = ''
  for (const words of calls) {
    const text = words.join(' ')
    if (text.startsWith('account set')) now = words[3] ?? ''
    const wanted = /499b84ac|resourceGroups\/rg-identities/.test(text)
      ? identity.subscriptionId
      : /^aks |managedClusters\//.test(text)
        ? cluster.subscriptionId
        : now
    if (wanted !== now) wrong.add(text)
  }
  return wrong
}
