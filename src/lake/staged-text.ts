import type { CollectedResource, GroupRead } from './collected.ts'

/** A resource as text; one whose content cannot be written down keeps its row, and its groups are `error`. */
export function toStagedText(resource: CollectedResource): string {
  try {
    return JSON.stringify(resource)
  } catch {
    const groups = Object.entries(resource.groups).map(([name, { read_at }]): [string, GroupRead] => {
      const failure = {
        code: 'DOCUMENT_REFUSED',
        message: 'The answer cannot be written as JSON.',
        next: 'Report it with the name of the resource.',
      }
      return [name, { state: 'error', read_at, failure }]
    })
    return JSON.stringify({ ...resource, groups: Object.fromEntries(groups) })
  }
}
