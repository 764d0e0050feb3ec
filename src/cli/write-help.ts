import type { Command } from './define-command.ts'
import { globalOptions, jsonOption } from './global-options.ts'
import { flagOf, type Option, type Options } from './options.ts'
import type { Screen } from './screen/screen.ts'
import type { Cell } from './screen/table.ts'

/** What groups of commands are called, in the order of the help. */
const sections: readonly (readonly [title: string, names: readonly string[]])[] = [
  ['Look around', ['demo', 'init', 'doctor']],
  ['Read a cloud', ['scan', 'coverage', 'permissions aws']],
  ['Findings and resources', ['findings', 'findings show', 'resources', 'resources show', 'query']],
  [
    'Rules and tables',
    ['rules list', 'rules show', 'rules lint', 'rules test', 'rules try', 'tables list', 'tables show'],
  ],
  ['The database', ['backup', 'compact', 'migrate']],
]

const exitCodes = [
  ['0', 'it worked; a scan found nothing that fails at or above --fail-on'],
  ['1', 'a scan found something; lint, test or doctor found a problem'],
  ['2', 'it could not run: wrong usage, settings, credentials, database; or not print'],
  ['3', 'with --fail-on-unknown, a finding of that severity is unknown, or a whole account is'],
  ['130', 'ended by Ctrl-C; `stance scan --resume` goes on'],
]

export function writeOverview(out: Screen, commands: readonly Command[]): void {
  const { palette } = out
  out.prose(
    'Stance reads your clouds into SQL tables, judges them with rules, and says what it could not read.',
  )
  out.line()
  out.heading('Usage')
  out.line('  stance <command> [options]')
  const left = new Map(commands.map((command) => [command.name, command]))
  const listed = sections.map(([title, names]) => {
    const here = names.flatMap((name) => left.get(name) ?? [])
    for (const { name } of here) left.delete(name)
    return [title, here] as const
  })
  const width = Math.max(...commands.map(({ name }) => name.length))
  for (const [title, here] of [...listed, ['Others', [...left.values()]] as const]) {
    if (here.length === 0) continue
    out.line()
    out.heading(title)
    definitions(
      out,
      here.map((command) => [command.name.padEnd(width), command.title]),
    )
  }
  out.line()
  out.heading('Options of every command')
  definitions(out, [
    ...optionRows(globalOptions),
    ['--help', 'what a command does, its options, examples'],
    ['--version', 'the version of Stance'],
  ])
  out.line()
  out.heading('Exit codes')
  definitions(
    out,
    exitCodes.map(([code, what]) => [code ?? '', what ?? '']),
  )
  out.line('  A reader that leaves early (`stance findings | head`) changes none of them.')
  out.line()
  out.heading('Begin with')
  definitions(out, [
    ['stance demo', 'a recorded company, no cloud account needed'],
    ['stance doctor', 'are credentials, settings and database in order?'],
    ['stance scan', 'read the account that your AWS credentials belong to'],
    ['stance findings', 'what fails, worst first'],
  ])
  out.line()
  out.line(palette.dim('Settings: docs/reference/settings.md'))
  out.line(palette.dim('Connecting AWS: docs/guide/connecting-aws.md'))
}

/** `stance rules`: the commands that begin with that word. */
export function writeGroup(out: Screen, word: string, commands: readonly Command[]): void {
  out.heading('Usage')
  out.line(`  stance ${word} <command> [options]`)
  out.line()
  out.heading('Commands')
  definitions(
    out,
    commands.map((command) => [command.name, command.title]),
  )
  out.line()
  out.flow(`\`stance ${word} <command> --help\` says more of each.`)
}

export function writeCommandHelp(out: Screen, command: Command, subcommands: readonly Command[]): void {
  const { about, examples, options = {} } = command
  out.prose(/[.?!]$/.test(command.title) ? command.title : `${command.title}.`)
  out.line()
  out.heading('Usage')
  out.line(`  ${usageLine(command)}`)
  if (about !== undefined) {
    out.line()
    for (const paragraph of about.split('\n')) out.prose(paragraph)
  }
  if (command.arguments !== undefined && command.arguments.length > 0) {
    out.line()
    out.heading('Arguments')
    definitions(
      out,
      command.arguments.map(({ name, title }) => [`<${name}>`, title]),
    )
  }
  const own: Options = command.json ? { ...options, json: jsonOption(command.json) } : options
  out.line()
  out.heading('Options')
  const { config, demo } = globalOptions
  const all: Options =
    command.withoutDemo === undefined && command.name !== 'demo' ? { config, demo } : { config }
  definitions(out, [...optionRows(own), ...optionRows(all), ['--help', 'this help']])
  if (subcommands.length > 0) {
    out.line()
    out.heading('More commands')
    definitions(
      out,
      subcommands.map(({ name, title }) => [name, title]),
    )
  }
  out.line()
  out.heading('Exit codes')
  definitions(out, Object.entries({ 0: 'it worked', 2: 'it could not run', ...command.exits }))
  out.line()
  out.heading('Examples')
  for (const [line, what] of examples) {
    out.prose(what, 2)
    out.line(out.palette.cyan(`    ${line}`))
  }
}

function usageLine(command: Command): string {
  const words = (command.arguments ?? []).map(({ name, optional, many }) => {
    const word = `<${name}>${many ? '…' : ''}`
    return optional ? `[${word}]` : word
  })
  return ['stance', command.name, ...words, '[options]'].join(' ')
}

function optionRows(options: Options): [string, string][] {
  return Object.entries(options)
    .filter(([, option]) => option.hidden !== true)
    .map(([name, option]) => [spell(name, option), describe(option)])
}

function spell(name: string, option: Option<unknown>): string {
  return option.value === undefined ? flagOf(name) : `${flagOf(name)} ${option.value}`
}

function describe({ title, many, fallback }: Option<unknown>): string {
  const more = many ? '; several with commas, or the option again' : ''
  return `${title}${more}${fallback === undefined ? '' : ` (default: ${fallback})`}`
}

/** Two columns; the second is broken at the width of the terminal, or at 100. */
function definitions(out: Screen, rows: readonly (readonly [string, string])[]): void {
  const cells = rows.map(([name, what]): Cell[] => [{ text: name, paint: out.palette.cyan }, what])
  out.layBare([{ title: '', whole: true }, { title: '' }], cells, 2)
}
