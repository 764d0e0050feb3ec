import { describe, expect, it } from 'vitest'
import { printPolicy, sizeOf } from './aws/print-policy.ts'
import { awsServices } from './aws/services.ts'
import { permissionsOf } from './kernel/permissions-of.ts'
import { readOnlyProblems } from './kernel/read-only-problems.ts'
import { secretProblems } from './kernel/secret-paths.ts'
import { readsOf } from './kernel/table-reads.ts'
import { TableRegistry } from './kernel/table-registry.ts'
import { sources, tables } from './tables.generated.ts'

describe('every table that is declared', () => {
  const registry = new TableRegistry(tables, sources)
  const reads = tables.flatMap((table) =>
    readsOf(table, registry.sources).map((read) => ({ table, ...read })),
  )

  it('only reads', () => {
    expect(readOnlyProblems(registry)).toEqual([])
  })

  it('says where its secrets lie in the answers', () => {
    expect(secretProblems(tables, sources)).toEqual([])
  })

  it('names services that its transport has', () => {
    const unknown = reads.filter(
      ({ via, service }) => via === 'aws' && !awsServices.includes(service as never),
    )
    expect(unknown.map(({ table, service }) => `${table.name}: ${service}`)).toEqual([])
  })

  it('names permissions as its provider spells them', () => {
    const odd = reads
      .filter(({ table }) => table.provider === 'aws')
      .flatMap(({ table, read }) => [read.permission].flat().map((name) => ({ table: table.name, name })))
      .filter(({ name }) => !/^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$/.test(name))
    expect(odd).toEqual([])
  })

  it('has a policy that AWS takes', () => {
    const policies = printPolicy(permissionsOf(registry))
    expect(policies.length).toBeGreaterThan(0)
    for (const policy of policies) expect(sizeOf(policy)).toBeLessThanOrEqual(6144)
  })
})
