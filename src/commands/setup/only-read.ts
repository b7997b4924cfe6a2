/** Resources of the chain in set-up: those that it only looks at, and those that it says more about. */
import { warning, type Finding } from '../../core/finding.ts'
import { word } from '../../core/shell.ts'
import type { SetupResource } from './services.ts'

export function onlyRead<Spec, State, Output>(
  resource: SetupResource<Spec, State, Output>,
  more: (differences: number, spec: Spec) => Finding[] = () => []
): SetupResource<Spec, State, Output> {
  return {
    kind: resource.kind,
    read: (spec, services, options) => resource.read(spec, services, options),
    assess(spec, state) {
      const { differences, findings = [], ...rest } = resource.assess(spec, state)
      return { ...rest, differences: [], findings: [...findings, ...more(differences.length, spec)] }
    }
  }
}

/** The same, which says what it does before each write. */
export function announced<Spec, State, Output>(
  resource: SetupResource<Spec, State, Output>,
  text: (spec: Spec) => string
): SetupResource<Spec, State, Output> {
  if (!resource.apply) return resource
  return {
    ...resource,
    async apply(spec, state, services, policy) {
      policy.report(text(spec))
      await resource.apply?.(spec, state, services, policy)
    }
  }
}

export function notReady(
  differences: number,
  { name, resourceGroup = '' }: { readonly name: string; readonly resourceGroup?: string }
): Finding[] {
  if (differences === 0) return []
  const at = `-g ${word(resourceGroup)} -n ${word(name)}`
  return [
    warning({
      id: 'setup/cluster-not-ready',
      summary: `OIDC issuer or workload identity is off on ${name}, and the first apply needs both.`,
      remedy: 'turn both on; this restarts the API server',
      command: `az aks update ${at} --enable-oidc-issuer --enable-workload-identity`
    })
  ]
}
