"""Builds what Patless builds, by the public clients alone: `write.py part…`, in the order given."""

import sys
import time

from azure.devops.v7_1.graph.models import GraphServicePrincipal
from azure.devops.v7_1.member_entitlement_management.models import AccessLevel, ServicePrincipalEntitlement
from azure.mgmt.containerservice.models import (
    ManagedClusterOIDCIssuerProfile,
    ManagedClusterSecurityProfile,
    ManagedClusterSecurityProfileWorkloadIdentity,
)
from azure.mgmt.kubernetesconfiguration.v2023_05_01.models import PatchExtension
from azure.mgmt.msi.models import FederatedIdentityCredential, Identity
from kubernetes import client as kubernetes
from kubernetes import config

import login

GIT = "2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87"
PROJECT = "52d39943-cb85-4d7f-8fa8-c6baac873819"
GENERIC_READ = 2
VIEW_PROJECT = 1


def configure_cluster():
    found = login.clusters().get(login.group, login.cluster)
    found.oidc_issuer_profile = ManagedClusterOIDCIssuerProfile(enabled=True)
    found.security_profile = found.security_profile or ManagedClusterSecurityProfile()
    found.security_profile.workload_identity = ManagedClusterSecurityProfileWorkloadIdentity(enabled=True)
    login.clusters().begin_create_or_update(login.group, login.cluster, found).result()


def make_identity():
    found = login.clusters().get(login.group, login.cluster)
    msi = login.identities()
    msi.user_assigned_identities.create_or_update(
        login.group, login.identity, Identity(location=found.location)
    )
    trust = FederatedIdentityCredential(
        issuer=found.oidc_issuer_profile.issuer_url, subject=login.subject, audiences=[login.AUDIENCE]
    )
    msi.federated_identity_credentials.create_or_update(login.group, login.identity, "by-python", trust)


def principal_id():
    return login.identities().user_assigned_identities.get(login.group, login.identity).principal_id


def client_id():
    return login.identities().user_assigned_identities.get(login.group, login.identity).client_id


def add_member():
    """A member of the organization, with Basic. @returns its descriptor in the graph"""
    wanted = ServicePrincipalEntitlement(
        access_level=AccessLevel(account_license_type="express", licensing_source="account"),
        service_principal=GraphServicePrincipal(
            origin="aad", origin_id=principal_id(), subject_kind="servicePrincipal"
        ),
    )
    answer = login.devops().get_member_entitlement_management_client().add_service_principal_entitlement(wanted)
    # The service answers 200 even to a failure; this client drops the reason.
    if not answer.is_success:
        raise SystemExit("the organization refuses the member")
    return answer.service_principal_entitlement.service_principal.descriptor


def add_reader():
    descriptor = add_member()
    clients = login.devops()
    found = clients.get_core_client().get_project(login.project)
    graph = clients.get_graph_client()
    scope = graph.get_descriptor(found.id).value
    readers, token = [], None
    # Pages may be empty although more follow.
    while True:
        page = graph.list_groups(scope_descriptor=scope, continuation_token=token)
        readers += [one for one in page.graph_groups or [] if one.display_name == "Readers"]
        token = page.continuation_token
        if not token:
            break
    graph.add_membership(descriptor, readers[0].descriptor)


def allow_repository():
    descriptor = add_member()
    clients = login.devops()
    found = clients.get_git_client().get_repository(login.repository, login.project)
    identity = clients.get_identity_client().read_identities(subject_descriptors=descriptor)[0]
    entry = {"descriptor": identity.descriptor, "allow": GENERIC_READ, "deny": 0, "extendedInfo": {}}
    container = {
        "token": f"repoV2/{found.project.id}/{found.id}",
        "merge": True,
        "accessControlEntries": [entry],
    }
    security = clients.get_security_client()
    security.set_access_control_entries(container, GIT)
    # Repositories of a project that does not show are not there.
    container["token"] = f"$PROJECT:vstfs:///Classification/TeamProject/{found.project.id}"
    container["accessControlEntries"] = [{**entry, "allow": VIEW_PROJECT}]
    security.set_access_control_entries(container, PROJECT)


def make_secret():
    """The repository of Argo CD, which says no password but workload identity."""
    kubernetes.CoreV1Api().create_namespaced_secret(
        login.NAMESPACE,
        kubernetes.V1Secret(
            metadata=kubernetes.V1ObjectMeta(
                name="by-python", labels={"argocd.argoproj.io/secret-type": "repository"}
            ),
            string_data={
                "type": "git",
                "url": login.env["SANDBOX_REPOSITORY_URL"],
                "useAzureWorkloadIdentity": "true",
            },
        ),
    )


def give_pods_the_identity():
    account = {"metadata": {"annotations": {"azure.workload.identity/client-id": client_id()}}}
    kubernetes.CoreV1Api().patch_namespaced_service_account(login.REPO_SERVER, login.NAMESPACE, account)
    labels = {"azure.workload.identity/use": "true"}
    template = {"spec": {"template": {"metadata": {"labels": labels}}}}
    kubernetes.AppsV1Api().patch_namespaced_deployment(login.REPO_SERVER, login.NAMESPACE, template)
    rolled_out()


def configure_extension():
    settings = {"azure.workloadIdentity.enabled": "true", "azure.workloadIdentity.clientId": client_id()}
    login.extensions().begin_update(
        login.group,
        "Microsoft.ContainerService",
        "managedClusters",
        login.cluster,
        "argocd",
        PatchExtension(configuration_settings=settings),
    ).result()
    rolled_out()


def rolled_out():
    """Every pod is one of the new ones and ready, within half a minute."""
    for _ in range(150):
        found = kubernetes.AppsV1Api().read_namespaced_deployment(login.REPO_SERVER, login.NAMESPACE)
        status, wanted = found.status, found.spec.replicas
        observed = status.observed_generation >= found.metadata.generation
        if observed and status.updated_replicas == status.available_replicas == status.replicas == wanted:
            return
        time.sleep(0.2)
    raise SystemExit("the rollout does not end")


PARTS = {
    "cluster": configure_cluster,
    "identity": make_identity,
    "project-readers": add_reader,
    "repository": allow_repository,
    "secret": make_secret,
    "pods": give_pods_the_identity,
    "extension": configure_extension,
}

config.load_kube_config()
for part in sys.argv[1:]:
    PARTS[part]()
