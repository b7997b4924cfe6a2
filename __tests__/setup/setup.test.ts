/** Set-up with a person's az login, and what a pipeline can then do with it. */
import { expect, test } from '@jest/globals'
import { personAt, setUp } from '../../sandbox/person.ts'
import { useWorld } from '../world.ts'
import { done, FILE, inputsIn, optionsFor } from './pipeline.ts'

const world = useWorld()

test('from nothing: set-up, then apply and check with exactly what it made', async () => {
  const person = personAt(world.twin)
  const { log } = await done(world, person)
  expect(log).toContain('which takes one Basic license')
  expect(log).toMatch(
    /Would create 11, change 0, delete 0[.][\s\S]*Creating the identity id-patless-aks-gitops/
  )
  const inputs = inputsIn(person)
  const { outputs, findings } = await world.apply(inputs)
  expect(findings.filter(({ id }) => id !== 'verification/other-namespaces-unseen')).toEqual([])
  expect(outputs).toMatchObject({ verification: 'verified', drift: 'false', changed: 'true' })
  expect((await world.check(inputs)).outputs).toMatchObject({ verification: 'verified', drift: 'false' })
})

test('the plan alone changes nothing', async () => {
  const { log, exitCode } = await setUp(personAt(world.twin), optionsFor(world, { 'dry-run': 'true' }))
  expect(exitCode).toBe(0)
  expect(log).toContain('+ custom role Patless aks-gitops')
  expect(world.writes()).toEqual([])
})

test('without --yes it asks, and takes no for an answer', async () => {
  const options = optionsFor(world, { yes: 'false' })
  const person = personAt(world.twin)
  await expect(setUp(person, options, () => '')).rejects.toThrow(
    'The plan was declined; nothing was changed.'
  )
  await expect(setUp(person, options)).rejects.toThrow('Nobody confirmed the plan; nothing was changed.')
  expect(world.writes()).toEqual([])
  const { questions, exitCode } = await setUp(person, options, (question) =>
    question.startsWith('Carry it out') ? 'yes' : ''
  )
  expect(exitCode).toBe(0)
  expect(questions).toEqual([
    'AKS cluster [aks-gitops]: ',
    'resource group of aks-gitops [rg-gitops]: ',
    expect.stringMatching(/^subscription of aks-gitops \[/),
    'Where the pipeline runs (github, azure-pipelines) [github]: ',
    'branch whose jobs may log in [main]: ',
    'GitHub repository of the workflow (owner/name) [contoso/platform]: ',
    'identity of the pipeline [id-patless-aks-gitops]: ',
    `file to write [${FILE}]: `,
    'Carry it out? [y/N] '
  ])
})

test('an answer that cannot be used is asked for again', async () => {
  let asked = 0
  const person = personAt(world.twin)
  const { log } = await setUp(person, optionsFor(world, { yes: 'false' }), (question) => {
    if (question.startsWith('Carry it out')) return 'y'
    if (!question.startsWith('identity of the pipeline')) return ''
    asked += 1
    return asked === 1 ? 'id-argocd-aks-gitops' : 'id-pipeline'
  })
  expect(log).toContain("Argo CD's identity has this name; the pipeline needs one of its own.")
  expect(log).toContain('created   id-pipeline, ')
})
