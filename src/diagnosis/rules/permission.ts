/** Rules about `permission`; of several that match one failure, the first counts. */
import type { Rule } from '../rule.ts'
import { permissionDefaultBranchMissing } from './permission/default-branch-missing.ts'
import { permissionDenied } from './permission/denied.ts'
import { permissionDeniedByGroup } from './permission/denied-by-group.ts'
import { permissionNotGranted } from './permission/not-granted.ts'
import { permissionProjectHidden } from './permission/project-hidden.ts'
import { permissionProjectMissing } from './permission/project-missing.ts'
import { permissionRepositoryDisabled } from './permission/repository-disabled.ts'
import { permissionRepositoryEmpty } from './permission/repository-empty.ts'
import { permissionRepositoryMissing } from './permission/repository-missing.ts'

export const PERMISSION: readonly Rule[] = [
  permissionProjectMissing,
  permissionRepositoryMissing,
  permissionRepositoryDisabled,
  permissionDenied,
  permissionDeniedByGroup,
  permissionNotGranted,
  permissionProjectHidden,
  permissionRepositoryEmpty,
  permissionDefaultBranchMissing
]
