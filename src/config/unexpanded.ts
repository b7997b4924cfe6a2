/**
 * What a host should have replaced before the run and did not: an Azure Pipelines macro of a variable that does not
 * exist stays as it is, and neither host evaluates an expression where it does not belong. The text itself is never
 * meant. Source: learn.microsoft.com/azure/devops/pipelines/process/variables ("Understand variable syntax").
 */

const KINDS = [
  {
    opening: '$(',
    form: '$(…)',
    remedy: 'Define the variable before this step (its name is part of the text), or write the value itself.'
  },
  {
    opening: '$[',
    form: '$[…]',
    remedy:
      'Only variables and conditions are evaluated this way: put it into a variable and give that, or write the value itself.'
  },
  {
    opening: '${{',
    form: '${{ … }}',
    remedy: 'Only a workflow or pipeline file is evaluated this way: write the value itself.'
  },
  {
    opening: '${',
    form: '${…}',
    remedy: 'No shell reads an input: write the value itself, or let the host fill in its own variable.'
  }
] as const

/** A plain name between the brackets is shown; anything else could be a value that nobody should print. */
const SHOWN = /^\$(?:\([\w.-]{1,60}\)|\[ ?[\w.-]{1,60} ?\]|\{\{ ?[\w.-]{1,60} ?\}\}|\{[\w:.-]{1,60}\})/

/** @returns what is wrong with the text of an input and what to do; undefined when all of it was expanded */
export function unexpandedIn(
  text: string
): { readonly problem: string; readonly remedy: string } | undefined {
  const [found] = KINDS.map((kind) => ({ ...kind, at: text.indexOf(kind.opening) }))
    .filter(({ at }) => at !== -1)
    // `${` is a part of `${{`: the sort keeps their order where both begin at the same place.
    .toSorted((a, b) => a.at - b.at)
  if (!found) return undefined
  const shown = SHOWN.exec(text.slice(found.at, found.at + 80))?.[0] ?? found.form
  return { problem: `It still holds ${shown}, which was never expanded.`, remedy: found.remedy }
}
