/** The subcommands that are no modes. Each is loaded when somebody calls it, or asks for its help. */
import type { Subcommands } from './options.ts'

export const COMMANDS: Subcommands = {
  completion: {
    summary: 'prints the completion script of a shell: bash, zsh or fish',
    load: async () => (await import('./completion.ts')).completionOf(COMMANDS)
  },
  setup: {
    summary:
      'makes everything that the first run needs: the login of the pipeline, its rights, and the file that it runs',
    load: async () => (await import('../../commands/setup/setup.ts')).setup
  },
  help: {
    summary: 'shows the help of a subcommand or a topic',
    load: async () => (await import('./help.ts')).helpOf(COMMANDS)
  }
}
