/**
 * One direction, type imports included: a folder of src imports only those it lists here, and nothing imports back.
 * `docs/architecture.md` draws the same table.
 */
const MAY_IMPORT = {
  core: [],
  config: ['core'],
  http: ['core'],
  services: ['http', 'core'],
  engine: ['http', 'core'],
  argocd: ['engine', 'services', 'http', 'config', 'core'],
  diagnosis: ['services', 'http', 'core'],
  report: ['engine', 'config', 'core'],
  chain: ['engine', 'argocd', 'diagnosis', 'services', 'http', 'config', 'core'],
  commands: ['chain', 'engine', 'argocd', 'diagnosis', 'report', 'services', 'http', 'config', 'core'],
  host: ['commands', 'report', 'diagnosis', 'services', 'http', 'config', 'core']
}

export default {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    ...Object.entries(MAY_IMPORT).map(([folder, targets]) => ({
      name: `${folder}-imports-down`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: { path: '^src/', pathNot: `^src/(?:${[folder, ...targets].join('|')})/` }
    }))
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' }
  }
}
