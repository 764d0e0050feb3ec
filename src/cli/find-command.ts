import { nearest } from '../core/nearest.ts'
import { usage } from './options.ts'

export type Asked =
  | { kind: 'overview' }
  | { kind: 'version' }
  | { kind: 'group'; word: string }
  | { kind: 'command'; name: string; rest: string[]; help: boolean }

/** Options of every command may stand before it. */
const early = new Map([
  ['--config', true],
  ['--demo', false],
])

/** Which command was typed, and what is left for it. */
export function findCommand(argv: readonly string[], names: readonly string[]): Asked {
  const words = [...argv]
  const before: string[] = []
  for (let word = words[0]; word !== undefined && early.has(word.split('=')[0] ?? ''); word = words[0]) {
    const takes = early.get(word.split('=')[0] ?? '') === true && !word.includes('=')
    before.push(...words.splice(0, takes ? 2 : 1))
  }
  const [first, second] = words
  if (first === undefined || first === '--help' || first === '-h') return { kind: 'overview' }
  if (first === '--version' || first === '-V') return { kind: 'version' }
  if (first === 'help')
    return words.length === 1 ? { kind: 'overview' } : findCommand([...words.slice(1), '--help'], names)
  if (first === '--json')
    throw usage('The option --json stands before the command.', 'Write it behind: `stance findings --json`.')
  if (first.startsWith('-'))
    throw usage(
      `The option ${first} stands where the command should.`,
      'Name the command first: `stance scan …`; `stance <command> --help` has its options.',
    )
  const two = `${first} ${second ?? ''}`
  if (second !== undefined && names.includes(two)) return found(two, [...before, ...words.slice(2)])
  if (names.includes(first)) {
    refuseMistyped(first, second, names)
    return found(first, [...before, ...words.slice(1)])
  }
  const subcommands = names.filter((name) => name.startsWith(`${first} `))
  if (subcommands.length === 0) throw unknown(first, names)
  if (second === undefined || second === '--help' || second === '-h') return { kind: 'group', word: first }
  throw unknown(two, subcommands)
}

function found(name: string, rest: string[]): Asked {
  const end = rest.indexOf('--')
  const options = end === -1 ? rest : rest.slice(0, end)
  return { kind: 'command', name, rest, help: options.includes('--help') || options.includes('-h') }
}

/** `findings shwo`: a command that takes no argument and has others below it. */
function refuseMistyped(first: string, second: string | undefined, names: readonly string[]): void {
  const subcommands = names.filter((name) => name.startsWith(`${first} `))
  if (subcommands.length === 0 || second === undefined || second.startsWith('-')) return
  throw unknown(`${first} ${second}`, subcommands)
}

function unknown(typed: string, names: readonly string[]): Error {
  const words = names.flatMap((name) => [name, name.split(' ')[0] ?? name])
  const near = nearest(typed, [...new Set(words)])
  return usage(
    `There is no command \`stance ${typed}\`.`,
    near === undefined
      ? 'See `stance --help` for what there is.'
      : `Did you mean \`stance ${near}\`? See \`stance --help\` for what there is.`,
  )
}
