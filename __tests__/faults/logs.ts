/** The log as the two CI hosts read it: which lines are commands to them. */

const OURS = {
  github:
    /^::(?:add-mask|debug|group|endgroup|(?:error|warning|notice)(?: title=Patless(?:%3A [\w%/ -]+)?)?)::/,
  'azure-pipelines':
    /^##(?:\[(?:group|endgroup)\](?!INJECT)|vso\[(?:task\.(?:debug|setsecret|setprogress|uploadsummary|addattachment|complete|logissue|setvariable))(?: [^\]]*)?\])/
}

/**
 * Commands that this tool did not mean: of the runner (actions/runner, ActionCommand.cs: `::` at the start of a line
 * after blanks, `##[` anywhere) and of the agent (`##vso[` and `##[` wherever they begin). Both take one command per
 * line, the first; the rest of the line is its data.
 */
export function commandsOf(host: keyof typeof OURS, log: string): string[] {
  const lines = log.split(/\r\n|\r|\n/)
  const commands =
    host === 'github'
      ? lines.filter((line) => /^\s*::/.test(line) || line.includes('##['))
      : lines.filter((line) => /##(?:vso)?\[/i.test(line))
  return commands
    .filter((line) => {
      const own = OURS[host].exec(line)
      return !own || own[0].includes('INJECT')
    })
    .map((line) => `a command in the log of ${host}: ${JSON.stringify(line.slice(0, 300))}`)
}
