import type { Equalities } from './equalities.ts'
import { distributedOf, fromTablesOf, type JoinTree, type Level, leavesOf, tablesOf } from './query-tree.ts'

/**
 * A UNION that the shards are to compute is only safe alone in its FROM. Beside something else Citus must see
 * that all of it keeps to one account, and it loses sight of that in ways that depend on more than the text: a
 * filter in a branch, an outer join that PostgreSQL leaves out because nothing of it is asked for and its key
 * is unique, one more join. Citus 14.0.1 even crashes on some. Measured in test/recordings/citus-statements-more.jsonl.
 */
type OuterJoinPlace = 'alone' | 'among others' | 'unasked'

/** The UNIONs that stand beside an outer join, and whether that join is all there is and gives something. */
export function unionsBesideOuterJoin(
  level: Level,
  isTop: boolean,
  hasOuterJoin: (level: Level) => boolean,
): { unions: Level[]; place: OuterJoinPlace } {
  const conditions = level.sublinks.flatMap(({ query, place }) => (place === 'where' ? [query] : []))
  const isOuter = hasOuterJoin(level)
  if (!isOuter && !conditions.some(hasOuterJoin)) return { unions: [], place: 'alone' }
  const unions = [...unionsIn(level), ...(isOuter ? conditions.flatMap((one) => [...unionsOf(one)]) : [])]
  const [tree, ...others] = level.joins
  const asks = conditions.some((one) => [...tablesOf(one)].length > 0)
  const isAlone = isOuter && !asks && tree !== undefined && others.length === 0 && isOneOuterJoin(tree)
  if (!isAlone) return { unions, place: 'among others' }
  return { unions, place: isTop && isAsked(level, tree) ? 'alone' : 'unasked' }
}

/** `union left join x`, where x has no further outer join. */
function isOneOuterJoin(tree: JoinTree): boolean {
  if ('item' in tree || tree.kind === 'inner') return false
  const [outer, inner] = tree.kind === 'right' ? [tree.right, tree.left] : [tree.left, tree.right]
  const isUnion = ({ query }: { query?: Level }) => query !== undefined && [...unionsOf(query)].length > 0
  if (tree.kind === 'full') return 'item' in outer && 'item' in inner
  return 'item' in outer && isInnerOnly(inner) && ![...leavesOf(inner)].some(isUnion)
}

/** What is not asked for may be left out, join and all; so may what only an outer SELECT could ask for. */
const isAsked = ({ outputs }: Level, tree: JoinTree): boolean =>
  [...leavesOf(tree)].every(
    (item) => item.isAsked === true || outputs.some((output) => output.star?.includes(item) === true),
  )

const isInnerOnly = (tree: JoinTree): boolean =>
  'item' in tree || (tree.kind === 'inner' && isInnerOnly(tree.left) && isInnerOnly(tree.right))

/** The UNIONs that are joined to something by which Citus cannot tell that they keep to one account. */
export function* untiedUnions(level: Level, equalities: Equalities, beside = false): Generator<Level> {
  const isBeside = beside || level.items.length > 1
  if (isBeside && isOnShards(level) && !isTied(level, equalities)) yield level
  for (const { query } of level.items)
    if (query !== undefined && !query.pulled) yield* untiedUnions(query, equalities, isBeside)
  for (const arm of level.set?.arms ?? []) yield* untiedUnions(arm, equalities)
  for (const { query } of level.sublinks) if (!query.pulled) yield* untiedUnions(query, equalities)
}

function isTied({ outputs, set }: Level, equalities: Equalities): boolean {
  const columns = outputs.flatMap(({ column }) => column ?? [])
  // PostgreSQL dissolves a UNION ALL of bare tables, so that any equality does.
  const isBare = set?.arms.every(isBareTable) === true && [...set.operators].join() === 'SETOP_UNION ALL'
  return columns.some((column) => equalities.isLinked(column) && (isBare || equalities.isAccount(column)))
}

const isBareTable = (arm: Level): boolean =>
  arm.items.length === 1 &&
  arm.items[0]?.kind === 'table' &&
  !arm.filtered &&
  !arm.aggregates &&
  arm.groups === undefined &&
  arm.distinct === undefined &&
  arm.sublinks.length === 0

const isOnShards = (level: Level): boolean =>
  level.set !== undefined && !level.pulled && distributedOf(fromTablesOf(level)).length > 0

function* unionsIn(level: Level): Generator<Level> {
  for (const { query } of level.items) if (query !== undefined) yield* unionsOf(query)
}

function* unionsOf(level: Level): Generator<Level> {
  if (level.pulled) return
  if (isOnShards(level)) yield level
  yield* unionsIn(level)
}
