/**
 * The first of these paths that a content lacks; what a path goes through may itself be missing. Lists are gone through,
 * and a content may be one.
 */
export function missingField(content: unknown, paths: readonly string[]): string | undefined {
  return paths.find((path) => lacks(content, path.split('.')))
}

function lacks(here: unknown, [key, ...rest]: readonly string[]): boolean {
  if (here === null || typeof here !== 'object' || key === undefined) return false
  if (Array.isArray(here)) return here.some((one) => lacks(one, [key, ...rest]))
  const next = Object.hasOwn(here, key) ? (here as Record<string, unknown>)[key] : undefined
  if (rest.length === 0) return next === undefined || next === null
  return lacks(next, rest)
}
