import type { LoadedConfig } from '../config/load-config.ts'
import type { Logger } from '../core/log.ts'
import type { Options, OptionValues } from './options.ts'
import type { Screen } from './screen/screen.ts'

/** What a command is given when it runs. */
export interface CommandContext<O extends Options = Options> {
  /** In the order of `arguments`; what is optional and not given is missing. */
  args: readonly string[]
  options: OptionValues<O>
  /** `--json`: nothing but JSON on standard output. */
  json: boolean
  /** `--demo`: the demo's data instead of one's own. */
  demo: boolean
  /** Standard output. */
  out: Screen
  /** Standard error: progress and warnings. */
  err: Screen
  /** Reads stance.yaml and the environment at the first call. */
  config(): LoadedConfig
  logger(): Logger
  cwd: string
}

export interface Command<O extends Options = Options> {
  /** As it is typed: `findings show`. */
  name: string
  /** One line, as a list of commands shows it. */
  title: string
  /** What a person should know before using it; paragraphs are separated by empty lines. */
  about?: string
  arguments?: readonly { name: string; title: string; optional?: true; many?: true }[]
  options?: O
  /** It has `--json`; a text says what that prints, where it is not one object. */
  json?: true | string
  /** `--demo` means nothing here, and why. */
  withoutDemo?: string
  examples: readonly (readonly [line: string, what: string])[]
  /** What its exit codes mean where that is more than 0: it worked, 2: it could not run. */
  exits?: Readonly<Record<number, string>>
  /** Returns the exit code. */
  run(context: CommandContext<O>): Promise<number>
}

export function defineCommand<const O extends Options>(command: Command<O>): Command {
  return Object.freeze(command) as unknown as Command
}
