import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

/** One direction: host → inputs → reconcile → resources → clients. Types may cross; code may not. */
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
    ['src/{inputs,reconcile,report,diagnosis,verification}/**'],
    [SDK, HOST],
    'Only clients and hosts know an SDK, only main.ts knows a host.'
  ),
  layer(
    ['src/resources/**'],
    [SDK, HOST, '^\\./', '/reconcile/(?!hop|outcomes|others)'],
    'A resource knows clients and the words of the engine; resources do not know each other.'
  ),
  layer(
    ['src/clients/**'],
    [HOST, '/(reconcile|resources|report|verification)/', '/inputs/(?!repository-url)'],
    'Clients are the lowest layer.'
  ),
  layer(['src/*.ts'], [SDK], 'Only clients and hosts know an SDK.'),
  {
    // Their objects are made of closures; methods are taken apart freely.
    files: ['sandbox/**', '__tests__/**', 'bench/**', 'e2e/**'],
    rules: { '@typescript-eslint/unbound-method': 'off', '@typescript-eslint/no-misused-spread': 'off' }
  }
)
