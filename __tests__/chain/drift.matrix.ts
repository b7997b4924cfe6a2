/** The other drifts of credential, connection and workload, where a person or a tool can do most by hand. */
import { useWorld } from '../world.ts'
import { describeBlocks, describeBroken, describeDrift } from './cases.ts'

const world = useWorld()
const connection = { world, resource: 'connection' } as const
const workload = { world, resource: 'workload' } as const

describeDrift(connection, [
  ['secret-deleted', /repository Secret/],
  ['secret-flag-yes', /useAzureWorkloadIdentity/],
  ['secret-type-helm', /type/],
  ['secret-url-slash', /repository Secret/]
])

describeBlocks(connection, [
  ['secret-duplicate-pat', /Two Secrets/, /delete one/],
  ['secret-project', /for project team-a only/, /argocd-project: team-a to connect/]
])

describeBroken({ world, place: 'connection' }, [
  ['secret-project', /is connected for project team-a only/],
  ['secret-flag-yes', /useAzureWorkloadIdentity/],
  ['secret-duplicate-pat', /Two Secrets/],
  ['secret-in-other-namespace', /repository Secret/],
  ['secret-deleted+template-pat-org', /repository Secret is missing/],
  ['secret-deleted+template-project-pat', /repository Secret is missing/]
])

describeDrift(workload, [
  ['annotation-wrong-client', /annotation .*client-id/],
  ['annotation-wrong-tenant', /annotation .*tenant-id/],
  ['label-removed', /pod template label/],
  ['label-capital', /pod template label/],
  ['label-on-deployment-only', /pod template label/],
  ['pod-stale', /pod .* AZURE_CLIENT_ID/]
])

describeBlocks(workload, [
  ['env-set-by-hand', /AZURE_CLIENT_ID is set by hand/, /set env/],
  ['client-secret-on-pod', /AZURE_CLIENT_SECRET/, /set env/]
])

describeBroken({ world, place: 'workload' }, [
  ['label-on-deployment-only', /pod template label/],
  ['label-boolean-typo', /pod template label/],
  ['pod-older-than-annotation', /AZURE_CLIENT_ID/],
  ['one-replica-stale', /AZURE_CLIENT_ID/],
  ['sa-annotation-object-id', /annotation .*client-id/],
  ['skip-containers', /makes the webhook skip the container/],
  ['identity-binding', /identity bindings/],
  ['env-from-secret', /AZURE_CLIENT_ID is set by hand/],
  ['client-secret-on-pod', /AZURE_CLIENT_SECRET/]
])

describeDrift({ world, resource: 'federated-credential' }, [
  ['credential-subject', /subject/],
  ['credential-issuer-other', /issuer/],
  ['credential-audience', /audiences/],
  ['credential-deleted', /federated credential/],
  ['identity-recreated', /federated credential/],
  ['helm-install', /federated credential|subject/]
])
