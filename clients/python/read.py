"""Tells what the public clients see of the chain, as one JSON object; and reads the repository as the pods do."""

import json
import os
import tempfile

from kubernetes import client as kubernetes
from kubernetes import config

import login

GIT = "2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87"
PROJECT = "52d39943-cb85-4d7f-8fa8-c6baac873819"


def cluster():
    found = login.clusters().get(login.group, login.cluster)
    credentials = login.clusters().list_cluster_user_credentials(login.group, login.cluster)
    return {
        "issuer": found.oidc_issuer_profile.issuer_url,
        "workloadIdentity": found.security_profile.workload_identity.enabled,
        "kubeconfigs": [one.name for one in credentials.kubeconfigs],
    }


def identity():
    msi = login.identities()
    found = msi.user_assigned_identities.get(login.group, login.identity)
    trusts = msi.federated_identity_credentials.list(login.group, login.identity)
    return {
        "clientId": found.client_id,
        "principalId": found.principal_id,
        "tenantId": found.tenant_id,
        "tags": found.tags,
        "credentials": [
            {"issuer": one.issuer, "subject": one.subject, "audiences": one.audiences} for one in trusts
        ],
    }


def member(principal_id):
    clients = login.devops()
    graph = clients.get_graph_client()
    # Two ways to find the same member: the list of service principals, and the descriptor from its storage key.
    found = next(
        one
        for one in graph.list_service_principals().graph_service_principals
        if one.origin_id == principal_id
    )
    key = graph.get_storage_key(found.descriptor).value
    assert graph.get_descriptor(key).value == found.descriptor
    entitlements = clients.get_member_entitlement_management_client()
    own = entitlements.get_service_principal_entitlement(key)
    return {
        "licence": own.access_level.account_license_type,
        "status": own.access_level.status,
        "active": graph.get_membership_state(found.descriptor).active,
        "groups": [group(graph, one.container_descriptor) for one in graph.list_memberships(found.descriptor)],
        "projects": {one.project_ref.name: one.group.group_type for one in own.project_entitlements},
        "repositoryBits": bits_at(clients, found.descriptor, GIT),
        "projectBits": bits_at(clients, found.descriptor, PROJECT),
    }


def group(graph, descriptor):
    found = graph.get_group(descriptor)
    # A group also has a storage key, and lists its members.
    key = graph.get_storage_key(descriptor).value
    assert graph.get_descriptor(key).value == descriptor
    assert graph.list_memberships(descriptor, direction="down")
    return found.principal_name


def bits_at(clients, descriptor, namespace):
    """What an access control list allows the member itself, by the names of the security namespace."""
    own = clients.get_identity_client().read_identities(subject_descriptors=descriptor)[0].descriptor
    found = clients.get_git_client().get_repository(login.repository, login.project)
    tokens = {
        GIT: f"repoV2/{found.project.id}/{found.id}",
        PROJECT: f"$PROJECT:vstfs:///Classification/TeamProject/{found.project.id}",
    }
    security = clients.get_security_client()
    names = {one.bit: one.name for one in security.query_security_namespaces(namespace)[0].actions}
    lists = security.query_access_control_lists(
        namespace,
        token=tokens[namespace],
        descriptors=own,
        include_extended_info=True,
        recurse=False,
    )
    entries = [one for acl in lists or [] for one in acl.aces_dictionary.values()]
    return [name for bit, name in names.items() for one in entries if one.allow & bit]


def project():
    found = login.devops().get_core_client().get_project(login.project, include_capabilities=True)
    return {"id": found.id, "sourceControl": found.capabilities["versioncontrol"]["sourceControlType"]}


def extension():
    found = login.extensions().list(
        login.group, "Microsoft.ContainerService", "managedClusters", login.cluster
    )
    return [{"type": one.extension_type, "settings": one.configuration_settings} for one in found]


def commit(client_id):
    """The newest commit, read with the token of a pod's service account and nothing else."""
    spec = kubernetes.V1TokenRequestSpec(audiences=[login.AUDIENCE], expiration_seconds=600)
    token = kubernetes.CoreV1Api().create_namespaced_service_account_token(
        login.REPO_SERVER, login.NAMESPACE, kubernetes.AuthenticationV1TokenRequest(spec=spec)
    )
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "token")
        with open(file, "w", encoding="utf8") as opened:
            opened.write(token.status.token)
        git = login.devops(login.pod(client_id, file)).get_git_client()
        return git.get_refs(login.repository, login.project, filter="heads/main")[0].object_id


config.load_kube_config()
seen = identity()
print(
    json.dumps(
        {
            "cluster": cluster(),
            "identity": seen,
            "member": member(seen["principalId"]),
            "project": project(),
            "extensions": extension(),
            "commit": commit(seen["clientId"]),
        }
    )
)
