import { failureWords } from '../core/failure-words.ts'
import { sayState } from '../core/say-state.ts'
import type { CoverageFold } from '../run/fold-coverage.ts'
import { ink } from './screen/ink.ts'
import type { Screen } from './screen/screen.ts'
import { counted, showMoment } from './screen/show-value.ts'
import { wrapText } from './screen/text-width.ts'

/** Who or what stands in the way, as it follows "denied". */
const denierWords: Record<string, string> = {
  'identity policy': 'by an identity policy',
  'resource policy': 'by a resource policy',
  'service control policy': 'by a service control policy',
  'resource control policy': 'by a resource control policy',
  'permissions boundary': 'by a permissions boundary',
  'session policy': 'by a session policy',
  'vpc endpoint policy': 'by the policy of a VPC endpoint',
  licence: 'for want of a licence',
  network: 'by the network',
  'disabled api': 'because the API is disabled',
  consent: 'for want of consent',
  credentials: 'because of the credentials',
  'region not opted in': 'because the region is not opted into',
}

/** One paragraph for each reason: what, where, since when, what hangs on it, and what to do. */
export function printCoverageFolds(
  out: Screen,
  folds: readonly CoverageFold[],
  options: { most?: number } = {},
): void {
  const paragraphs = [...Map.groupBy(folds, reachKey).values()]
  const { most = paragraphs.length } = options
  for (const together of paragraphs.slice(0, most)) printTogether(out, together)
  if (paragraphs.length > most)
    out.flow(`… and ${counted(paragraphs.length - most, 'more reason')}: ${out.carry('stance coverage')}`, 2)
}

/** Actions of one service that are denied in the same places by the same thing have one remedy. */
function reachKey({ state, action, code, denied_by, accounts, regions, cells }: CoverageFold): string {
  const what = action === '' ? code : action.split(':')[0]
  return JSON.stringify([state, what, denied_by, accounts, regions, cells > 0])
}

function printTogether(out: Screen, folds: readonly CoverageFold[]): void {
  const { palette } = out
  const [first] = folds
  if (first === undefined) return
  const { state, action, code, denied_by, message, next } = first
  const how = sayState(first)
  const who = denied_by === '' ? '' : ` ${denierWords[denied_by] ?? `by: ${denied_by}`}`
  const paint = state === 'denied' ? palette.red : state === 'error' ? palette.yellow : palette.dim
  const names = folds
    .map((fold) => (fold.action === '' ? (failureWords[fold.code] ?? fold.code) : fold.action))
    .filter((name) => name !== '')
  // Our own code stands behind its words: it is what the reference and a report of a bug go by.
  const own = action === '' && failureWords[code] !== undefined ? ` (${code})` : ''
  if (names.length === 0 || state === 'excluded') out.line(ink`  ${paint(how)}`)
  else {
    const lines = wrapText([...new Set(names)].join(', '), Math.min(out.width, 100) - 4)
    for (const line of lines.slice(0, -1)) out.line(ink`  ${paint(line)}`)
    const last = lines.at(-1) ?? ''
    const reason = `${how}${who}${own}`
    const said = palette.dim(reason)
    if (last.length + reason.length + 4 <= out.width) out.line(ink`  ${paint(last)}  ${said}`)
    else {
      out.line(ink`  ${paint(last)}`)
      out.line(ink`    ${said}`)
    }
  }
  out.prose(reach(folds), 4)
  // A denied action says it all; of credentials the provider's own words do.
  if ((action === '' || denied_by === 'credentials') && message !== '' && message !== code)
    out.prose(
      `${folds.some((fold) => fold.several_messages || fold.message !== message) ? 'For example: ' : ''}${message}`,
      4,
    )
  const several = folds.length > 1
  const numbers = folds.map(({ unknown_findings }) => unknown_findings)
  const most = Math.max(...numbers)
  const least = Math.min(...numbers)
  if (most > 0) {
    const said = `${least === most ? '' : `${least} to `}${counted(most, 'verdict')}`
    const on = several ? `each of these ${action === '' ? 'reasons' : 'actions'}` : 'it'
    out.prose(`${said} ${most === 1 ? 'depends' : 'depend'} on ${on}.`, 4)
  }
  if (next !== '')
    out.prose(
      `Next: ${out.carry(several && action !== '' ? next.replaceAll(action, 'these actions') : next)}`,
      4,
    )
}

function reach(folds: readonly CoverageFold[]): string {
  const sum = (of: (fold: CoverageFold) => number) => folds.reduce((total, fold) => total + of(fold), 0)
  const names = (of: (fold: CoverageFold) => readonly string[]) => [...new Set(folds.flatMap(of))].sort()
  const cells = sum((fold) => fold.cells)
  const groups = sum((fold) => fold.groups)
  const kept = sum((fold) => fold.still_in_force)
  const since = new Date(Math.min(...folds.map((fold) => fold.since.getTime())))
  const parts = [
    ...(cells > 0 ? [counted(cells, 'cell')] : []),
    ...(groups > 0 ? [counted(groups, 'group of a resource', 'groups of resources')] : []),
  ]
  const where = [
    some(
      names((fold) => fold.tables),
      'tables',
    ),
    some(
      names((fold) => fold.accounts),
      'accounts',
    ),
    some(names((fold) => fold.regions).map(sayPart), 'regions'),
  ]
  const whose =
    cells + groups === 1 ? '' : kept === cells + groups ? ' for all of them' : ` for ${kept} of them`
  const still = kept > 0 ? `; what was read before still counts${whose}` : ''
  return `${parts.join(' and ')}: ${where.join(' · ')}, since ${showMoment(since)} UTC${still}`
}

/** A region, `global`, or the part that stands for regions of which there is no list. */
export function sayPart(part: string): string {
  return part === '*' ? 'regions that nobody could name' : part
}

function some(names: readonly string[], many: string): string {
  return names.length <= 4 ? names.join(', ') : `${names.length} ${many}`
}
