import { CommanderError, Command as Parser, Option as ParserOption } from 'commander'
import type { StanceError } from '../core/errors.ts'
import { isPath } from '../core/is-path.ts'
import type { Command } from './define-command.ts'
import { globalOptions, jsonOption } from './global-options.ts'
import { flagOf, type Options, usage } from './options.ts'

export interface Parsed {
  args: string[]
  options: Record<string, unknown>
  json: boolean
  demo: boolean
  config: string | undefined
}

/** What stands behind the command's name. */
export function parseArguments(command: Command, rest: readonly string[]): Parsed {
  const options: Options = {
    ...command.options,
    ...(command.json ? { json: jsonOption(command.json) } : {}),
    ...globalOptions,
  }
  const parser = new Parser(command.name)
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {} })
    .helpOption(false)
    .allowExcessArguments(false)
  for (const [name, option] of Object.entries(options)) {
    const spelled = option.value === undefined ? flagOf(name) : `${flagOf(name)} ${option.value}`
    const parsed = new ParserOption(spelled, option.title)
    if (option.many) parsed.argParser((one: string, before: string[] | undefined) => [...(before ?? []), one])
    parser.addOption(parsed)
  }
  for (const { name, optional, many } of command.arguments ?? []) {
    const word = `${name}${many ? '...' : ''}`
    parser.argument(optional ? `[${word}]` : `<${word}>`)
  }
  try {
    parser.parse([...rest], { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) throw toUsage(error, command)
    throw error
  }
  for (const [at, given] of parser.args.entries()) {
    const { name } = command.arguments?.[at] ?? command.arguments?.at(-1) ?? {}
    if (given.trim() === '' && name !== undefined)
      throw usage(`<${name}> is empty.`, `\`stance ${command.name} --help\` shows what it takes.`)
    if (/^(?:file|paths|what)$/.test(name ?? '')) refuseAddress(given, `<${name}>`)
  }
  const raw = parser.opts<Record<string, string | string[] | true | undefined>>()
  for (const [name, option] of Object.entries(options)) refuseEmpty(raw[name], option, flagOf(name))
  const values = Object.fromEntries(
    Object.entries(options).map(([name, option]) => [name, option.read(raw[name], flagOf(name))]),
  )
  const { config, demo, json = false } = values as { config?: string; demo: boolean; json?: boolean }
  if (demo && command.withoutDemo !== undefined) throw usage(`${command.withoutDemo}`, `Leave --demo out.`)
  if (config !== undefined) refuseAddress(config, '--config')
  return { args: parser.args, options: values, json, demo, config }
}

/** Never repeated: there is a password in it. */
function refuseAddress(given: string, where: string): void {
  if (isPath(given)) return
  throw usage(
    `${where} is a path, and was given an address.`,
    'Name a file; `database.url` takes an address.',
  )
}

/** A shell variable that is not set: a filter that lets nothing through would look as if all was well. */
function refuseEmpty(given: unknown, { value, many }: Options[string], flag: string): void {
  if (value === undefined || given === undefined) return
  const words = [given].flat().map(String)
  const isEmpty = words.some((word) => word.replaceAll(many ? ',' : '', '').trim() === '')
  if (isEmpty)
    throw usage(
      `${flag} needs a value, and was given an empty one.`,
      `Write it like ${flag} ${value}, or leave it out.`,
    )
}

/** The parser's words without its prefix; what it suggests is the next step. */
function toUsage(error: CommanderError, command: Command): StanceError {
  const [said = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  const help = `\`stance ${command.name} --help\` shows what it takes.`
  const near = /\(Did you mean (?:one of )?(.+?)\?\)/.exec(suggestion ?? '')?.[1]
  const message = `${said.charAt(0).toUpperCase()}${said.slice(1)}.`.replace(/\.\.$/, '.')
  return usage(message, near === undefined ? help : `Did you mean ${near}? ${help}`)
}
