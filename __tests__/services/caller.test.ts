/** A login that Entra refuses: what the job's token says beside what Entra said, and the command that fixes it. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { passTime } from '../../sandbox/clock.ts'
import { markdownOf } from '../../src/report/markdown.ts'
import { claimsOf, notesOn } from '../../src/services/entra/claims.ts'
import type { Caller } from '../../src/services/entra/caller.ts'
import { refusedLogin } from '../../src/services/entra/refusal.ts'
import { trustCommand } from '../../src/services/entra/trust.ts'
import { useWorld } from '../world.ts'

const CLIENT = 'e1a2b3c4-d5e6-4f70-8190-a1b2c3d4e506'
const AUDIENCE = 'api://AzureADTokenExchange'
const GITHUB = 'https://token.actions.githubusercontent.com'

describe('a refused login', () => {
  const world = useWorld()
  const SUBJECT = 'repo:contoso/platform:ref:refs/heads/main'

  test.each<[defect: string, id: string, code: string, actual: RegExp]>([
    ['login-untrusted', 'login/not-trusted', 'AADSTS70025', /no federated credential/],
    ['login-issuer', 'login/not-trusted', 'AADSTS700211', /none with this issuer/],
    ['login-subject', 'login/not-trusted', 'AADSTS700213', /none with this subject/],
    ['login-subject-case', 'login/not-trusted', 'AADSTS7002138', /upper and lower case/],
    ['login-audience', 'login/not-trusted', 'AADSTS700212', /another audience/],
    ['login-issuer-key', 'login/issuer-key-unknown', 'AADSTS7000272', /subject repo:contoso/],
    ['login-issuer-not-permitted', 'login/issuer-not-permitted', 'AADSTS700236', /subject repo:contoso/],
    ['login-clock', 'login/clock', 'AADSTS700024', /subject repo:contoso/],
    ['login-application-disabled', 'login/application-unknown', 'AADSTS7000112', /^$/],
    ['login-secret-expired', 'login/secret-refused', 'AADSTS7000222', /^$/],
    ['login-conditional-access', 'login/conditional-access', 'AADSTS53003', /^$/],
    ['login-service-missing', 'login/service-not-in-tenant', 'AADSTS500011', /^$/]
  ])('%s is reported as %s, in report, outputs and summary', async (defect, id, code, actual) => {
    world.twin.defect(defect)
    const report = await world.check()
    const [finding] = report.findings
    expect(finding).toMatchObject({ id, code, severity: 'error' })
    expect(finding?.actual ?? '').toMatch(actual)
    expect(report).toMatchObject({
      resources: [],
      verification: { result: 'skipped' },
      verdict: { exitCode: 1, summary: 'Failed at the login. Nothing was read or written.' },
      outputs: { changed: 'false', drift: '', verification: 'skipped', findings: id }
    })
    const summary = markdownOf(report, 'mermaid').replaceAll('<wbr>', '')
    expect(summary).toContain('Failed at the login')
    expect(summary).toContain(id)
    expect(summary).not.toMatch(/not tried|undefined/)
    if (id !== 'login/not-trusted') return
    for (const claim of [`subject ${SUBJECT}`, `audience ${AUDIENCE}`, 'issuer https://localhost'])
      expect(finding?.expected).toContain(claim)
    // What the client id belongs to cannot be told, so there is a command for either.
    const task = code === 'AADSTS700212' ? 'update' : 'create'
    expect(finding?.command).toContain(
      `az ad app federated-credential ${task} --id ${world.twin.azure.ids.deployerClientId}`
    )
    expect(finding?.command).toContain(`az identity federated-credential ${task} `)
  })

  test('an issuer that Entra cannot read is asked for again, and then reported as that', async () => {
    world.twin.defect('login-issuer-unreadable')
    let requests = 0
    world.twin.journal.forge({
      service: 'entra',
      path: '/oauth2/v2\\.0/token',
      forge: (_call, real) => {
        // Three logins at once; then the time of the run is over.
        if ((requests += 1) === 4) passTime(60 * 60_000)
        return real()
      }
    })
    const { findings } = await world.check()
    world.twin.journal.calm()
    expect(findings[0]).toMatchObject({ id: 'login/issuer-unreadable', code: 'AADSTS50166' })
    expect(findings[0]?.remedy).toMatch(
      /make https:\/\/localhost:\d+\/github\/\.well-known\/openid-configuration readable/
    )
    expect(findings[0]?.summary).not.toContain('did not answer')
    expect(world.printed.join('\n')).toContain('Trying again')
  })

  test('an application of another tenant is refused as unknown there', async () => {
    const { findings } = await world.check({ 'tenant-id': world.twin.azure.ids.otherTenantId })
    expect(findings[0]).toMatchObject({ id: 'login/application-unknown', code: 'AADSTS700016' })
    expect(findings[0]?.command).toContain(`az login --tenant ${world.twin.azure.ids.otherTenantId}`)
  })

  test('a client id from a variable that is not set is reported as that', async () => {
    const { findings } = await world.check({ 'client-id': '' })
    expect(findings[0]).toMatchObject({ id: 'login/client-id-empty' })
  })

  test('also where apply, remove and dry-run were requested', async () => {
    world.twin.defect('login-subject')
    for (const [inputs, mode] of [
      [{ mode: 'apply' }, 'apply'],
      [{ mode: 'remove' }, 'remove'],
      [{ mode: 'apply', 'dry-run': 'true' }, 'dry-run']
    ] as const) {
      const report = await world.run(inputs)
      expect([report.mode, report.verdict.exitCode, report.findings[0]?.id]).toEqual([
        mode,
        1,
        'login/not-trusted'
      ])
    }
    expect(world.writes()).toEqual([])
  })
})

describe('the job behind a token', () => {
  test.each<[issuer: string, subject: string, notes: readonly RegExp[]]>([
    [GITHUB, 'repo:contoso/shop:ref:refs/heads/main', [/branch main/]],
    [GITHUB, 'repo:contoso/shop:ref:refs/tags/v1', [/tag v1/]],
    [GITHUB, 'repo:contoso/shop:environment:production', [/environment production/]],
    [GITHUB, 'repo:contoso/shop:pull_request', [/pull request/]],
    [GITHUB, 'repo:contoso@123/shop@456:environment:prod', [/immutable subjects/, /environment prod/]],
    [
      GITHUB,
      'repo:contoso/shop:job_workflow_ref:contoso/ci/.github/workflows/a.yml@refs/heads/main',
      [/reusable workflow/]
    ],
    [GITHUB, 'repository_owner_id:1:environment:prod', [/environment prod/, /customizes/]],
    [
      `${GITHUB}/contoso-enterprise`,
      'repo:contoso/shop:environment:prod',
      [/issuer of its own/, /environment prod/]
    ],
    ['https://token.actions.contoso.ghe.com', 'repo:contoso/shop:ref:refs/heads/main', [/branch main/]],
    [
      'https://ghes.example/_services/token',
      'repo:contoso/shop:ref:refs/heads/main',
      [/from the internet/, /branch main/]
    ],
    [
      'https://vstoken.dev.azure.com/11111111-2222-3333-4444-555555555555',
      'sc://contoso/shop/azure',
      [/renaming/, /retires/]
    ],
    [
      'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0',
      '/eid1/c/pub/t/a/a/b/sc/c/d',
      [/vstoken\.dev\.azure\.com/]
    ],
    ['https://westeurope.oic.prod-aks.azure.com/a/b/', 'system:serviceaccount:runners:arc', []],
    ['not a url', 'x', []]
  ])('%s, %s', (issuer, subject, expected) => {
    const notes = notesOn({ issuer, subject, audience: AUDIENCE })
    expect(notes).toHaveLength(expected.length)
    expected.forEach((words, index) => {
      expect(notes[index]).toMatch(words)
    })
  })

  const jwt = (payload: unknown): string =>
    `e30.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.x`
  test('a token that is none, or says something else, has no claims', () => {
    const claims = { iss: 'https://i', sub: 's', aud: ['a', 'b'] }
    expect(claimsOf(jwt(claims))).toEqual({ issuer: 'https://i', subject: 's', audience: 'a' })
    for (const token of [
      '',
      'a.b.c',
      jwt(null),
      jwt([]),
      jwt({ ...claims, sub: 7 }),
      jwt({ ...claims, aud: [] }),
      jwt({ ...claims, iss: 'x'.repeat(2_001) })
    ])
      expect(claimsOf(token)).toBeUndefined()
  })

  test('a login without a known token gets the general remedy, and no command with gaps', () => {
    for (const origin of ['az', 'machine', 'environment', 'connection', 'inputs'] as const) {
      const { facts } = refusedLogin('x', 'AADSTS700213: y', { caller: { origin } })
      expect(facts).toMatchObject({ id: 'login/not-trusted', code: 'AADSTS700213' })
      expect(facts.command).toBeUndefined()
      expect(facts.remedy).toContain('issuer, subject and audience')
    }
  })

  test('a service connection that says what its application is gets the one command', () => {
    const claims = { issuer: 'https://i', subject: 'sc://contoso/shop/azure', audience: AUDIENCE }
    const of = (kind: Caller['kind']): string =>
      refusedLogin('x', 'AADSTS70025: y', {
        caller: { origin: 'connection', clientId: CLIENT, claims, kind }
      }).facts.command ?? ''
    expect(of('managed-identity')).not.toContain('az ad app')
    expect(of('app-registration')).not.toContain('az identity')
    expect(of(undefined)).toMatch(/az ad app[^]*az identity/)
  })
})

describe('the command', () => {
  /** What a shell makes of it: the arguments of every call of az, one call a line. */
  const calls = (command: string): string[][] => {
    const folder = mkdtempSync(join(tmpdir(), 'patless-az-'))
    const log = join(folder, 'log')
    try {
      const lines = [
        '#!/bin/sh',
        `for one in "$@"; do printf '%s\\037' "$one" >> '${log}'; done; echo >> '${log}'`,
        'case "$2" in list) echo /subscriptions/s/resourceGroups/rg/providers/p/userAssignedIdentities/id-ci;; *) echo found;; esac'
      ]
      writeFileSync(join(folder, 'az'), lines.join('\n'))
      chmodSync(join(folder, 'az'), 0o755)
      execFileSync('sh', ['-eu'], { input: command, env: { PATH: `${folder}:/usr/bin:/bin` } })
      return readFileSync(log, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split('\u001f').slice(0, -1))
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
  const after = (args: readonly string[], name: string): string => args[args.indexOf(name) + 1] ?? ''

  test.each([
    'repo:contoso/platform:ref:refs/heads/main',
    'repo:contoso/it\'s:environment:$(id) `id` "x" \\y',
    '/eid1/c/pub/t/a/a/b/sc/c/d'
  ])('reaches az with the claims byte for byte: %s', (subject) => {
    const claims = { issuer: `${GITHUB}/e`, subject, audience: AUDIENCE, clientId: CLIENT }
    for (const task of ['create', 'update'] as const) {
      const app = calls(trustCommand({ ...claims, kind: 'app-registration' }, task)).at(-1) ?? []
      expect(app.slice(0, 4)).toEqual(['ad', 'app', 'federated-credential', task])
      expect(after(app, '--id')).toBe(CLIENT)
      expect(JSON.parse(after(app, '--parameters'))).toMatchObject({
        issuer: `${GITHUB}/e`,
        subject,
        audiences: [AUDIENCE]
      })
      const identity = calls(trustCommand({ ...claims, kind: 'managed-identity' }, task)).at(-1) ?? []
      expect(identity.slice(0, 3)).toEqual(['identity', 'federated-credential', task])
      expect(
        ['--identity-name', '--resource-group', '--issuer', '--subject', '--audiences'].map((name) =>
          after(identity, name)
        )
      ).toEqual(['id-ci', 'rg', `${GITHUB}/e`, subject, AUDIENCE])
      expect(after(identity, '--name')).toMatch(
        task === 'create' ? /^[a-zA-Z0-9][a-zA-Z0-9-_]{2,119}$/ : /^found$/
      )
    }
  })

  test('for both kinds is one text that a shell takes as it is', () => {
    const both = calls(
      trustCommand({ issuer: GITHUB, subject: 's', audience: AUDIENCE, clientId: CLIENT }, 'create')
    )
    expect(both.map(([first]) => first)).toEqual(['ad', 'identity', 'identity'])
  })
})
