import { type Catalogue, type LakeType, readColumn, sqlColumns } from '../../core/table-shape.ts'
import type { Value } from '../../db/database.ts'
import { everySubquery, innerTerms, sameRow, type Term } from '../language/term.ts'
import { add, cellsFor, type ProofWorld, proofRegion, shapeOf, type WorldRow } from './proof-world.ts'
import type { RandomSource } from './random-source.ts'

const never = new Date('0001-01-01T00:00:00Z')

export type ValuePool = Record<LakeType, Value[]>

/** Values that matter to a condition: its literals, their neighbours, and a few that link rows with each other. */
export function poolOf(term: Term, now: Date): ValuePool {
  const day = 86_400_000
  const ago = (days: number) => new Date(now.getTime() - days * day)
  const pool: ValuePool = {
    text: ['', 'one', 'two', 'own'],
    boolean: [true, false],
    bigint: [0, 1],
    double: [0, 1.5],
    timestamptz: [now, ago(1), ago(50), ago(100), ago(1000), never, new Date('9999-12-31T00:00:00Z')],
  }
  for (const one of everyTerm(term)) {
    if (one.kind !== 'constant') continue
    if (one.type === 'bigint') {
      for (const near of [-1n, 0n, 1n]) pool.bigint.push(Number(one.value + near))
    } else if (one.type === 'timestamptz') {
      // Nothing is earlier than "never".
      const times = [-1, 0, 1].map((near) => new Date(one.value + near))
      pool.timestamptz.push(...times.filter((time) => time >= never))
    } else pool[one.type].push(one.value)
  }
  pool.text = pool.text.flatMap((value) =>
    typeof value === 'string' ? [value, value.replaceAll('%', 'x')] : [],
  )
  return pool
}

function* everyTerm(term: Term): Generator<Term> {
  yield* sameRow(term)
  for (const sub of everySubquery(term)) for (const inner of innerTerms(sub)) yield* sameRow(inner)
}

/** A world in which everything was read, with up to three rows of each table; child rows hang on what is there. */
export function randomWorld(
  catalogue: Catalogue,
  table: string,
  tables: readonly string[],
  pool: ValuePool,
  random: RandomSource,
): ProofWorld {
  const world: ProofWorld = {
    rows: new Map(),
    cells: [],
    judged: { account_id: 'own', resource_key: `${table}/0` },
  }
  for (const name of tables) {
    const shape = shapeOf(catalogue, name)
    if (shape.parent !== undefined) continue
    const rows = name === table ? 1 + random.upTo(2) : random.upTo(4)
    for (let nr = 0; nr < rows; nr++) {
      const row = randomRow(catalogue, name, pool, random)
      const region =
        shape.parts === 'region' ? random.pick([proofRegion, proofRegion, 'us-east-1']) : 'global'
      add(world, name, {
        ...row,
        account_id: 'own',
        owner_account_id: 'own',
        resource_key: `${name}/${nr}`,
        region: nr === 0 && name === table && shape.parts === 'region' ? proofRegion : region,
        _part: nr === 0 && name === table && shape.parts === 'region' ? proofRegion : region,
      })
    }
  }
  for (const name of tables) {
    const shape = shapeOf(catalogue, name)
    if (shape.parent === undefined) continue
    for (const parent of world.rows.get(shape.parent) ?? []) {
      for (let nr = 1; nr <= random.upTo(3); nr++) {
        const { account_id = null, region = null, resource_key = null } = parent
        add(world, name, {
          ...randomRow(catalogue, name, pool, random),
          account_id,
          region,
          resource_key,
          _nr: nr,
        })
      }
    }
  }
  world.cells = cellsFor(catalogue, tables, world)
  return world
}

function randomRow(catalogue: Catalogue, table: string, pool: ValuePool, random: RandomSource): WorldRow {
  const shape = shapeOf(catalogue, table)
  const row: WorldRow = Object.fromEntries(sqlColumns(shape).map(({ name }) => [name, null]))
  for (const column of shape.columns) row[column.name] = random.pick(pool[column.type])
  if (shape.parent === undefined)
    for (const group of shape.groups) if (group !== 'derived') row[readColumn(group)] = true
  return row
}
