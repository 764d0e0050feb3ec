import { StanceError } from '../core/errors.ts'
import { diagnose } from '../run/diagnose.ts'
import type { Diagnosis } from '../run/diagnosis.ts'
import type { CommandContext } from './define-command.ts'
import { printNext } from './print-next.ts'
import { ink } from './screen/ink.ts'
import type { Screen } from './screen/screen.ts'
import { counted } from './screen/show-value.ts'
import { asChunks, writeJsonList } from './write-json-list.ts'

export async function doctorCommand(context: CommandContext): Promise<number> {
  const { out, json } = context
  const all: Diagnosis[] = []
  const say = (diagnosis: Diagnosis) => {
    all.push(diagnosis)
    if (!json) print(out, diagnosis)
  }
  say(node())
  const config = settings(context, say)
  if (config !== undefined) {
    for await (const diagnosis of diagnose({
      // The demo is read from a recording, by no connection of anybody's.
      settings: context.demo ? { ...config, connections: [] } : config,
      store: config.database,
      variables: config.variables,
      signal: AbortSignal.timeout(120_000),
    }))
      say(diagnosis)
  }
  const problems = all.filter(({ state }) => state === 'problem').length
  const warnings = all
    .filter(({ state }) => state === 'warning')
    .reduce((sum, { things = 1 }) => sum + things, 0)
  const code = problems > 0 ? 1 : 0
  if (json) {
    await writeJsonList(out, asChunks(all), { total: all.length, problems, warnings })
    return code
  }
  out.line()
  if (problems > 0) out.flow(out.palette.red(`${counted(problems, 'problem')} to fix before a scan.`))
  else if (warnings > 0)
    out.flow(out.palette.yellow(`A scan works; ${counted(warnings, 'thing')} could be better.`))
  else out.flow(out.palette.green(out.carry('Everything that could be tried is in order. Next: stance scan')))
  return code
}

const needed = 24

function node(): Diagnosis {
  const { node: version } = process.versions
  if (Number.parseInt(version, 10) >= needed)
    return { about: 'node', state: 'ok', message: version, next: '' }
  return {
    about: 'node',
    state: 'problem',
    message: `This is ${version}.`,
    next: `Install Node ${needed} or newer.`,
  }
}

function settings(context: CommandContext, say: (diagnosis: Diagnosis) => void) {
  try {
    const config = context.config()
    const connections = counted(config.connections.length, 'connection')
    const message =
      config.file === undefined
        ? `no stance.yaml, so defaults; ${connections}`
        : `${config.file}; ${connections}`
    say({ about: 'settings', state: 'ok', message, next: '' })
    return config
  } catch (error) {
    if (!(error instanceof StanceError)) throw error
    say({ about: 'settings', state: 'problem', message: error.message, next: error.next })
    return undefined
  }
}

function print(out: Screen, { about, state, message, next, excerpt = '' }: Diagnosis): void {
  const { palette } = out
  const marks = {
    ok: palette.green('ok     '),
    warning: palette.yellow('warning'),
    problem: palette.red('problem'),
    unknown: palette.yellow('unknown'),
  }
  const [first = '', ...more] = message.split('\n')
  const head = ink`${marks[state]}  ${palette.bold(about)}`
  // Short ones stay on one line; others are broken below.
  if (about.length + first.length + 11 <= Math.min(out.width, 110)) out.line(ink`${head}  ${first}`)
  else {
    out.line(head)
    out.prose(first, 9)
  }
  for (const line of more) out.prose(line, 9)
  for (const line of excerpt === '' ? [] : excerpt.split('\n')) out.line(ink`         ${palette.cyan(line)}`)
  if (next !== '') printNext(out, out.carry(next), 9)
}
