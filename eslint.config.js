import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

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
  {
    // Folders import downwards only: .dependency-cruiser.js. Types of an SDK may cross, its code may not.
    files: ['src/{config,commands,chain,engine,report,diagnosis,argocd,core}/**', 'src/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(@actions/|@azure/|@kubernetes/|azure-)',
              message: 'Only services and hosts know an SDK.',
              allowTypeImports: true
            }
          ]
        }
      ]
    }
  },
  {
    // Their objects are made of closures; methods are taken apart freely.
    files: ['sandbox/**', '__tests__/**', 'bench/**', 'e2e/**', 'clients/**', 'live/**'],
    rules: { '@typescript-eslint/unbound-method': 'off', '@typescript-eslint/no-misused-spread': 'off' }
  }
)
