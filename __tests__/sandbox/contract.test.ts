/** The twin's API server under the contract that the real one keeps in `npm run test:e2e`. */
import { contractCases } from '../../e2e/contract.ts'
import { Kube } from '../../e2e/kube.ts'
import { useTwin } from '../twin.ts'

const twin = useTwin({ shared: true })

contractCases(() => {
  const { access, token } = twin.kubernetes
  const as = (other: string): Kube => Kube.of({ ...access, token: other })
  return { kube: as(token), as }
})
