import { usage } from './options.ts'

/** So many of a list are shown where nobody says. */
export const usualPage = 50

/** How many of a list are shown; undefined: all. */
export function pageSize({ all, limit }: { all: boolean; limit: number | undefined }): number | undefined {
  if (all && limit !== undefined)
    throw usage('--all and --limit contradict each other.', 'Leave one of them out.')
  return all ? undefined : (limit ?? usualPage)
}
