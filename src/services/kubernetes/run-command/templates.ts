/**
 * What kubectl prints of an object, as Go templates (kubectl's `-o go-template`): one line of JSON per object, in which
 * every text is percent-encoded, so that no text of the cluster can look like the end of a line, of a text or of an
 * answer. Azure keeps what a command prints, so nothing is printed that nobody here reads, and never the value of a
 * Secret that may be a credential.
 */

/** Of a Secret with Argo CD's label: what decides how Argo CD reads. A value in them is no URL and no credential. */
const WORDS = [
  ['type', 'project', 'noProxy', 'name', 'enableLfs', 'enableOCI', 'insecure', 'insecureIgnoreHostKey'],
  ['insecureOCIForceHttp', 'forceHttpBasicAuth', 'useAzureWorkloadIdentity', 'depth', 'githubAppID'],
  ['githubAppInstallationID', 'webhookManifestCacheWarmDisabled']
].flat()
/** Of those, what may be any text; the others are short (Argo CD parses them), and a longer one is a misplaced text. */
const TEXTS: ReadonlySet<string> = new Set(['project', 'noProxy', 'name'])
/** Base64, in characters: 18 bytes. No token is that short. */
const LONGEST_WORD = 24
/** Printed without user part and query. */
const URLS = ['url', 'proxy', 'repoURL', 'githubAppEnterpriseBaseUrl', 'azureActiveDirectoryEndpoint']
/** Where the Secrets of others, which Argo CD does not read, are for Azure Repos. */
const AZURE_REPOS = 'https://dev.azure.com/'

/** Annotations of Secrets whose value is read; of the others only the name is. */
const NOTES = [
  'argocd.argoproj.io/tracking-id',
  'meta.helm.sh/release-name',
  'meta.helm.sh/release-namespace',
  'sealedsecrets.bitnami.com/managed'
]
const OWN_NOTES = 'patless/'

/** Variables of containers whose value is read. */
const VARIABLES = [
  ['AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_FEDERATED_TOKEN_FILE', 'AZURE_AUTHORITY_HOST'],
  ['AZURE_TOKEN_CREDENTIALS', 'HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'],
  ['https_proxy', 'http_proxy', 'no_proxy']
].flat()

/** What kubectl applied: a copy of the object, in a Secret with its values. */
const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** How the values of a Secret are marked. */
export const MARK = { text: 't', base64: 'b', filled: 'f', empty: 'e' } as const

const among = (variable: string, names: readonly string[]): string =>
  `eq ${variable} ${names.map((name) => JSON.stringify(name)).join(' ')}`
/** A map. `print` prints those of its fields that are wanted, from $k and $v. */
const fields = (print: string, of = '.'): string =>
  `{{"{"}}{{$c := ""}}{{range $k, $v := ${of}}}${print}{{end}}}`
const field = (value: string): string => `{{$c}}"{{urlquery $k}}":${value}{{$c = ","}}`

const ANY = `{{define "v"}}{{$t := printf "%T" .}}{{if eq $t "map[string]interface {}"}}${fields(
  `{{if eq $k "env"}}${field('{{template "e" $v}}')}{{else}}${field('{{template "v" $v}}')}{{end}}`
)}{{else if eq $t "[]interface {}"}}[{{range $i, $v := .}}{{if $i}},{{end}}{{template "v" $v}}{{end}}]{{else if eq $t "string"}}"{{urlquery .}}"{{else if eq $t "<nil>"}}null{{else}}{{.}}{{end}}{{end}}`

/** Variables of a container: their names, and few of their values. */
const ENVIRONMENT = `{{define "e"}}{{if eq (printf "%T" .) "[]interface {}"}}[{{range $i, $one := .}}{{if $i}},{{end}}${fields(
  `{{if or (ne $k "value") (${among('$one.name', VARIABLES)})}}${field('{{template "v" $v}}')}{{end}}`,
  '$one'
)}{{end}}]{{else}}null{{end}}{{end}}`

const metadata = (more: string): string =>
  `{{define "m"}}${fields(
    `{{if eq $k "annotations"}}${field('{{template "a" $v}}')}{{else${more}}}${field('{{template "v" $v}}')}{{end}}`
  )}{{end}}`
const ANNOTATIONS = `{{define "a"}}${fields(`{{if ne $k "${APPLIED}"}}${field('{{template "v" $v}}')}{{end}}`)}{{end}}`
const ANNOTATIONS_OF_SECRETS = `{{define "a"}}${fields(
  `{{if or (eq (printf "%.${OWN_NOTES.length}s" $k) "${OWN_NOTES}") (${among('$k', NOTES)})}}${field('"{{urlquery $v}}"')}{{else}}${field('""')}{{end}}`
)}{{end}}`

/** An object without the fields `left`; those in `emptied`, at any depth, are there without content. */
function object(left: readonly string[] = [], emptied: readonly string[] = []): string {
  const value =
    emptied.length === 0
      ? '{{template "v" $v}}'
      : `{{if ${among('$k', emptied)}}}{}{{else}}{{template "w" $v}}{{end}}`
  const printed = `{{if eq $k "metadata"}}${field('{{template "m" $v}}')}{{else}}${field(value)}{{end}}`
  const kept = left.length === 0 ? printed : `{{if ${among('$k', left)}}}{{else}}${printed}{{end}}`
  return `{{define "o"}}${fields(kept)}{{end}}`
}

/** As `v`, without some fields and with others emptied: of Applications. */
function narrowed(left: readonly string[], emptied: readonly string[]): string {
  return `{{define "w"}}{{$t := printf "%T" .}}{{if eq $t "map[string]interface {}"}}${fields(
    `{{if ${among('$k', left)}}}{{else if ${among('$k', emptied)}}}${field('{}')}{{else}}${field('{{template "w" $v}}')}{{end}}`
  )}{{else if eq $t "[]interface {}"}}[{{range $i, $v := .}}{{if $i}},{{end}}{{template "w" $v}}{{end}}]{{else}}{{template "v" .}}{{end}}{{end}}`
}

const SECRET = ((): string => {
  const short = `{{if gt (len $v) ${LONGEST_WORD}}}"${MARK.filled}"{{else}}"${MARK.base64}{{urlquery $v}}"{{end}}`
  const words = WORDS.filter((key) => !TEXTS.has(key))
  const labelled = `{{if ${among('$k', [...TEXTS])}}}${field(`"${MARK.base64}{{urlquery $v}}"`)}{{else if ${among('$k', words)}}}${field(short)}{{else if ${among('$k', URLS)}}}${field(`"${MARK.text}{{urlquery (base64decode $v)}}"`)}{{else}}${field(`"${MARK.filled}"`)}{{end}}`
  const others = `{{if and (${among('$k', ['url', 'repoURL'])}) (eq (printf "%.${AZURE_REPOS.length}s" (base64decode $v)) "${AZURE_REPOS}")}}${field(`"${MARK.text}{{urlquery (base64decode $v)}}"`)}{{else}}${field(`"${MARK.filled}"`)}{{end}}`
  const value = `{{if eq $v ""}}${field(`"${MARK.empty}"`)}{{else if $argo}}${labelled}{{else}}${others}{{end}}`
  const data = `{{define "d"}}{{$argo := false}}{{with .metadata.labels}}{{with index . "argocd.argoproj.io/secret-type"}}{{$argo = ne . "cluster"}}{{end}}{{end}}${fields(value, '.data')}{{end}}`
  const kept = ['apiVersion', 'kind', 'type', 'immutable']
  return `${data}{{define "o"}}{{$s := .}}${fields(
    `{{if eq $k "metadata"}}${field('{{template "m" $v}}')}{{else if eq $k "data"}}${field('{{template "d" $s}}')}{{else if ${among('$k', kept)}}}${field('{{template "v" $v}}')}{{end}}`
  )}{{end}}`
})()

const UNREAD_OF_APPLICATIONS = ['resources', 'history', 'operationState', 'summary']
const RENDERING = ['helm', 'kustomize', 'plugin']
/** Who wrote which field: of Applications nobody asks. */
const WITHOUT_BOOKS = metadata(' if ne $k "managedFields"')

/** @param plural of the resource. @param name of one object, whose content may depend on it */
export function templateOf(plural: string, name?: string): string {
  if (plural === 'secrets') return ANY + ENVIRONMENT + metadata('') + ANNOTATIONS_OF_SECRETS + SECRET
  const base = ANY + ENVIRONMENT + ANNOTATIONS
  if (plural === 'applications')
    return (
      base +
      WITHOUT_BOOKS +
      narrowed(UNREAD_OF_APPLICATIONS, RENDERING) +
      object(UNREAD_OF_APPLICATIONS, RENDERING)
    )
  if (plural === 'applicationsets') return base + WITHOUT_BOOKS + object(['status'])
  // Of Argo CD's own settings only their existence is read.
  if (plural === 'configmaps' && name === 'argocd-cm')
    return base + metadata('') + object(['data', 'binaryData'])
  return base + metadata('') + object()
}

/**
 * @param after the place of the last object that is known: `namespace/name`, as objects are sorted
 * @returns the template of a list
 */
export function listTemplate(plural: string, after: string): string {
  const place = `{{$p := printf "%s/%s" (or .metadata.namespace "") .metadata.name}}`
  return `${templateOf(plural)}{{range .items}}${place}{{if gt $p ${JSON.stringify(after)}}}{{template "o" .}}{{"\\n"}}{{end}}{{end}}`
}

/** The template of one object. */
export function objectTemplate(plural: string, name: string): string {
  return `${templateOf(plural, name)}{{template "o" .}}{{"\\n"}}`
}
