import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

/** One direction: main → host → commands → chain → engine … → services → http → core. Types may cross; code may not. */
const layer = (files, forbidden, message) => ({
  files,
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      { patterns: forbidden.map((regex) => ({ regex, message, allowTypeImports: true })) }
    ]
  }
})
const SDK = '^(@actions/|@azure/|@kubernetes/|azure-)'
const HOST = '/host/'

export default defineConfig(
  { ignores: ['dist/', 'lib/', 'coverage/', 'node_modules/', 'reports/', '**/*.js'] },
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // The Kubernetes client's models are classes, meant to be written as plain objects.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off'
    }
  },
  layer(
    ['src/{config,commands,engine,report,diagnosis,argocd,core}/**'],
    [SDK, HOST],
    'Only services and hosts know an SDK, only main.ts knows a host.'
  ),
  layer(
    ['src/chain/**'],
    [SDK, HOST, '/commands/'],
    'A resource knows services and the words of the engine.'
  ),
  layer(
    ['src/{services,http}/**'],
    [HOST, '/(engine|chain|commands|report)/', '/config/(?!repository-url)'],
    'Services are below what uses them.'
  ),
  layer(['src/*.ts'], [SDK], 'Only services and hosts know an SDK.'),
  {
    // Their objects are made of closures; methods are taken apart freely.
    files: ['sandbox/**', '__tests__/**', 'bench/**', 'e2e/**'],
    rules: { '@typescript-eslint/unbound-method': 'off', '@typescript-eslint/no-misused-spread': 'off' }
  }
)
