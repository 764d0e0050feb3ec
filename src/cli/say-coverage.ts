import type { CoverageCounts } from '../run/count-coverage.ts'
import { counted } from './screen/show-value.ts'

/** `148 cells read, 3 not; 37 groups of resources not read; 12 cells left out by configuration` */
export function sayCoverage({ cells, groups }: CoverageCounts): string {
  const left = [
    ...(cells.excluded > 0 ? [counted(cells.excluded, 'cell')] : []),
    ...(groups.excluded > 0 ? [counted(groups.excluded, 'group of a resource', 'groups of resources')] : []),
  ]
  return [
    `${counted(cells.read, 'cell')} read${cells.unread === 0 ? '' : `, ${cells.unread.toLocaleString('en-GB')} not`}`,
    ...(groups.unread > 0
      ? [`${counted(groups.unread, 'group of a resource', 'groups of resources')} not read`]
      : []),
    ...(left.length > 0 ? [`${left.join(' and ')} left out by configuration`] : []),
  ].join('; ')
}
