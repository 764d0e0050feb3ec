import type { Source } from './scope.ts'

const mostColumns = 24

/** What a person may name, where a name is wrong. */
export function sayColumns(sources: readonly Source[]): string {
  const said = sources.map(({ name, columns }) => {
    const names = columns.slice(0, mostColumns).map((column) => column.name)
    const more = columns.length - names.length
    return `${name} has the columns ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`
  })
  return said.length === 0 ? 'There is no FROM.' : said.join(' ')
}
