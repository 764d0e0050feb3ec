import { StanceError } from '../core/errors.ts'
import type { Carried } from './carry-options.ts'
import { commands } from './commands.generated.ts'
import type { Command, CommandContext } from './define-command.ts'
import { type Asked, findCommand } from './find-command.ts'
import { ownCommand } from './own-command.ts'
import { reportError } from './report-error.ts'
import { ProcessStream } from './screen/process-stream.ts'
import { Screen, type Stream } from './screen/screen.ts'

/** Streams and directory other than the process's own: for tests. */
export interface Surroundings {
  stdout?: Stream
  stderr?: Stream
  cwd?: string
}

/** The command line. Returns the exit code; whatever goes wrong is told on standard error. */
export async function main(argv: readonly string[], surroundings: Surroundings = {}): Promise<number> {
  const { wantsColour } = await import('../config/wants-colour.ts')
  const printed = surroundings.stdout === undefined ? new ProcessStream(process.stdout) : undefined
  const stdout = surroundings.stdout ?? printed ?? process.stdout
  const { stderr = new ProcessStream(process.stderr), cwd = process.cwd() } = surroundings
  const out = new Screen(stdout, wantsColour(stdout as { isTTY?: boolean }))
  const err = new Screen(stderr, wantsColour(stderr as { isTTY?: boolean }))
  let secrets: readonly string[] = []
  try {
    const asked = findCommand(argv, [...commands.keys()])
    if (asked.kind !== 'command' || asked.help) return await answer(asked, out)
    const command = await load(asked.name)
    const { parseArguments } = await import('./parse-arguments.ts')
    const parsed = parseArguments(command, asked.rest)
    const { carryOptions } = await import('./carry-options.ts')
    const carried: Carried = { ...parsed, demo: parsed.demo || command.name === 'demo' }
    for (const screen of [out, err]) {
      screen.carry = (hint) => carryOptions(hint, carried)
      screen.command = ownCommand(cwd)
    }
    const { loadContext } = await import('./load-context.ts')
    const context = loadContext({
      ...{ parsed, out, err, cwd },
      onSecrets: (found) => (secrets = found),
      onPlaces: (places) => Object.assign(carried, places),
    })
    const code = await command.run(context as CommandContext)
    const failure = await printed?.failure()
    if (failure !== undefined) throw unprinted(failure)
    return code
  } catch (error) {
    reportError(error, err, argv.includes('--json'), secrets)
    return 2
  }
}

async function answer(asked: Asked, out: Screen): Promise<number> {
  if (asked.kind === 'version') {
    const { readVersion } = await import('./read-version.ts')
    out.line(`stance ${await readVersion()}`)
    return 0
  }
  const help = await import('./write-help.ts')
  if (asked.kind === 'overview') help.writeOverview(out, await loadAll([...commands.keys()]))
  else if (asked.kind === 'group') help.writeGroup(out, asked.word, await loadAll(below(asked.word)))
  else help.writeCommandHelp(out, await load(asked.name), await loadAll(below(asked.name)))
  return 0
}

function below(name: string): string[] {
  return [...commands.keys()].filter((one) => one.startsWith(`${name} `))
}

async function load(name: string): Promise<Command> {
  const loader = commands.get(name)
  if (loader === undefined)
    throw new StanceError('CLI_USAGE', `There is no command ${name}.`, { next: 'See `stance --help`.' })
  return loader()
}

export function loadAll(names: readonly string[]): Promise<Command[]> {
  return Promise.all(names.map(load))
}

/** On a full disk a file that looks like the answer holds a piece of it. */
function unprinted(cause: Error): StanceError {
  return new StanceError('CLI_OUTPUT', `What was to be printed could not be written: ${cause.message}`, {
    next: 'Look at where standard output goes (a full disk?) and run it again. What the command did is done.',
    cause,
  })
}
