/** The options of `patless setup`. */
import type { CommandOption } from '../command.ts'

export const FOR_ADMIN = ['azure', 'entra', 'azure-devops', 'kubernetes'] as const

export const OPTIONS = [
  {
    name: 'repository-url',
    kind: 'lines',
    description: 'https URL of the Azure Repos repository that Argo CD reads; repeat it for more.'
  },
  {
    name: 'cluster',
    kind: 'text',
    description: 'Name of the AKS cluster. If left out: the only one, or asked.'
  },
  { name: 'resource-group', kind: 'text', description: 'Resource group of the cluster.' },
  { name: 'subscription-id', kind: 'text', description: 'Subscription of the cluster.' },
  { name: 'tenant-id', kind: 'text', description: 'Tenant, when az is logged in to several.' },
  {
    name: 'argocd-namespace',
    kind: 'text',
    description: 'Namespace of Argo CD. If left out: found in the cluster.'
  },
  {
    name: 'identity-name',
    kind: 'text',
    description: "Argo CD's identity. If left out: id-argocd-<cluster>."
  },
  {
    name: 'identity-resource-group',
    kind: 'text',
    description: 'Resource group of both identities. If left out: that of the cluster.'
  },
  {
    name: 'identity-tenant-id',
    kind: 'text',
    description:
      'Tenant of the organization, if the cluster is in another. If left out: asked from Azure DevOps.'
  },
  {
    name: 'identity-subscription-id',
    kind: 'text',
    description: 'Subscription of the identities. If left out: that of the cluster.'
  },
  {
    name: 'access',
    kind: 'choice',
    choices: ['project-readers', 'repository'],
    default: 'project-readers',
    description: 'What Argo CD may read: the whole project, or the named repositories only.'
  },
  {
    name: 'host',
    kind: 'choice',
    choices: ['github', 'azure-pipelines'],
    description: 'Where the pipeline runs. If left out: where the remote of this checkout is.'
  },
  { name: 'github-repository', kind: 'text', description: 'owner/name of the repository with the workflow.' },
  { name: 'branch', kind: 'text', description: 'The only branch whose jobs may log in.' },
  { name: 'environment', kind: 'text', description: 'The only GitHub environment whose jobs may log in.' },
  { name: 'subject', kind: 'text', description: "Subject of the job's token, where GitHub cannot be asked." },
  { name: 'issuer', kind: 'text', description: 'Issuer of an enterprise with one of its own.' },
  {
    name: 'devops-organization',
    kind: 'text',
    description: 'Azure Pipelines: the organization of the pipeline. If left out: that of this checkout.'
  },
  { name: 'devops-project', kind: 'text', description: 'Azure Pipelines: the project of the pipeline.' },
  {
    name: 'service-connection',
    kind: 'text',
    description: 'Azure Pipelines: name of the connection to make.'
  },
  {
    name: 'login',
    kind: 'choice',
    choices: ['identity', 'application'],
    default: 'identity',
    description: 'What the pipeline logs in as. An application needs the right to register one in Entra.'
  },
  {
    name: 'login-name',
    kind: 'text',
    description: 'Name of that identity or application. If left out: id-patless-<cluster>.'
  },
  {
    name: 'role-name',
    kind: 'text',
    description: 'Name of the custom role. If left out: made from the cluster and the login.'
  },
  {
    name: 'self-service',
    kind: 'boolean',
    description: 'Make the pipeline an administrator of Azure DevOps, so that it adds members itself.'
  },
  { name: 'file', kind: 'text', description: 'Path of the workflow or pipeline file in this checkout.' },
  {
    name: 'replace-file',
    kind: 'boolean',
    description: 'Replace that file even if Patless did not write it.'
  },
  { name: 'yes', kind: 'boolean', description: 'Ask nothing; take what was found, and carry out the plan.' },
  { name: 'dry-run', kind: 'boolean', description: 'Show the plan only.' },
  {
    name: 'print',
    kind: 'boolean',
    description: 'Print the same as a script of az and kubectl; change nothing.'
  },
  {
    name: 'for-admin',
    kind: 'choice',
    choices: FOR_ADMIN,
    description: 'With --print: only what this administrator must run.'
  },
  {
    name: 'output',
    kind: 'choice',
    choices: ['text', 'json'],
    default: 'text',
    description: 'json writes what was found or made to stdout, and nothing else; the log is on stderr.'
  },
  { name: 'remove', kind: 'boolean', description: 'Remove what set-up made.' }
] as const satisfies readonly CommandOption[]

export type OptionName = (typeof OPTIONS)[number]['name']
