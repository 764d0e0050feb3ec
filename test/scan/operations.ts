import { listOf, readsOf } from '../../src/collect/kernel/table-reads.ts'
import type { TableRegistry } from '../../src/collect/kernel/table-registry.ts'
import { readRecording } from '../../src/collect/transport/read-recording.ts'
import { recordedEstate } from './estate.ts'

/** One operation that scans of the estate call. */
export interface ScannedOperation {
  /** As faults name it: `ec2:DescribeSubnets`. */
  name: string
  /** The tables that it serves; of those, what is listed within them too. */
  tables: string[]
  /** What the caller must be allowed. */
  actions: string[]
}

/** Every operation that tables declare and that a whole scan of the estate calls. */
export async function recordedOperations(registry: TableRegistry): Promise<ScannedOperation[]> {
  const { exchanges } = await readRecording(recordedEstate)
  return scannedOperations(registry, new Set(exchanges.map(nameOf)))
}

export function nameOf({ service, operation }: { service: string; operation: string }): string {
  return `${service}:${operation}`
}

export function scannedOperations(registry: TableRegistry, called: ReadonlySet<string>): ScannedOperation[] {
  const operations = new Map<string, ScannedOperation>()
  for (const table of registry.tables.values()) {
    for (const { service, read } of readsOf(table, registry.sources)) {
      const name = nameOf({ service, operation: read.operation })
      if (!called.has(name)) continue
      const known = operations.get(name) ?? { name, tables: [], actions: [] }
      operations.set(name, known)
      for (const one of [table.name, ...within(registry, table.name)])
        if (!known.tables.includes(one)) known.tables.push(one)
      for (const action of [read.permission].flat())
        if (!known.actions.includes(action)) known.actions.push(action)
    }
  }
  return [...operations.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function within(registry: TableRegistry, parent: string): string[] {
  return [...registry.tables.values()]
    .filter((table) => listOf(table).within === parent)
    .flatMap(({ name }) => [name, ...within(registry, name)])
}
