import type { StanceError } from '../../core/errors.ts'
import { readColumn } from '../../core/table-shape.ts'
import type { World } from '../../core/world.ts'
import type { Database } from '../../db/database.ts'
import { type CheckedCondition, checkCondition } from './check-condition.ts'
import { compileFactPass } from './compile-fact-pass.ts'
import { compileTablePass, type PassRule } from './compile-table-pass.ts'
import { confirmWorld } from './confirm-world.fixture.ts'
import type { RowKey } from './examine-rows.ts'
import type { Unread } from './find-unread.ts'
import type { ParamShapes } from './params.ts'
import {
  type RandomCondition,
  randomCondition,
  randomNow,
  randomParams,
} from './random-conditions.fixture.ts'
import { RandomSource } from './random-source.fixture.ts'
import { hideSome, mixDays, randomWorld, renamed } from './random-worlds.fixture.ts'
import { evidenceKey, readEvidence } from './read-evidence.ts'
import { ReferenceJudge, type WorldRow, type WorldRows } from './reference-judge.ts'
import type { Restriction } from './restriction.ts'
import { smallCatalogue as catalogue, loadWorld } from './small-catalogue.fixture.ts'

/*
 * The compiler's property test, in batches: random conditions × random worlds, each whole and with things hidden.
 *   equal  the compiled pass gives what the reference gives, on every engine
 *   sound  with anything hidden a verdict is unknown or the same
 *   live   with everything read no verdict is unknown
 *   plain  with everything read the author's own SQL says the same
 *   confirmed  the same without what is kept, or about to be read: as the reference says, and nothing else than with it
 */
export interface SoakResult {
  conditions: number
  verdicts: number
  /** Of hidden worlds: how many verdicts became unknown. */
  unknown: number
  /** Conditions that the generator made and the language refused, by code. */
  refused: Record<string, number>
  problems: string[]
}

const now = new Date(randomNow.replace(' ', 'T').replace('+00', 'Z'))
const params: ParamShapes = {
  n: { type: 'bigint' },
  word: { type: 'text' },
  words: { type: 'text', list: true },
}
const factOrder = ['network.is_flowing', 'bucket.is_exposed', 'network.is_public'] as const
const judgedTables = ['network', 'bucket'] as const

interface Made {
  random: RandomCondition
  checked: CheckedCondition
}

export async function soakBatch(engines: readonly Database[], seed: number, size = 20): Promise<SoakResult> {
  const random = new RandomSource(seed)
  const result: SoakResult = { conditions: 0, verdicts: 0, unknown: 0, refused: {}, problems: [] }
  const make = (table: string, facts: readonly string[], across: boolean): Made => {
    for (;;) {
      const one = randomCondition(random, { table, depth: 1 + random.below(3), across, facts })
      try {
        const made = { random: one, checked: checkCondition(one.text, { table, catalogue, params, across }) }
        result.conditions += 1
        return made
      } catch (error) {
        const { code } = error as StanceError
        if (code === undefined) throw error
        result.refused[code] = (result.refused[code] ?? 0) + 1
      }
    }
  }
  const facts = factOrder.map((name, at) => {
    const [table = '', column = ''] = name.split('.')
    return { table, column, ...make(table, factOrder.slice(0, at), false) }
  })
  const rulesOf = (table: string) => {
    const made = Array.from({ length: size }, () => make(table, factOrder, random.chance(0.3)))
    const rules = made.map(({ checked }, at): PassRule => {
      const applies = at % 5 === 4 ? { applies: make(table, factOrder, false).checked } : {}
      return { slot: at + 1, id: checked.text, pass: checked, params: randomParams, ...applies }
    })
    return { table, made, rules }
  }
  const judged = judgedTables.map(rulesOf)

  const worlds = makeWorlds(random)
  for (const { rows } of worlds) deriveFacts(rows, facts)
  const everything = merge(worlds.map((world) => world.rows))
  const expected = judge(everything, judged)
  checkSoundAndLive(worlds, judged, expected, result)

  for (const db of engines) {
    const schema = `soak_${String(seed)}`
    const bare = merge(worlds.map((world) => world.rows))
    for (const row of [...bare.tables.network!, ...bare.tables.bucket!]) {
      row.is_public = row.is_flowing = row.is_exposed = null
    }
    const world = await loadWorld(db, schema, bare)
    for (const { table, column, checked } of facts) {
      const sql = compileFactPass({
        table,
        facts: [{ column, when: checked, params: randomParams }],
        catalogue,
        world,
        engine: db.engine,
        now,
      })
      await db.transaction((tx) =>
        tx.run(`update ${schema}.${table} set ${column} = f.${column} from (${sql}) f
          where f.account_id = ${table}.account_id and f.resource_key = ${table}.resource_key`),
      )
    }
    for (const { table, rules, made } of judged) {
      const rows = everything.tables[table]!
      for (const restriction of [{}, ...(seed % 4 === 0 ? restrictions(rows) : [])]) {
        const sql = compileTablePass({ table, rules, catalogue, world, engine: db.engine, now, restriction })
        const found = await db.query<FoundRow>(sql)
        const meant = rows.filter((row) => isMeant(row, restriction))
        const run = `seed ${String(seed)} ${db.engine} ${JSON.stringify(restriction)} ${table}`
        if (found.length !== meant.length) {
          result.problems.push(`${run}: ${String(found.length)} rows of ${String(meant.length)}`)
        }
        for (const row of found) {
          const wanted = expected.get(`${table} ${row.account_id} ${row.resource_key}`)
          if (wanted === row.verdicts) continue
          const at = [...row.verdicts].findIndex((char, index) => char !== wanted?.[index])
          const rule = rules[at - 1]
          const named = `${rule?.id ?? 'exposure'} applies ${rule?.applies?.text ?? '-'}`
          const instead = `${row.verdicts[at]!} instead of ${wanted?.[at] ?? 'nothing'}`
          result.problems.push(`${run} ${row.account_id} ${row.resource_key}: ${instead}: ${named}`)
        }
      }
      if (db.engine === 'duckdb')
        await checkPlain({ db, schema, table, made, worlds, expected, result, rules })
    }
    const awaited = new Set(random.chance(0.5) ? [random.pick(factOrder)] : [])
    // Of a few batches on all engines.
    const without = db.engine === 'duckdb' || seed % 3 === 0 ? [undefined, awaited] : []
    for (const awaitedFacts of without) {
      const confirmed = { ...world, resources: `${schema}.resource`, ...(awaitedFacts && { awaitedFacts }) }
      const wanted = judge(confirmWorld(everything, awaitedFacts), judged)
      const run = `seed ${String(seed)} ${db.engine} ${awaitedFacts === undefined ? 'confirmed' : 'settled'}`
      for (const { table, rules } of judged) {
        const sql = compileTablePass({ table, rules, catalogue, world: confirmed, engine: db.engine, now })
        for (const row of await db.query<FoundRow>(sql)) {
          const key = `${table} ${row.account_id} ${row.resource_key}`
          if (row.verdicts !== wanted.get(key))
            result.problems.push(`${run} ${key}: ${row.verdicts} instead of ${wanted.get(key) ?? 'nothing'}`)
          const known = expected.get(key) ?? ''
          const turned = [...row.verdicts].some(
            (one, at) => one !== (at === 0 ? '?' : 'u') && one !== known[at],
          )
          if (turned)
            result.problems.push(`${run} ${key}: ${row.verdicts} of what is ${known} where more counts`)
        }
      }
    }
    if (db.engine === 'duckdb')
      await checkEvidence({ db, world, facts, judged, everything, expected, result })
    await db.transaction(async (tx) => {
      await tx.run(`drop schema ${schema} cascade`)
    })
  }
  return result
}

interface FoundRow {
  account_id: string
  resource_key: string
  verdicts: string
}

/** By account, region and key of some row. */
function restrictions(rows: readonly WorldRow[]): Restriction[] {
  const [one, other] = [rows[3], rows[rows.length - 4]]
  if (one === undefined || other === undefined) return []
  const accountIds = [String(one.account_id), String(other.account_id)]
  const resourceKeys = [String(other.resource_key)]
  return [
    { accountIds, region: String(one.region) },
    { accountIds, resourceKeys },
  ]
}

function isMeant(row: WorldRow, { accountIds, region, resourceKeys }: Restriction): boolean {
  return (
    (accountIds?.includes(String(row.account_id)) ?? true) &&
    (region === undefined || row.region === region) &&
    (resourceKeys?.includes(String(row.resource_key)) ?? true)
  )
}

interface MadeWorld {
  prefix: string
  /** Undefined: everything was read. */
  of?: string
  rows: WorldRows
}

function makeWorlds(random: RandomSource): MadeWorld[] {
  const worlds: MadeWorld[] = []
  for (let base = 0; base < 5; base++) {
    const prefix = `w${String(base)}h0a`
    const whole = randomWorld(random, prefix)
    worlds.push({ prefix, rows: whole })
    for (let hidden = 1; hidden <= 8; hidden++) {
      const name = `w${String(base)}h${String(hidden)}a`
      const rows = renamed(whole, prefix, name)
      hideSome(random, rows)
      if (random.chance(0.4)) mixDays(random, rows)
      worlds.push({ prefix: name, of: prefix, rows })
    }
  }
  return worlds
}

function deriveFacts(
  rows: WorldRows,
  facts: readonly { table: string; column: string; checked: CheckedCondition }[],
): void {
  for (const { table, column, checked } of facts) {
    const judge = new ReferenceJudge(catalogue, rows, now)
    const values = rows.tables[table]!.map((row) => judge.fact(checked, row, randomParams))
    for (const [at, row] of rows.tables[table]!.entries()) row[column] = values[at]!
  }
}

function merge(worlds: readonly WorldRows[]): WorldRows {
  const tables: Record<string, WorldRow[]> = {}
  for (const name of catalogue.keys()) {
    tables[name] = worlds.flatMap((world) => (world.tables[name] ?? []).map((row) => ({ ...row })))
  }
  return { tables, cells: worlds.flatMap((world) => world.cells) }
}

function judge(
  world: WorldRows,
  judged: readonly { table: string; rules: readonly PassRule[] }[],
): Map<string, string> {
  const verdicts = new Map<string, string>()
  const reference = new ReferenceJudge(catalogue, world, now)
  for (const { table, rules } of judged) {
    for (const row of world.tables[table]!) {
      const exposure =
        table !== 'network'
          ? 'o'
          : row._listed !== true || row.is_public === null
            ? '?'
            : row.is_public === true
              ? 'x'
              : 'o'
      const string = exposure + rules.map((rule) => reference.verdict(rule, row)).join('')
      verdicts.set(`${table} ${String(row.account_id)} ${String(row.resource_key)}`, string)
    }
  }
  return verdicts
}

function checkSoundAndLive(
  worlds: readonly MadeWorld[],
  judged: readonly { table: string; rules: readonly PassRule[] }[],
  verdicts: ReadonlyMap<string, string>,
  result: SoakResult,
): void {
  for (const { table, rules } of judged) {
    for (const world of worlds) {
      for (const row of world.rows.tables[table]!) {
        const account = String(row.account_id)
        const mine = verdicts.get(`${table} ${account} ${String(row.resource_key)}`)!
        result.verdicts += mine.length - 1
        const rule = (at: number) =>
          `seed: ${table} ${account} ${String(row.resource_key)}: ${rules[at - 1]?.id ?? 'exposure'}`
        if (world.of === undefined) {
          const at = [...mine].findIndex((char) => char === 'u' || char === '?')
          if (at >= 0) result.problems.push(`not live, ${rule(at)}`)
          continue
        }
        const whole = verdicts.get(
          `${table} ${world.of}${account.slice(world.prefix.length)} ${String(row.resource_key)}`,
        )!
        for (let at = 0; at < mine.length; at++) {
          if (mine[at] === 'u') result.unknown += 1
          else if (mine[at] !== '?' && mine[at] !== whole[at]) {
            result.problems.push(
              `not sound, ${rule(at)}: ${mine[at]!}, but ${whole[at]!} with everything read`,
            )
          }
        }
      }
    }
  }
}

async function checkPlain(given: {
  db: Database
  schema: string
  table: string
  made: readonly Made[]
  rules: readonly PassRule[]
  worlds: readonly MadeWorld[]
  expected: ReadonlyMap<string, string>
  result: SoakResult
}): Promise<void> {
  const { db, schema, table, made, worlds, expected, result, rules } = given
  const whole = worlds
    .filter((world) => world.of === undefined)
    .flatMap((world) => [`'${world.prefix}1'`, `'${world.prefix}2'`])
  const texts = made.map(({ random }, at) => `(${random.plain(schema)}) as v${String(at)}`)
  const sql = `select account_id, resource_key, owner_account_id, ${texts.join(', ')} from ${schema}.${table} as ${table} where account_id in (${whole.join(', ')})`
  for (const row of await db.query(sql)) {
    if (row.owner_account_id !== row.account_id) continue
    const string = expected.get(`${table} ${String(row.account_id)} ${String(row.resource_key)}`)!
    for (const at of made.keys()) {
      const verdict = string[at + 1]!
      if (rules[at]?.applies !== undefined && verdict === '-') continue
      const plain = row[`v${String(at)}`] === true ? 'p' : 'f'
      if (plain !== verdict)
        result.problems.push(`plain SQL says ${plain}, not ${verdict}: ${made[at]!.checked.text}`)
    }
  }
}

/** An unknown verdict follows from something, and all that it is said to follow from was truly not read. */
async function checkEvidence(given: {
  db: Database
  world: World
  facts: readonly { table: string; column: string; checked: CheckedCondition }[]
  judged: readonly { table: string; rules: readonly PassRule[] }[]
  everything: WorldRows
  expected: ReadonlyMap<string, string>
  result: SoakResult
}): Promise<void> {
  const { db, world, judged, everything, expected, result } = given
  const facts = new Map(
    given.facts.map(({ table, column, checked }) => [
      `${table}.${column}`,
      { when: checked, params: randomParams },
    ]),
  )
  for (const { table, rules } of judged) {
    for (const rule of rules.filter((one) => one.slot % 7 === 0)) {
      const rows = everything.tables[table]!.filter((_, at) => at % 3 === 0) as (WorldRow & RowKey)[]
      const evidence = await readEvidence({ reader: db, catalogue, world, now, facts }, rule, rows)
      for (const row of rows) {
        const verdict = expected.get(`${table} ${row.account_id} ${row.resource_key}`)![rule.slot]!
        const unread = evidence.get(evidenceKey(row))?.unread
        const where = `evidence of ${table} ${row.account_id} ${row.resource_key} (${verdict}), ${rule.id}`
        if (unread === undefined) result.problems.push(`no ${where}`)
        else if (verdict === 'u' && unread.length === 0)
          result.problems.push(`nothing unread in the ${where}`)
        else if ((verdict === 'p' || verdict === 'f') && unread.length > 0)
          result.problems.push(`unread in the ${where}`)
        const wrong = unread?.find((one) => !isUnread(one, everything))
        if (wrong !== undefined) result.problems.push(`${JSON.stringify(wrong)} was read: ${where}`)
      }
    }
  }
}

function isUnread(unread: Unread, world: WorldRows): boolean {
  // A fact is followed down to what it reads.
  if (unread.group === 'derived') return false
  if ('part' in unread) {
    const cells = world.cells.filter(
      (cell) => cell.account_id === unread.account_id && cell.table_name === unread.table,
    )
    const [cell] = cells.filter(({ part }) => part === unread.part)
    return cell === undefined
      ? unread.part !== '*' || cells.length === 0
      : !cell.in_force || cell.ok_at !== undefined
  }
  const row = world.tables[unread.table]!.find(
    (one) => one.account_id === unread.account_id && one.resource_key === unread.resource_key,
  )
  // It names what a list has lost.
  if (unread.group === 'list' && row?._lost_names != null) return true
  return (
    row !== undefined &&
    (row[readColumn(unread.group)] !== true || String(row._kept_groups ?? '').includes(`|${unread.group}|`))
  )
}
