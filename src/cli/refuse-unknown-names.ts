import { nearest } from '../core/nearest.ts'
import { tableOfLists } from '../run/known-names.ts'
import { usage } from './options.ts'

/** A filter that names something that there is not is a slip of the pen, not an empty result. */
export function refuseUnknownNames(
  flag: string,
  given: readonly string[] | undefined,
  known: readonly string[],
  where: string,
): void {
  const wrong = given?.find((name) => !known.includes(name))
  if (wrong === undefined) return
  const parent = flag === '--table' ? tableOfLists(wrong) : undefined
  if (parent !== undefined)
    throw usage(`--table: ${wrong} holds lists of ${parent}, and nothing by itself.`, `Name ${parent}.`)
  if (wrong.includes('*'))
    throw usage(
      `${flag}: there is no "${wrong}", and no wildcards.`,
      `${where} A whole service is \`--service\`, as in \`--service s3\`.`,
    )
  const near = nearest(wrong, known)
  const all = known.join(', ')
  const few = known.length > 0 && all.length <= 160 ? ` There are: ${all}.` : ` ${where}`
  throw usage(
    `${flag}: there is no "${wrong}".`,
    near === undefined ? few.trim() : `Did you mean ${near}?${few}`,
  )
}
