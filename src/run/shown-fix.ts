import { fillCommands, type KnownOfFinding, placeholdersOf } from '../collect/aws/fill-commands.ts'
import type { Rule } from '../evaluate/rule.ts'

/** A rule's fix, its commands with what is known already. */
export type ShownFix = Rule['fix'] & {
  /** The words in the commands that a person has to put values for. */
  cli_values: string[]
}

export function shownFix(fix: Rule['fix'], known?: KnownOfFinding): ShownFix {
  const cli = known === undefined ? fix.cli : fillCommands(fix.cli, known)
  return { ...fix, cli, cli_values: placeholdersOf(cli) }
}
