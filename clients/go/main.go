// Does in Azure DevOps what Patless does, with azure-devops-go-api only: `clients write project-readers`,
// `clients write repository`, or `clients read`, which prints what it sees as one JSON object.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/google/uuid"
	"github.com/microsoft/azure-devops-go-api/azuredevops/v7"
	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/core"
	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/git"
	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/graph"
	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/identity"
	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/licensing"
	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/memberentitlementmanagement"
	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/security"
)

const (
	genericRead = 2
	viewProject = 1
)

var (
	ctx              = context.Background()
	gitNamespace     = uuid.MustParse("2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87")
	projectNamespace = uuid.MustParse("52d39943-cb85-4d7f-8fa8-c6baac873819")
	principalID      = os.Getenv("PRINCIPAL_ID")
	projectName      = os.Getenv("SANDBOX_PROJECT")
	connection       = &azuredevops.Connection{
		AuthorizationString:     "Bearer " + os.Getenv("DEVOPS_TOKEN"),
		BaseUrl:                 os.Getenv("AZURE_DEVOPS_URL") + "/" + os.Getenv("SANDBOX_ORGANIZATION"),
		SuppressFedAuthRedirect: true,
	}
)

func main() {
	switch strings.Join(os.Args[1:], " ") {
	case "write project-readers":
		addMembership(addMember(), readers())
	case "write repository":
		allowRepository(addMember())
	case "read":
		must(0, json.NewEncoder(os.Stdout).Encode(read()))
	default:
		fail("usage: clients write project-readers|repository, clients read")
	}
}

// addMember makes the service principal a member of the organization, with Basic, and returns its descriptor.
func addMember() string {
	express, account := licensing.AccountLicenseType("express"), licensing.LicensingSource("account")
	answer := must(entitlements().AddServicePrincipalEntitlement(ctx, memberentitlementmanagement.AddServicePrincipalEntitlementArgs{
		ServicePrincipalEntitlement: &memberentitlementmanagement.ServicePrincipalEntitlement{
			AccessLevel: &licensing.AccessLevel{AccountLicenseType: &express, LicensingSource: &account},
			ServicePrincipal: &graph.GraphServicePrincipal{
				Origin: pointer("aad"), OriginId: &principalID, SubjectKind: pointer("servicePrincipal"),
			},
		},
	}))
	// The service answers 200 even to a failure.
	if !*answer.IsSuccess {
		fail(string(must(json.Marshal(answer.OperationResult.Errors))))
	}
	return *answer.ServicePrincipalEntitlement.ServicePrincipal.Descriptor
}

func addMembership(member, group string) {
	must(graphClient().AddMembership(ctx, graph.AddMembershipArgs{SubjectDescriptor: &member, ContainerDescriptor: &group}))
}

// readers returns the descriptor of the project's Readers.
func readers() string {
	id := project().Id
	scope := must(graphClient().GetDescriptor(ctx, graph.GetDescriptorArgs{StorageKey: id})).Value
	args := graph.ListGroupsArgs{ScopeDescriptor: scope}
	for {
		page := must(graphClient().ListGroups(ctx, args))
		for _, one := range *page.GraphGroups {
			if *one.DisplayName == "Readers" {
				return *one.Descriptor
			}
		}
		// Pages may be empty although more follow.
		if page.ContinuationToken == nil || len(*page.ContinuationToken) == 0 || (*page.ContinuationToken)[0] == "" {
			fail("the project has no Readers")
		}
		args.ContinuationToken = &(*page.ContinuationToken)[0]
	}
}

// allowRepository writes two entries: repositories of a project that does not show are not there.
func allowRepository(member string) {
	allow(member, gitNamespace, repositoryToken(), genericRead)
	allow(member, projectNamespace, projectToken(), viewProject)
}

func allow(member string, namespace uuid.UUID, token string, bits int) {
	deny := 0
	must(securityClient().SetAccessControlEntries(ctx, security.SetAccessControlEntriesArgs{
		SecurityNamespaceId: &namespace,
		Container: map[string]any{
			"token": token,
			"merge": true,
			"accessControlEntries": []security.AccessControlEntry{
				{Descriptor: legacyDescriptor(member), Allow: &bits, Deny: &deny},
			},
		},
	}))
}

func read() map[string]any {
	member := found()
	key := must(graphClient().GetStorageKey(ctx, graph.GetStorageKeyArgs{SubjectDescriptor: &member})).Value
	entitlement := must(entitlements().GetServicePrincipalEntitlement(ctx, memberentitlementmanagement.GetServicePrincipalEntitlementArgs{ServicePrincipalId: key}))
	memberships := must(graphClient().ListMemberships(ctx, graph.ListMembershipsArgs{SubjectDescriptor: &member}))
	groups := []string{}
	for _, one := range *memberships {
		group := must(graphClient().GetGroup(ctx, graph.GetGroupArgs{GroupDescriptor: one.ContainerDescriptor}))
		must(graphClient().GetStorageKey(ctx, graph.GetStorageKeyArgs{SubjectDescriptor: one.ContainerDescriptor}))
		groups = append(groups, *group.PrincipalName)
	}
	projects := map[string]string{}
	for _, one := range *entitlement.ProjectEntitlements {
		projects[*one.ProjectRef.Name] = string(*one.Group.GroupType)
	}
	return map[string]any{
		"licence":        entitlement.AccessLevel.AccountLicenseType,
		"status":         entitlement.AccessLevel.Status,
		"groups":         groups,
		"projects":       projects,
		"repositoryBits": bitsAt(gitNamespace, repositoryToken(), member),
		"projectBits":    bitsAt(projectNamespace, projectToken(), member),
		"sourceControl":  (*project().Capabilities)["versioncontrol"]["sourceControlType"],
	}
}

// found returns the descriptor of the service principal, from all that the organization has.
func found() string {
	page := must(graphClient().ListServicePrincipals(ctx, graph.ListServicePrincipalsArgs{}))
	for _, one := range *page.GraphServicePrincipals {
		if *one.OriginId == principalID {
			return *one.Descriptor
		}
	}
	fail("no member has the object id " + principalID)
	return ""
}

// bitsAt is what an access control list allows the member itself, by the names of the security namespace.
func bitsAt(namespace uuid.UUID, token string, member string) []string {
	extended := true
	lists := must(securityClient().QueryAccessControlLists(ctx, security.QueryAccessControlListsArgs{
		SecurityNamespaceId: &namespace, Token: &token, Descriptors: legacyDescriptor(member), IncludeExtendedInfo: &extended,
	}))
	namespaces := must(securityClient().QuerySecurityNamespaces(ctx, security.QuerySecurityNamespacesArgs{SecurityNamespaceId: &namespace}))
	names := []string{}
	for _, list := range *lists {
		for _, entry := range *list.AcesDictionary {
			for _, action := range *(*namespaces)[0].Actions {
				if *entry.Allow&*action.Bit != 0 {
					names = append(names, *action.Name)
				}
			}
		}
	}
	return names
}

func repositoryToken() string {
	url := os.Getenv("SANDBOX_REPOSITORY_URL")
	name := url[strings.LastIndex(url, "/")+1:]
	repository := must(must(git.NewClient(ctx, connection)).GetRepository(ctx, git.GetRepositoryArgs{RepositoryId: &name, Project: &projectName}))
	return fmt.Sprintf("repoV2/%s/%s", repository.Project.Id, repository.Id)
}

func projectToken() string {
	return "$PROJECT:vstfs:///Classification/TeamProject/" + project().Id.String()
}

// legacyDescriptor is how access control entries name the member.
func legacyDescriptor(member string) *string {
	client := must(identity.NewClient(ctx, connection))
	return (*must(client.ReadIdentities(ctx, identity.ReadIdentitiesArgs{SubjectDescriptors: &member})))[0].Descriptor
}

func project() *core.TeamProject {
	capabilities := true
	return must(must(core.NewClient(ctx, connection)).GetProject(ctx, core.GetProjectArgs{ProjectId: &projectName, IncludeCapabilities: &capabilities}))
}

func graphClient() graph.Client { return must(graph.NewClient(ctx, connection)) }

func entitlements() memberentitlementmanagement.Client {
	return must(memberentitlementmanagement.NewClient(ctx, connection))
}

func securityClient() security.Client { return security.NewClient(ctx, connection) }

func must[T any](value T, err error) T {
	if err != nil {
		fail(err)
	}
	return value
}

func fail(why any) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}

func pointer[T any](value T) *T { return &value }
