/**
 * The words that the services' own interfaces consist of. What is not among them may be somebody's name or id, and is not
 * written to a recording.
 */

/** Segments of paths, in lower case. */
export const SEGMENTS = new Set(
  `subscriptions resourcegroups providers microsoft.containerservice managedclusters microsoft.managedidentity
  userassignedidentities federatedidentitycredentials microsoft.kubernetesconfiguration extensions operations
  microsoft.authorization permissions locks roleassignments locations operationresults listclusterusercredential
  listclusteradmincredential register _apis projects git repositories graph serviceprincipals storagekeys descriptors
  groups memberships identities serviceprincipalentitlements memberentitlements userentitlements accesscontrolentries
  accesscontrollists securitynamespaces resourceareas refs commits _git _signin info git-upload-pack head objects oauth2
  v2.0 token .well-known openid-configuration discovery keys common instance adfs api apis v1 apps argoproj.io v1alpha1
  v1beta1 namespaces serviceaccounts deployments replicasets statefulsets pods services secrets configmaps events
  applications applicationsets appprojects argocds authorization.k8s.io selfsubjectaccessreviews
  selfsubjectrulesreviews version openid jwks .default`.split(/\s+/)
)

/** Values of a query that are the interface's own. */
export const QUERY_VALUE =
  /^(?:\d{1,4}|\d[\d.]{0,9}(?:-preview(?:\.\d)?)?|20\d\d-\d\d-\d\d(?:-preview)?|true|false|exec|projects|git-upload-pack|NAMESPACE:?|\$COLLECTION:?)$/i

/** Ids that are the same for everybody: applications, security namespaces and areas of Microsoft's services. */
export const PUBLIC_IDS = new Set([
  '499b84ac-1321-427f-aa17-267ca6975798',
  '6dae42f8-4368-4678-94ff-3960e28e3630',
  '2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87',
  '3e65f728-f8bc-4ecd-8764-7e378b19bfa7',
  '52d39943-cb85-4d7f-8fa8-c6baac873819',
  'bb1e7ec9-e901-4b68-999a-de7012b920f8',
  '68ddce18-2501-45f1-a17b-7931a9922690',
  '00000000-0000-0000-0000-000000000000'
])

/** Fields whose values are one of a few words, or a small number, of the interface. */
export const WORD_FIELDS = new Set(
  `accountLicenseType allow apiVersion assignmentSource audience code deny effect error errorCode error_codes
  extensionType grant_type groupType key kind level licenseDisplayName licensingSource metaType msdnLicenseType op origin
  phase powerState protocol provisioningState reason registrationState releaseTrain resource scheme state status
  subjectKind suberror token_type type typeKey typeName unit verb visibility`.split(/\s+/)
)

/** Fields that hold sentences. */
export const TEXT_FIELDS = new Set(
  `message error_description statusMessage customMessage detail details displayStatus value`.split(/\s+/)
)

/** Fields whose keys somebody chose. */
export const MAPS = new Set(
  `labels annotations matchLabels nodeSelector tags data stringData binaryData configurationSettings acesDictionary
  userAssignedIdentities patchOptions`.split(/\s+/)
)

/** Keys of such maps that are the product's, Argo CD's or Kubernetes' own. */
export const MAP_KEY =
  /^(?:url|type|name|project|username|password|useAzureWorkloadIdentity|forceHttpBasicAuth|managed-by|(?:azure\.workload\.identity|argocd\.argoproj\.io|app\.kubernetes\.io|deployment\.kubernetes\.io|kubernetes\.io|patless)\/[a-z-]{1,40})$/

/** Fields that name people, groups or things: what they hold is taken out of every text. */
export const NAME_FIELDS = new Set(
  `displayName principalName mailAddress directoryAlias uniqueName upn unique_name preferred_username email userName
  given_name family_name`.split(/\s+/)
)
