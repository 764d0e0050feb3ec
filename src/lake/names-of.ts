import type { Projection } from './project-resource.ts'

/** All texts of a row and its child rows: any of them may be what something else is called. */
export function namesOf({ columns, children }: Projection): Set<string> {
  const names = new Set<string>()
  for (const row of [columns, ...Object.values(children).flat()])
    for (const value of Object.values(row)) if (typeof value === 'string' && value !== '') names.add(value)
  return names
}
