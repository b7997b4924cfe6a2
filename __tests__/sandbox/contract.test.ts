/** The twin's API server under the contract that the real one keeps in `npm run test:e2e`. */
import { afterAll, beforeAll } from '@jest/globals'
import { contractCases } from '../../e2e/contract.ts'
import { Kube } from '../../e2e/kube.ts'
import { startTwin, type Twin } from '../../sandbox/twin.ts'

let twin: Twin
beforeAll(async () => {
  twin = await startTwin()
})
afterAll(() => twin.close())

contractCases(() => {
  const { access, token } = twin.kubernetes
  const as = (other: string): Kube => Kube.of({ ...access, token: other })
  return { kube: as(token), as }
})
