import type { CoverageFold } from '../run/fold-coverage.ts'
import { ink } from './screen/ink.ts'
import type { Screen } from './screen/screen.ts'
import { counted, showMoment } from './screen/show-value.ts'

const stateWords: Record<string, string> = {
  denied: 'denied',
  error: 'failed',
  excluded: 'left out by configuration',
  not_collected: 'not read yet',
}

/** One paragraph for each reason: what, where, since when, what hangs on it, and what to do. */
export function printCoverageFolds(
  out: Screen,
  folds: readonly CoverageFold[],
  options: { most?: number } = {},
): void {
  const { palette } = out
  const { most = folds.length } = options
  for (const fold of folds.slice(0, most)) {
    const { state, action, code, denied_by } = fold
    const how = stateWords[state] ?? state
    const what = action === '' ? code : action
    const paint = state === 'denied' ? palette.red : state === 'error' ? palette.yellow : palette.dim
    const who = denied_by === '' ? '' : ` by ${/^[aeiou]/.test(denied_by) ? 'an' : 'a'} ${denied_by}`
    if (what === '' || state === 'excluded') out.line(ink`  ${paint(how)}`)
    else out.line(ink`  ${paint(what)}  ${palette.dim(`${how}${who}`)}`)
    out.prose(reach(fold), 4)
    if (action === '' && fold.message !== '') out.prose(fold.message, 4)
    if (fold.unknown_findings > 0)
      out.prose(
        `${counted(fold.unknown_findings, 'verdict')} ${fold.unknown_findings === 1 ? 'depends' : 'depend'} on it.`,
        4,
      )
    if (fold.next !== '') out.prose(`Next: ${fold.next}`, 4)
  }
  if (folds.length > most) out.line(`  … and ${folds.length - most} more reasons: \`stance coverage\``)
}

function reach({ cells, groups, tables, accounts, regions, since, still_in_force }: CoverageFold): string {
  const parts = [
    ...(cells > 0 ? [counted(cells, 'list')] : []),
    ...(groups > 0 ? [counted(groups, 'setting of a resource', 'settings of resources')] : []),
  ]
  const where = [some(tables, 'tables'), some(accounts, 'accounts'), some(regions, 'regions')].join(' · ')
  const kept = still_in_force > 0 ? `; what was read before still counts for ${still_in_force} of them` : ''
  return `${parts.join(' and ')}: ${where}, since ${showMoment(since)} UTC${kept}`
}

function some(names: readonly string[], many: string): string {
  return names.length <= 4 ? names.join(', ') : `${names.length} ${many}`
}
