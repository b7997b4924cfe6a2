/** Rules about `connection`; of several that match one failure, the first counts. */
import type { Rule } from '../rule.ts'
import { connectionDuplicate } from './connection/duplicate.ts'
import { connectionFlagMissing } from './connection/flag-missing.ts'
import { connectionInAnotherNamespace } from './connection/in-another-namespace.ts'
import { connectionKeyMisspelled } from './connection/key-misspelled.ts'
import { connectionMissing } from './connection/missing.ts'
import { connectionNotReadable } from './connection/not-readable.ts'
import { connectionProjectScoped } from './connection/project-scoped.ts'
import { connectionSecretUnlabelled } from './connection/secret-unlabelled.ts'
import { connectionServicePrincipalKeyCase } from './connection/service-principal-key-case.ts'
import { connectionShadowed } from './connection/shadowed.ts'
import { connectionSshUrl } from './connection/ssh-url.ts'
import { connectionStoredCredentials } from './connection/stored-credentials.ts'
import { connectionTemplateTooWide } from './connection/template-too-wide.ts'
import { connectionTypeNotGit } from './connection/type-not-git.ts'
import { connectionUrlSpelledOtherwise } from './connection/url-spelled-otherwise.ts'
import { connectionUsernameBlocksTemplate } from './connection/username-blocks-template.ts'

export const CONNECTION: readonly Rule[] = [
  connectionStoredCredentials,
  connectionUsernameBlocksTemplate,
  connectionNotReadable,
  connectionKeyMisspelled,
  connectionServicePrincipalKeyCase,
  connectionFlagMissing,
  connectionSecretUnlabelled,
  connectionInAnotherNamespace,
  connectionMissing,
  connectionUrlSpelledOtherwise,
  connectionSshUrl,
  connectionShadowed,
  connectionDuplicate,
  connectionProjectScoped,
  connectionTypeNotGit,
  connectionTemplateTooWide
]
