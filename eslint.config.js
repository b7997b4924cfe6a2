import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

export default defineConfig(
  { ignores: ['dist/', 'lib/', 'coverage/', 'node_modules/', '**/*.js'] },
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // The Kubernetes client's models are classes, meant to be written as plain objects.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off'
    }
  },
  {
    // Their objects are made of closures; methods are taken apart freely.
    files: ['sandbox/**', '__tests__/**', 'bench/**'],
    rules: { '@typescript-eslint/unbound-method': 'off', '@typescript-eslint/no-misused-spread': 'off' }
  }
)
