/** Each client writes what Patless writes, and Patless finds no drift; and reads what Patless wrote. */
import { describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { runGitHubJob, type JobResult } from '../sandbox/job.ts'
import { findClients } from './parts.ts'
import { useTwin } from '../__tests__/twin.ts'

type Inputs = Readonly<Record<string, string>>

const run = promisify(execFile)
const { go, python } = await findClients(process.env)
const withGo = go === undefined ? describe.skip : describe
const withPython = python === undefined ? describe.skip : describe

const twin = useTwin()

const patless = (mode: string, inputs: Inputs = {}): Promise<JobResult> =>
  runGitHubJob({ environment: twin.environment, inputs: { mode, ...inputs } })

async function applied(inputs: Inputs = {}): Promise<JobResult['outputs']> {
  const { exitCode, stdout, outputs } = await patless('apply', inputs)
  expect(stdout).not.toContain('::error')
  expect(exitCode).toBe(0)
  return outputs
}

/** No drift, and the access is verified. */
async function expectNoDrift(inputs: Inputs = {}): Promise<void> {
  const { exitCode, stdout, outputs } = await patless('check', { ...inputs, verification: 'access' })
  expect(stdout).not.toContain('::error')
  expect(outputs).toMatchObject({ drift: 'false', differences: '[]', verification: 'verified' })
  expect(exitCode).toBe(0)
}

async function client(program: string, args: readonly string[], more: Inputs = {}): Promise<string> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    ...twin.environment,
    // Not the user's home, because the Python client caches its discoveries there.
    HOME: join(twin.temporary, 'home'),
    AZURE_DEVOPS_CACHE_DIR: join(twin.temporary, 'home'),
    PYTHONDONTWRITEBYTECODE: '1',
    ...more
  }
  return (await run(program, [...args], { env, timeout: 45_000 })).stdout
}

withPython('azure-identity, azure-mgmt-*, azure-devops and kubernetes for Python', () => {
  const script = (name: string): string => fileURLToPath(new URL(`python/${name}`, import.meta.url))
  const write = (...parts: string[]): Promise<string> => client(python ?? '', [script('write.py'), ...parts])
  const read = async (): Promise<unknown> => JSON.parse(await client(python ?? '', [script('read.py')]))

  test('write the whole chain', async () => {
    await write('identity', 'project-readers', 'secret', 'pods')
    await expectNoDrift()
  })

  test('write the whole chain with access to one repository', async () => {
    await write('identity', 'repository', 'secret', 'pods')
    await expectNoDrift({ access: 'repository' })
  })

  test('configure the cluster', async () => {
    twin.defect('issuer-disabled')
    twin.defect('workload-identity-disabled')
    expect((await patless('check')).exitCode).not.toBe(0)
    await write('cluster', 'identity', 'project-readers', 'secret', 'pods')
    await expectNoDrift()
  })

  test('configure the extension of Argo CD', async () => {
    twin.defect('extension-install')
    await write('identity', 'project-readers', 'secret', 'extension')
    await expectNoDrift()
  })

  test('read what was written', async () => {
    const outputs = await applied()
    expect(await read()).toMatchObject({
      cluster: {
        issuer: outputs['oidc-issuer-url'],
        workloadIdentity: true,
        kubeconfigs: ['clusterUser']
      },
      identity: {
        clientId: outputs['client-id'],
        principalId: outputs['principal-id'],
        tenantId: outputs['tenant-id'],
        tags: { 'managed-by': 'patless' },
        credentials: [
          {
            issuer: outputs['oidc-issuer-url'],
            subject: outputs['subject'],
            audiences: ['api://AzureADTokenExchange']
          }
        ]
      },
      member: {
        licence: 'express',
        status: 'active',
        active: true,
        groups: ['[shop]\\Readers'],
        projects: { shop: 'projectReader' },
        repositoryBits: [],
        projectBits: []
      },
      project: { id: twin.azure.ids.projectId, sourceControl: 'Git' },
      extensions: [],
      commit: expect.stringMatching(/^[0-9a-f]{40}$/)
    })
  })

  test('read what was written for one repository', async () => {
    await applied({ access: 'repository' })
    expect(await read()).toMatchObject({
      member: { groups: [], projects: {}, repositoryBits: ['GenericRead'], projectBits: ['GENERIC_READ'] },
      commit: expect.stringMatching(/^[0-9a-f]{40}$/)
    })
  })

  test('read what was configured of the cluster and of the extension', async () => {
    twin.defect('extension-install')
    twin.defect('workload-identity-disabled')
    const outputs = await applied({ 'configure-cluster': 'true' })
    expect(await read()).toMatchObject({
      cluster: { workloadIdentity: true },
      extensions: [
        {
          type: 'microsoft.argocd',
          settings: {
            'azure.workloadIdentity.enabled': 'true',
            'azure.workloadIdentity.clientId': outputs['client-id']
          }
        }
      ]
    })
  })

  test.each([
    ['arm-reader-only', 'identity', 'AuthorizationFailed'],
    ['devops-not-admin', 'repository', 'the organization refuses the member']
  ])('understand the refusal of %s', async (defect, part, words) => {
    await applied()
    twin.defect(defect)
    await expect(write(part)).rejects.toThrow(words)
  })
})

withGo('azure-devops-go-api', () => {
  const call = async (outputs: Inputs, ...args: string[]): Promise<string> =>
    client(go ?? '', args, {
      PRINCIPAL_ID: outputs['principal-id'] ?? '',
      DEVOPS_TOKEN: await twin.azure.tokenFor(twin.azure.ids.deployerClientId)
    })
  const read = async (outputs: Inputs): Promise<unknown> => JSON.parse(await call(outputs, 'read'))

  test.each(['project-readers', 'repository'])('writes the member with access: %s', async (access) => {
    const outputs = await applied({ access })
    // Removed explicitly, because access control entries outlive their member.
    twin.defect('not-a-reader')
    twin.defect('not-a-member')
    expect((await patless('check', { access })).outputs['drift']).toBe('true')
    await call(outputs, 'write', access)
    await expectNoDrift({ access })
  })

  test('reads what was written', async () => {
    expect(await read(await applied())).toEqual({
      licence: 'express',
      status: 'active',
      groups: ['[shop]\\Readers'],
      projects: { shop: 'projectReader' },
      repositoryBits: [],
      projectBits: [],
      sourceControl: 'Git'
    })
  })

  test('reads what was written for one repository', async () => {
    expect(await read(await applied({ access: 'repository' }))).toMatchObject({
      groups: [],
      projects: {},
      repositoryBits: ['GenericRead'],
      projectBits: ['GENERIC_READ']
    })
  })

  test('understands refusals', async () => {
    const outputs = await applied()
    await expect(call({ 'principal-id': 'nobody' }, 'write', 'project-readers')).rejects.toThrow(
      "Failed to create service principal with object ID 'nobody'"
    )
    twin.defect('devops-not-admin')
    await expect(call(outputs, 'write', 'repository')).rejects.toThrow('Access Denied')
  })
})
