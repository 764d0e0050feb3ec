/**
 * All values at a dotted path, going through lists on the way and into one at its end:
 * `Rules.Ports` of `{ Rules: [{ Ports: [1, 2] }, { Ports: [3] }] }` is `[1, 2, 3]`.
 */
export function valuesAt(document: unknown, path: string): unknown[] {
  let here: unknown[] = [document].flat()
  for (const key of path.split('.')) {
    here = here.flatMap((one) => {
      if (one === null || typeof one !== 'object' || !Object.hasOwn(one, key)) return []
      const next = (one as Record<string, unknown>)[key]
      return next === null || next === undefined ? [] : [next].flat()
    })
  }
  return here
}
