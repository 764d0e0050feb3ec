import { tables } from '../collect/tables.generated.ts'

/** The names of all tables that this Stance reads. */
export const declaredTables: readonly string[] = tables.map(({ name }) => name)
