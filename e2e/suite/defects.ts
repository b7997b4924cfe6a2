/**
 * Each case breaks something and compares the results of Patless and of the real Argo CD: Patless must not report
 * verified where Argo CD fails, nor a failed access where Argo CD reads.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import * as defects from '../defects.ts'
import { problemsOf, type World } from '../world.ts'

interface Row {
  readonly name: string
  readonly defect: defects.Defect
  /** The result of the real Argo CD; its own message where it fails. */
  readonly argocd: 'reads' | RegExp
  /** What Patless reports: the field that drifted, or the reason of the verification. */
  readonly patless: RegExp
}

const { ofAzure } = defects
const ROWS: readonly Row[] = [
  row('credential-subject', ofAzure('credential-subject'), /AADSTS700213/, /subject/),
  row('credential-subject-case', ofAzure('credential-subject-case'), /AADSTS7002138/, /subject/),
  row('credential-issuer-slash', ofAzure('credential-issuer-slash'), /AADSTS700211/, /issuer/),
  row('credential-issuer-other', ofAzure('credential-issuer-other'), /AADSTS700211/, /issuer/),
  row('credential-audience', ofAzure('credential-audience'), /AADSTS700212/, /audiences/),
  row('credential-deleted', ofAzure('credential-deleted'), /AADSTS70025/, /federated credential/),
  row('identity-deleted', ofAzure('identity-deleted'), /AADSTS700016/, /managed identity/),
  row('identity-recreated', ofAzure('identity-recreated'), /AADSTS700016/, /federated credential/),
  row('not-a-member', ofAzure('not-a-member'), /TF401444/, /member/),
  row('member-disabled', ofAzure('member-disabled'), /TF401444/, /status/),
  row('not-a-reader', ofAzure('not-a-reader'), /TF401019/, /Readers of shop/),
  row('annotation-removed', defects.withoutAnnotation, /no client ID specified/, /annotation .*client-id/),
  row('annotation-wrong-client', defects.ofAnotherClient, /AADSTS700016/, /annotation .*client-id/),
  row('annotation-wrong-tenant', defects.ofAnotherTenant, /AADSTS90002/, /annotation .*tenant-id/),
  row('pod-stale', defects.stale, /no client ID specified/, /pod .* AZURE_CLIENT_ID/),
  row('label-removed', defects.withoutLabel, /no client ID specified/, /pod template label/),
  row('label-capital', defects.labelInCapitals, /no client ID specified/, /pod template label/),
  row(
    'label-on-deployment-only',
    defects.labelOnDeploymentOnly,
    /no client ID specified/,
    /pod template label/
  ),
  row('webhook-absent', defects.withoutWebhook, /no client ID specified/, /pod .* AZURE_CLIENT_ID/),
  row(
    'env-set-by-hand',
    defects.environment({ AZURE_CLIENT_ID: '00000000-0000-0000-0000-00000000cafe' }),
    /AADSTS700016/,
    /AZURE_CLIENT_ID/
  ),
  row(
    'client-secret-on-pod',
    defects.environment({ AZURE_CLIENT_SECRET: 'not-a-real-secret-0123456789' }),
    /AADSTS7000215/,
    /AZURE_CLIENT_SECRET/
  ),
  row('secret-deleted', defects.withoutSecret, /authentication required/, /repository Secret/),
  row('secret-password', defects.secretWithPat, /authentication required/, /credentials/),
  row(
    'secret-flag-missing',
    defects.secretWith({ useAzureWorkloadIdentity: null }),
    /authentication required/,
    /useAzureWorkloadIdentity/
  ),
  row(
    'secret-flag-yes',
    defects.secretWith({ useAzureWorkloadIdentity: 'yes' }),
    /./,
    /useAzureWorkloadIdentity/
  ),
  row('secret-type-helm', defects.secretWith({ type: 'helm' }), 'reads', /type/),
  row('secret-url-slash', defects.secretUrlWithSlash, /authentication required/, /repository Secret/),
  row(
    'secret-project',
    defects.secretWith({ project: 'team-a' }, { undone: true }),
    /authentication required/,
    /repository Secret/
  ),
  row('secret-label-wrong', defects.secretLabelWrong, /authentication required/, /repository Secret/),
  row('template-with-pat', defects.templateWithPat, /authentication required/, /repository Secret/)
]

export function defectCases(here: () => World): void {
  describe('Patless reports what is broken, as Argo CD does', () => {
    beforeAll(async () => {
      expect(problemsOf(await here().run('github'))).toEqual([])
    })
    afterAll(async () => {
      expect(problemsOf(await here().run('github', { mode: 'remove' }))).toEqual([])
    })

    test.each(ROWS)('$name', async ({ defect, argocd, patless }) => {
      const world = here()
      const undo = await defect(world)
      const told = await world.ask()
      const { outputs, stdout } = await world.run('github', { mode: 'check' })
      const reason = outputs['verification-reason'] ?? ''
      expect(outputs['differences'] ?? stdout).toMatch(patless)
      expect(outputs['verification']).not.toBe('verified')
      if (argocd === 'reads') {
        expect(told).toMatchObject({ connected: true, revision: told.newest })
        expect(reason).toMatch(/^the access itself works/)
      } else {
        expect(told.connected).toBe(false)
        expect(told.message).toMatch(argocd)
      }
      await undo?.()
      const mended = await world.run('github')
      expect(problemsOf(mended)).toEqual([])
      expect(mended.outputs['verification']).toBe('verified')
      expect(await world.ask()).toMatchObject({ connected: true, message: '' })
    })

    test.each([
      ['a user name beside the flag beats nothing', defects.secretWithUsername, /^/],
      ['two equal Secrets are one connection', defects.twoSecrets, /connection\/duplicate/]
    ])('%s: Argo CD reads, and Patless reports no drift', async (_name, defect, findings) => {
      const world = here()
      const undo = await defect(world)
      try {
        expect(await world.ask()).toMatchObject({ connected: true, message: '' })
        const { outputs } = await world.run('github', { mode: 'check' })
        expect(outputs['differences']).toBe('[]')
        expect(outputs['findings']).toMatch(findings)
        const applied = await world.run('github')
        expect(problemsOf(applied)).toEqual([])
        expect(applied.outputs['verification']).toBe('verified')
      } finally {
        await undo?.()
      }
    })
  })
}

function row(name: string, defect: defects.Defect, argocd: Row['argocd'], patless: RegExp): Row {
  return { name, defect, argocd, patless }
}
