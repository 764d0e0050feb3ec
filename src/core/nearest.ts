/**
 * The name that was probably meant, if one is near enough: a third of its letters may differ, or its end, or its beginning
 * before a _, is missing.
 */
export function nearest(typed: string, names: Iterable<string>): string | undefined {
  const begun = typed.toLowerCase()
  let best: { name: string; distance: number } | undefined
  let longer: string | undefined
  let ending: string | undefined
  for (const name of names) {
    const distance = editDistance(begun, name.toLowerCase())
    if (
      begun.length > 3 &&
      name.toLowerCase().startsWith(begun) &&
      name.length < (longer?.length ?? Infinity)
    )
      longer = name
    if (begun.length > 2 && name.endsWith(`_${begun}`) && name.length < (ending?.length ?? Infinity))
      ending = name
    if (distance > Math.max(1, Math.floor(name.length / 3))) continue
    if (best === undefined || distance < best.distance) best = { name, distance }
  }
  return best !== undefined && best.distance <= 1 ? best.name : (longer ?? best?.name ?? ending)
}

/** Letters added, left out, replaced, or two neighbours that changed places. */
function editDistance(from: string, to: string): number {
  let before: number[] = []
  let row = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      const least = Math.min(replaced, row[j]! + 1, next[j - 1]! + 1)
      next.push(swapped ? Math.min(least, before[j - 2]! + 1) : least)
    }
    before = row
    row = next
  }
  return row.at(-1)!
}
