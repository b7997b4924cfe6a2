/** Argo CD says no, or cannot be asked: a first apply is not verified, and says why. */
import { describe, expect, test } from '@jest/globals'
import { passTime, resetTime } from '../../../sandbox/clock.ts'
import type { Forgery } from '../../../sandbox/journal.ts'
import { useWorld } from '../../world.ts'

/** Of a proof, in ms. */
const TIMEOUT = 300_000

const world = useWorld()

describe('a first apply is not verified', () => {
  test.each([
    ['argocd-controller-down', 'failed', /does not answer a refresh/],
    ['egress-entra-blocked', 'failed', /cannot reach Entra or Azure DevOps/],
    ['egress-devops-blocked', 'failed', /cannot reach Entra or Azure DevOps/],
    ['client-secret-from-secret', 'failed', /client secret in the environment/],
    ['project-denies-source', 'inconclusive', /AppProject default does not permit/],
    ['project-denies-destination', 'inconclusive', /does not accept the destination/],
    ['in-cluster-disabled', 'inconclusive', /does not accept the destination/],
    ['application-on-repository+project-denies-source', 'inconclusive', /AppProject default does not permit/]
  ])('%s: %s', async (defects, verification, what) => {
    for (const defect of defects.split('+')) world.twin.defect(defect)
    if (defects === 'argocd-controller-down') {
      // Nobody will answer: all the time passes while it is looked for the second time.
      const forge: Forgery['forge'] = (_call, real) => {
        passTime(TIMEOUT / 2)
        return real()
      }
      const path = '/applications/patless-probe'
      world.twin.journal.forge({ service: 'kubernetes', method: 'GET', path, times: 2, forge })
    }
    const report = await world.apply().finally(resetTime)
    expect(report.outputs.verification).toBe(verification)
    expect(report.verdict.exitCode).toBe(1)
    const named = report.findings.filter((one) => one.verification === 'argocd').map((one) => one.summary)
    expect(named.join('\n')).toMatch(what)
    expect(report.verifications.access?.result).toBe('verified')
  })
})
