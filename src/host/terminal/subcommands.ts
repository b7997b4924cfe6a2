/** The subcommands that are no modes. Each is loaded when somebody calls it, or asks for its help. */
import type { Subcommands } from './options.ts'

export const COMMANDS: Subcommands = {
  completion: {
    summary: 'prints the completion script of a shell: bash, zsh or fish',
    load: async () => (await import('./completion.ts')).completionOf(COMMANDS)
  },
  help: {
    summary: 'shows the help of a subcommand or a topic',
    load: async () => (await import('./help.ts')).helpOf(COMMANDS)
  }
}
