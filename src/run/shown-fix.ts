import { fillCommands, type KnownOfFinding, placeholdersOf, wordsLeft } from '../collect/aws/fill-commands.ts'
import type { Rule } from '../evaluate/rule.ts'

/** A rule's fix, its commands with what is known already. */
export type ShownFix = Rule['fix'] & {
  /** The words in the commands that a person has to put values for. */
  cli_values: string[]
}

export function shownFix(fix: Rule['fix'], known?: KnownOfFinding): ShownFix {
  if (known === undefined) return { ...fix, cli_values: placeholdersOf(fix.cli) }
  return { ...fix, cli: fillCommands(fix.cli, known), cli_values: wordsLeft(fix.cli, known) }
}
