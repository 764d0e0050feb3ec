import type { Source } from './scope.ts'

const mostColumns = 24

/** What a person may name, where a name is wrong. */
export function sayColumns(sources: readonly Source[]): string {
  const said = sources.map(({ name, columns }) => {
    // Stance's own bookkeeping is seldom what was meant.
    const own = columns.filter((column) => column.name.startsWith('_'))
    const all = [...columns.filter((column) => !own.includes(column)), ...own]
    const names = all.slice(0, mostColumns).map((column) => column.name)
    const more = columns.length - names.length
    return `${name} has the columns ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`
  })
  return said.length === 0 ? 'There is no FROM.' : said.join(' ')
}
