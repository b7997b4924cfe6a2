/** What the texts of the inputs must match. */
export const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i
export const RESOURCE_GROUP = /^[\p{L}\p{N}_().-]{0,89}[\p{L}\p{N}_()-]$/u
/** A DNS label: namespaces of Kubernetes. */
export const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
/** A DNS subdomain: names of most objects of Kubernetes. */
export const OBJECT_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/
/** Microsoft.ManagedIdentity: 3 to 128 letters, digits, - and _, the first a letter or digit. */
export const IDENTITY_NAME = /^[a-z0-9][\w-]{2,127}$/i
export const ISSUER = /^https:\/\/[a-z0-9.-]+(?::\d+)?(?:\/[^\s?#]*)?$/i
/** Of an object of Kubernetes; `*`: all projects. */
export const ARGOCD_PROJECT = /^(?:\*|[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)$/
/** As in `az account list-locations`, by either of its names. */
export const REGION = /^[a-z0-9]+(?: [a-z0-9]+)*$/i
