import { surelyApart } from './language.ts'
import { type Budget, matchCost, spend } from './limits.ts'
import { ONE, type Pattern, STAR, SYMBOL } from './pattern.ts'

/** Where a question mark stands in both patterns. */
const anyCharacter = 122

/**
 * A text that both patterns fit; undefined where there is none. Two stars may stand for runs of each other's characters, so all pairs
 * of places are walked once: time and room are the product of the lengths, whatever the patterns.
 */
export function commonText(left: Pattern, right: Pattern): Pattern | undefined {
  const width = right.length + 1
  /** By which step a pair of places was reached: along the left pattern, along the right one, along both. */
  const steps = new Uint8Array((left.length + 1) * width)
  const [alongLeft, alongRight, alongBoth] = [1, 2, 3]
  steps[0] = alongBoth
  for (let i = 0; i <= left.length; i++) {
    for (let j = 0; j <= right.length; j++) {
      if (steps[i * width + j] === 0) continue
      const a = left[i]
      const b = right[j]
      const reach = (at: number, step: number): void => {
        if (steps[at] === 0) steps[at] = step
      }
      // A star ends, or takes what the other pattern has here.
      if (a !== undefined && (a === STAR || b === STAR)) reach((i + 1) * width + j, alongLeft)
      if (b !== undefined && (a === STAR || b === STAR)) reach(i * width + j + 1, alongRight)
      if (a !== undefined && b !== undefined && agree(a, b)) reach((i + 1) * width + j + 1, alongBoth)
    }
  }
  const text: number[] = []
  let i = left.length
  let j = right.length
  if (steps[i * width + j] === 0) return undefined
  while (i > 0 || j > 0) {
    const step = steps[i * width + j]
    if (step !== alongRight) i--
    if (step !== alongLeft) j--
    const token = step === alongRight ? right[j]! : left[i]!
    const met = step === alongBoth && token === ONE ? right[j]! : token
    if (met !== STAR) text.push(met === ONE ? anyCharacter : met)
  }
  return text.reverse()
}

function agree(a: number, b: number): boolean {
  if (a === STAR || b === STAR) return false
  return a === b || (a === ONE && b < SYMBOL) || (b === ONE && a < SYMBOL)
}

/** What may follow `beginning` in the texts that fit the pattern: none where none of them begins so. */
export function restsAfter(pattern: Pattern, beginning: Pattern): Pattern[] {
  let places = new Set(withoutStars(pattern, [0]))
  for (const code of beginning) {
    const next: number[] = []
    for (const at of places) {
      const token = pattern[at]
      if (token === STAR) next.push(at)
      else if (token !== undefined && agree(token, code)) next.push(at + 1)
    }
    places = new Set(withoutStars(pattern, next))
  }
  return [...places].map((at) => pattern.slice(at))
}

/** … the places behind the stars, too, for a star may stand for nothing. */
function withoutStars(pattern: Pattern, places: readonly number[]): number[] {
  return places.flatMap((place) => {
    let at = place
    while (pattern[at] === STAR) at++
    return at === place ? [place] : [at - 1, at]
  })
}

/** Is there a text that both fit? Yes where that would cost more than there is. */
export function mayMeet(left: Pattern, right: Pattern, budget: Budget): boolean {
  if (surelyApart(left, right)) return false
  let from = 0
  while (from < left.length && left[from] === right[from] && left[from]! >= 0) from++
  const [restOfLeft, restOfRight] = [left.slice(from), right.slice(from)]
  if (!spend(budget, matchCost(restOfLeft.length, restOfRight.length))) return true
  return commonText(restOfLeft, restOfRight) !== undefined
}
