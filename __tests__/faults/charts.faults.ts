/** What a run asks for charts, beside what every run asks: the registry in ARM, the role, and the registry itself. */
import { faultMatrix } from './matrix.ts'

faultMatrix({
  name: 'an apply with charts',
  mode: 'apply',
  built: true,
  inputs: { registries: 'contosocharts.azurecr.io/charts/app:1.2.3', verification: 'access' },
  only: ({ service, path }) => service === 'registry' || /roleAssignments|ContainerRegistry/.test(path),
  shared: true
})
