/** The suite: one world of real parts for all of it, started once. */
import { afterAll, beforeAll } from '@jest/globals'
import { contractCases } from './contract.ts'
import { findParts } from './parts.ts'
import { actCases } from './suite/act.ts'
import { chainCases } from './suite/chain.ts'
import { defectCases } from './suite/defects.ts'
import { installCases } from './suite/installs.ts'
import { migrationCases } from './suite/migration.ts'
import { situationCases } from './suite/situations.ts'
import { startWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld(await findParts(process.env), process.env)
})
afterAll(() => world.stop())

const here = (): World => world
contractCases(here)
chainCases(here)
migrationCases(here)
installCases(here)
defectCases(here)
situationCases(here)
actCases(here)
