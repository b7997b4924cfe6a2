import { NAMES, entra } from '../../examples.ts'
import type { Having, Rule } from '../../rule.ts'
import { AADSTS, NTP } from '../../sources.ts'
import { isEntra } from '../../words.ts'
import { OF_TRUST } from '../../symptoms.ts'

/** In ms; less than this is normal. */
const NORMAL = 60_000
/** In ms; Entra accepts tokens of a clock that differs by less. */
const TOLERATED = 5 * 60_000

export const entraClockSkew: Rule<'clocks'> = {
  id: 'entra/clock-skew',
  needs: ['clocks'],
  link: 'entra',
  severity: 'error',
  certainty: 'proved',
  explains: [...OF_TRUST, 'entra/token-lifetime', 'login/refused', 'login/clock'],
  matches: (evidence) => skewed(evidence) !== undefined,
  finding: (evidence) => {
    const { whose = '', ahead = 0, here = false } = skewed(evidence) ?? {}
    const seconds = Math.round(Math.abs(ahead) / 1000)
    return {
      summary: `The clock of ${whose} is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} that of Entra, so a token is ${ahead > 0 ? 'not valid yet' : 'expired'} when Entra reads it.`,
      expected: 'less than 60 s of difference',
      actual: `${seconds} s`,
      remedy: here
        ? 'synchronize the clock of this machine, or restart it if it is a virtual machine'
        : 'synchronize the clocks of the control plane, which signs the tokens: run the command on each of its nodes',
      command: 'timedatectl set-ntp true',
      link: NTP
    }
  },
  symptom: 'Tokens are refused as not valid yet, or as expired.',
  cause: 'The machine that signs or uses the token does not synchronize its clock.',
  texts: ['AADSTS700024', 'not within its valid time range'],
  sources: [AADSTS, NTP],
  examples: [
    { names: NAMES, clocks: { ARM: 100, Entra: 0, Kubernetes: -900_000 }, failure: entra(700024) },
    { names: NAMES, clocks: { Entra: 0, Kubernetes: 7_200_000 } },
    { names: NAMES, clocks: { Entra: 400_000, Kubernetes: 400_000 }, failure: entra(700024) },
    { names: NAMES, clocks: { Entra: -90_000 }, failure: entra(500133) }
  ]
}

/** The services compare tokens with the clock of Entra; this machine is only where both are read. */
function skewed({ clocks, failure, complaint }: Having<'clocks'>) {
  const { Entra: entraAhead, Kubernetes: clusterAhead } = clocks
  if (entraAhead === undefined) return undefined
  const refused =
    (failure !== undefined && isEntra(failure, 700024, 500133, 700021)) ||
    /AADSTS(?:700024|500133|700021)\b/.test(complaint?.whole ?? '')
  const cluster = entraAhead - (clusterAhead ?? entraAhead)
  if (Math.abs(cluster) > (refused ? NORMAL : TOLERATED))
    return { whose: "the cluster's API server", ahead: cluster, here: false }
  return refused && Math.abs(entraAhead) > NORMAL
    ? { whose: 'this machine', ahead: entraAhead, here: true }
    : undefined
}
