/**
 * What Argo CD was doing when it complained, by the beginning of its text. Each text has a near miss: the same words
 * further back, where they may be the name of a branch, a path or a chart.
 */
import { describe, expect, test } from '@jest/globals'
import type { Phase } from '../../src/core/answered.ts'
import { phaseOf, type Ours } from '../../src/diagnosis/argocd-phases.ts'

const OURS = 'https://dev.azure.com/contoso/platform/_git/deploy'
const OTHER = 'https://charts.example.com/stable'

/** Of twelve sources the eleventh is ours; there is no thirteenth. */
const ours: Ours = {
  isSource: (number, of) => (number > of || number < 1 ? undefined : number === 11 && of === 12),
  isUrl: (url) => url === OURS
}

const TARGET = 'Failed to load target state: '
const SOURCE = `${TARGET}failed to generate manifest for source 11 of 12: `

const compared = (message: string) => phaseOf({ type: 'ComparisonError', message }, ours)
const specified = (message: string) => phaseOf({ type: 'InvalidSpecError', message }, ours)

/** @param before the words before the deciding ones */
function decides(texts: readonly string[], phase: Phase, before: string, of = compared): void {
  test.each(texts)(`${before}%s`, (text) => {
    expect(of(before + text).phase).toBe(phase)
    expect(of(`${before}branch ${text}`).phase).not.toBe(phase)
    expect(of(before + text.slice(1)).phase).not.toBe(phase)
  })
}

describe('another kind of condition', () => {
  test.each(['UnknownError', 'OrphanedResourceWarning', 'comparisonerror', ''])('%s', (type) => {
    for (const message of [`${SOURCE}failed to list refs: x`, 'Failed to load live state: x'])
      expect(phaseOf({ type, message }, ours)).toEqual({ phase: 'unknown', text: message })
  })
})

describe('the state of the cluster', () => {
  decides(['Failed to load live state: dial tcp 10.0.0.1:443'], 'cluster', '')
  decides(
    [
      'failed to get destination cluster x',
      'failed to get cluster version x',
      'failed to get cluster info for x',
      'error synchronizing cache state : x',
      'controller is configured to ignore cluster x'
    ],
    'cluster',
    TARGET
  )
})

describe('what is done with the content', () => {
  decides(
    [
      'Failed to normalize target state: x',
      'Failed to compare desired state to live state: x',
      'Failed to check if live resource x',
      'Failed to load local manifests: x',
      'error setting app health: x',
      'Target revision release-1.2 in Git is 1'
    ],
    'application',
    '',
    compared
  )

  test('keeps the whole text', () => {
    for (const text of ['Failed to load live state: x', 'Failed to load local manifests: x'])
      expect(compared(text).text).toBe(text)
  })
})

describe('what Argo CD settles before any source', () => {
  decides(
    [
      'failed to list Helm repositories: x',
      'failed to list OCI repositories: x',
      'failed to get Helm credentials: x',
      'failed to get permitted Helm credentials for project x',
      'failed to get permitted OCI repositories for project x',
      'failed to get OCI repositories: x',
      'failed to get enabled source types: x',
      'failed to get Kustomize settings: x',
      'failed to get Helm settings: x',
      'failed to get trackingMethod: x',
      'failed to get installation ID: x',
      'failed to get app instance label key: x',
      'failed to connect to repo server: x'
    ],
    'installation',
    TARGET
  )
  decides(['failed to get ref sources: x'], 'other source', TARGET)

  test('keeps what follows the words that name the state', () => {
    expect(compared(`${TARGET}failed to get ref sources: x`).text).toBe('failed to get ref sources: x')
  })

  test('counts only behind these words, letter for letter', () => {
    const instead = 'Failed to load targeT state: failed to get ref sources: x'
    expect(compared(instead)).toEqual({ phase: 'unknown', text: instead })
  })
})

describe('the login that Argo CD looks up', () => {
  const text = (url: string, before = ''): string =>
    `${TARGET}${before}failed to get repo "${url}": secrets is forbidden`

  test.each<[string, string, Phase]>([
    ['of our repository', text(OURS), 'reading'],
    ['of another one', text(OTHER), 'other source'],
    ['of a repository without URL', text(''), 'other source'],
    ['in the name of a branch', text(OURS, 'branch '), 'unknown']
  ])('%s', (_what, message, phase) => {
    expect(compared(message)).toEqual({ phase, text: message.slice(TARGET.length) })
  })
})

describe('which source', () => {
  const text = (number: string, of: string, rest = 'failed to list refs: x', verb = 'generate manifest') =>
    `${TARGET}failed to ${verb} for source ${number} of ${of}: ${rest}`

  test.each<[string, string, string, Phase]>([
    ['ours', '11', '12', 'reading'],
    ['another one', '1', '12', 'other source'],
    ['another one of as many digits', '12', '12', 'other source'],
    ['one that the Application no longer has', '13', '12', 'unknown'],
    ['a number that nobody writes', '11111', '12', 'unknown']
  ])('%s', (_what, number, of, phase) => {
    expect(compared(text(number, of)).phase).toBe(phase)
  })

  test('a text that only quotes such words is of no source', () => {
    const quoting = `branch ${text('11', '12').slice(TARGET.length)}`
    expect(compared(TARGET + quoting)).toEqual({ phase: 'unknown', text: quoting })
  })

  test('words of the repo-server without a source are of none', () => {
    expect(compared(`${TARGET}failed to list refs: x`).phase).toBe('unknown')
  })

  test('a source that is not ours keeps the words that name it', () => {
    for (const number of ['1', '13'])
      expect(TARGET + compared(text(number, '12')).text).toBe(text(number, '12'))
  })

  test.each<[string, Phase]>([
    ['generate manifest', 'reading'],
    ['evaluate revision changes', 'reading'],
    ['unmarshal manifests', 'application'],
    ['get Kustomize options', 'installation'],
    ['invent manifests', 'unknown']
  ])('failed to %s', (verb, phase) => {
    expect(compared(text('11', '12', 'failed to list refs: x', verb)).phase).toBe(phase)
  })

  test('the words of the repo-server are what is left', () => {
    expect(compared(text('11', '12', 'x', 'unmarshal manifests')).text).toBe('x')
    expect(compared(text('11', '12', 'x', 'get Kustomize options')).text).toBe('x')
    expect(compared(text('11', '12', 'rpc error: code = Unknown desc = x')).text).toBe('x')
    const within = 'a rpc error: code = Unavailable desc = x'
    expect(compared(text('11', '12', within))).toEqual({ phase: 'unknown', text: within })
  })
})

describe('what the repo-server failed at: reading', () => {
  decides(
    [
      'failed to list refs: x',
      "unable to resolve 'main' to a commit SHA",
      'unable to ls-remote HEAD on git repository: x',
      'failed to resolve revision "main": x',
      'Failed to fetch default: `git fetch origin` failed exit status 128: x',
      'Failed to checkout revision: x',
      'Failed to initialize git repo: x',
      'failed to get access token: x',
      'failed to authenticate to git repository "x": y',
      'error creating git client: x',
      'error setting up git client: x',
      `repository "${OURS}" cannot be initialized: x`,
      'repository "" cannot be initialized: x',
      'unable to get repository x',
      'unable to enrich repository x',
      'authentication required: Unauthorized',
      'authorization failed: x',
      'repository not found: x',
      'remote repository is empty',
      'unexpected client error: x'
    ],
    'reading',
    SOURCE
  )

  test.each([
    'Failed to fetch default: `git submodule update --init` failed exit status 128',
    'Failed to checkout revision: failed to update submodules: x'
  ])('a submodule is another repository: %s', (text) => {
    expect(compared(SOURCE + text).phase).toBe('other source')
  })

  test('a branch may be called submodules', () => {
    expect(compared(`${SOURCE}unable to resolve 'git submodule x' to a commit SHA`).phase).toBe('reading')
  })

  test.each<[string, Phase]>([
    [`error setting up git client for ${OURS} and resolving revision main: x`, 'reading'],
    [`error setting up git client for ${OTHER} and resolving revision main: x`, 'other source'],
    [`path error setting up git client for ${OURS} and resolving revision main: x`, 'unknown'],
    ['error setting up git client for a b and resolving revision main: x', 'reading']
  ])('a source that another one refers to: %s', (text, phase) => {
    expect(compared(SOURCE + text).phase).toBe(phase)
  })
})

describe('what the repo-server failed at: rendering', () => {
  decides(
    [
      '`kustomize build x` failed',
      '`helm template .` failed',
      '`jsonnet` failed',
      'Failed to unmarshal "a.yaml": x',
      'Failed to evaluate jsonnet x',
      'Failed to open x',
      'Failed to read x',
      'Found multiple objects in x',
      'CMP processing failed for x',
      'error generating manifests in cmp: x',
      'error calling cmp-server: x',
      'error getting generateManifestStream: x',
      'error sending file to cmp-server: x',
      'error building helm chart dependencies: x',
      'error retrieving helm dependency repos: x',
      'error reading helm chart: x',
      'error unmarshalling the helm chart: x',
      'error getting helm repos: x',
      'error resolving helm value files: x',
      'error resolving value file: x',
      'error resolving set-file path: x',
      'error writing helm values file: x',
      'error initializing helm app: x',
      'error getting kustomize version: x',
      'error getting app source type: x',
      'error expanding glob pattern: x',
      'error while parsing source parameters: x',
      'failed to get potentially valid manifests: x',
      'failed to unmarshal manifest: x',
      'failed to get env vars for plugin: x',
      'failed to detect CMP: x',
      'failed to get app path: x',
      'failed to set app instance tracking info: x',
      'source referenced "values", but not source has a ref key',
      "source has a 'chart' field, x",
      'cannot reference a different revision: x',
      'could not parse kubernetes version: x',
      'helm repos x',
      'plugin x not found',
      'repository contains out-of-bounds symlinks: x',
      'exceeded max combined manifest size: x',
      'invalid manifest file: x',
      'glob pattern x',
      'glob match x'
    ],
    'application',
    SOURCE
  )

  test.each<[string, Phase]>([
    ['Manifest generation error (cached): failed to list refs: x', 'application'],
    ['a Manifest generation error (cached): x', 'unknown'],
    ['apps/deploy: app path does not exist', 'application'],
    ['"a: app path does not exist" is no branch', 'unknown'],
    ['`a: app path does not exist` is no branch', 'unknown'],
    ['`kustomize-old build` failed', 'unknown'],
    ['', 'unknown']
  ])('%s', (text, phase) => {
    expect(compared(SOURCE + text).phase).toBe(phase)
  })

  test('a repo-server that does not answer reads nothing, whatever it says', () => {
    const answer = (code: string): Phase =>
      compared(`${SOURCE}rpc error: code = ${code} desc = failed to list refs: x`).phase
    expect(answer('Unavailable')).toBe('installation')
    expect(answer('Unauthenticated')).toBe('reading')
    expect(
      compared(`${SOURCE}rpc error: code = Unavailable desc = Manifest generation error (cached): x`).phase
    ).toBe('application')
  })
})

describe('a specification that Argo CD refuses', () => {
  decides(
    [
      `application repo ${OURS} is not permitted in project 'team'`,
      'application referencing project team which does not exist',
      'application destination server x is not permitted',
      "application 'team-app' in namespace 'x' is not permitted",
      'error getting cluster by name "x": y',
      'there are no clusters with this name: x',
      'unable to find destination server: x',
      'destination x is missing'
    ],
    'project',
    '',
    specified
  )

  test.each<[string, Phase]>([
    [`application repo ${OTHER} is not permitted in project 'team'`, 'other source'],
    [`branch: application repo ${OURS} is not permitted in project 'team'`, 'application'],
    ['Application referencing project team which does not exist', 'project'],
    ['Destination x is missing', 'project'],
    ['spec.source.repoURL is required', 'application']
  ])('%s', (message, phase) => {
    expect(specified(message)).toEqual({ phase, text: message })
  })
})
