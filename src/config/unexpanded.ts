/**
 * Finds text that the host should have replaced: Azure Pipelines keeps the macro of an undefined variable as it is, and
 * neither host evaluates an expression outside its proper place. Nobody wants such text as a value.
 * Source: learn.microsoft.com/azure/devops/pipelines/process/variables ("Understand variable syntax").
 */

const KINDS = [
  {
    opening: '$(',
    form: '$(…)',
    remedy: 'Define the variable before this step, or write the value itself.'
  },
  {
    opening: '$[',
    form: '$[…]',
    remedy:
      'Only variables and conditions are evaluated this way: set a variable to it and use that, or write the value itself.'
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

/** Only a plain name between the brackets is shown; anything else could be a secret. */
const SHOWN = /^\$(?:\([\w.-]{1,60}\)|\[ ?[\w.-]{1,60} ?\]|\{\{ ?[\w.-]{1,60} ?\}\}|\{[\w:.-]{1,60}\})/

/** @returns problem and remedy for the text of an input; undefined when everything was expanded */
export function findUnexpanded(
  text: string
): { readonly problem: string; readonly remedy: string } | undefined {
  const [found] = KINDS.map((kind) => ({ ...kind, at: text.indexOf(kind.opening) }))
    .filter(({ at }) => at !== -1)
    // `${` is a part of `${{`: the sort keeps their order where both begin at the same place.
    .toSorted((a, b) => a.at - b.at)
  if (!found) return undefined
  const shown = SHOWN.exec(text.slice(found.at, found.at + 80))?.[0] ?? found.form
  return { problem: `It still contains ${shown}, which was never expanded.`, remedy: found.remedy }
}
