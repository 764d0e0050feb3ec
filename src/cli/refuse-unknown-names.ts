import { nearest } from '../core/nearest.ts'
import { tableOfLists } from '../run/known-names.ts'
import { usage } from './options.ts'

/** A filter that names something that there is not is a slip of the pen, not an empty result. */
export function refuseUnknownNames(
  flag: string,
  given: readonly string[] | undefined,
  known: readonly string[],
  where: string,
  /** What the flag names lies in services, and the command has `--service`. */
  hasService = false,
): void {
  const wrong = given?.find((name) => !known.includes(name))
  if (wrong === undefined) return
  const parent = flag === '--table' ? tableOfLists(wrong) : undefined
  if (parent !== undefined)
    throw usage(`--table: ${wrong} holds lists of ${parent}, and nothing by itself.`, `Name ${parent}.`)
  const all = known.join(', ')
  const few = known.length > 0 && all.length <= 160 ? `There are: ${all}.` : where
  if (wrong.includes('*')) {
    const several = hasService
      ? 'A whole service is `--service`, as in `--service s3`.'
      : 'Several are separated by commas.'
    throw usage(`${flag}: there is no "${wrong}", and no wildcards.`, `${several} ${few}`)
  }
  const near = nearest(wrong, known)
  throw usage(`${flag}: there is no "${wrong}".`, near === undefined ? few : `Did you mean ${near}? ${few}`)
}
