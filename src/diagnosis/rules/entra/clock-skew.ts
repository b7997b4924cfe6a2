import { NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AADSTS } from '../../sources.ts'

/** In ms; less than this is normal. */
const NORMAL = 60_000

export const entraClockSkew: Rule<'clocks'> = {
  id: 'entra/clock-skew',
  needs: ['clocks'],
  link: 'entra',
  severity: 'error',
  certainty: 'proved',
  explains: ['entra/token-lifetime', 'login/refused'],
  matches: ({ clocks }) => skewed(clocks) !== undefined,
  finding: ({ clocks }) => {
    const [service = '', ahead = 0] = skewed(clocks) ?? []
    const seconds = Math.round(Math.abs(ahead) / 1000)
    return {
      summary: `The clock of this machine is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} that of ${service}.`,
      expected: 'less than 60 s of difference',
      actual: `${seconds} s`,
      remedy: 'synchronize the clock of the machine that runs this, or restart it if it is a virtual machine',
      command: 'timedatectl set-ntp true'
    }
  },
  symptom: 'Tokens are refused as not valid yet, or as expired.',
  cause: 'The machine does not synchronize its clock.',
  texts: ['AADSTS700024', 'not within its valid time range'],
  sources: [AADSTS],
  examples: [
    { names: NAMES, clocks: { ARM: 0, Entra: 400_000 } },
    { names: NAMES, clocks: { Entra: -400_000 } }
  ]
}

function skewed(clocks: Readonly<Record<string, number>>): [string, number] | undefined {
  return Object.entries(clocks).find(([, ahead]) => Math.abs(ahead) > NORMAL)
}
