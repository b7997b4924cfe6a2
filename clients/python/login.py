"""The logins: the pipeline's by the OIDC token of its host, a pod's by the token of its service account."""

import os

import requests
from azure.devops.connection import Connection
from azure.identity import ClientAssertionCredential, WorkloadIdentityCredential
from azure.mgmt.containerservice import ContainerServiceClient
from azure.mgmt.kubernetesconfiguration import SourceControlConfigurationClient
from azure.mgmt.msi import ManagedServiceIdentityClient
from msrest.authentication import BasicTokenAuthentication

DEVOPS = "499b84ac-1321-427f-aa17-267ca6975798/.default"
AUDIENCE = "api://AzureADTokenExchange"
NAMESPACE = "argocd"
REPO_SERVER = "argocd-repo-server"

env = os.environ
group, cluster, identity = env["SANDBOX_RESOURCE_GROUP"], env["SANDBOX_CLUSTER"], env["SANDBOX_IDENTITY"]
project, repository = env["SANDBOX_PROJECT"], env["SANDBOX_REPOSITORY_URL"].rsplit("/", 1)[1]
subject = f"system:serviceaccount:{NAMESPACE}:{REPO_SERVER}"
# Entra's instance discovery does not know the twin's authority.
authority = {"authority": env["AZURE_AUTHORITY_HOST"], "disable_instance_discovery": True}


def host_token():
    answer = requests.get(
        env["ACTIONS_ID_TOKEN_REQUEST_URL"],
        params={"audience": AUDIENCE},
        headers={"Authorization": f"Bearer {env['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"},
        timeout=10,
    )
    answer.raise_for_status()
    return answer.json()["value"]


pipeline = ClientAssertionCredential(env["AZURE_TENANT_ID"], env["INPUT_CLIENT-ID"], host_token, **authority)


def pod(client_id, token_file):
    return WorkloadIdentityCredential(
        tenant_id=env["AZURE_TENANT_ID"], client_id=client_id, token_file_path=token_file, **authority
    )


def arm(client):
    return client(
        pipeline,
        env["AZURE_SUBSCRIPTION_ID"],
        base_url=env["AZURE_RESOURCE_MANAGER_URL"],
        credential_scopes=[env["AZURE_RESOURCE_MANAGER_URL"] + "/.default"],
        # Polling interval of long operations, in seconds.
        polling_interval=1,
    )


def clusters():
    return arm(ContainerServiceClient).managed_clusters


def extensions():
    return arm(SourceControlConfigurationClient).extensions


def identities():
    return arm(ManagedServiceIdentityClient)


def devops(credential=pipeline):
    token = {"access_token": credential.get_token(DEVOPS).token}
    organization = f"{env['AZURE_DEVOPS_URL']}/{env['SANDBOX_ORGANIZATION']}"
    return Connection(organization, BasicTokenAuthentication(token)).clients_v7_1
