import type { Equalities } from './equalities.ts'
import {
  accountOf,
  distributedOf,
  fromTablesOf,
  type Item,
  isCorrelated,
  type JoinTree,
  type Level,
  leavesOf,
  localOf,
  subqueriesOf,
  tablesOf,
} from './query-tree.ts'
import { type Reason, type ReasonCode, toReason } from './reasons.ts'
import { unionsBesideOuterJoin, untiedUnions } from './unions.ts'

/**
 * Follows, as far as placement decides, what Citus does with a query: subqueries that cannot run on the shards
 * are computed first and shipped (pull), bottom up; what is left must be joined on account_id (or it fails).
 * Sources: the planner's documentation at https://docs.citusdata.com/en/stable/develop/reference_processing.html
 * and our own measurements, which are the test of this file.
 */
export class QueryPlanner {
  readonly reasons: Reason[] = []
  readonly #equalities: Equalities

  constructor(equalities: Equalities) {
    this.#equalities = equalities
  }

  add(code: ReasonCode, location?: number): void {
    if (!this.reasons.some((reason) => reason.code === code && reason.location === location)) {
      this.reasons.push(toReason(code, location))
    }
  }

  /** A statement, or a part that is computed by itself. */
  planWhole(level: Level): void {
    if (this.staysTogether(level)) {
      const accounts = distributedOf(tablesOf(level)).map(accountOf)
      if (accounts.length > 0 && !this.#equalities.hasOneSureConstant(accounts)) {
        this.add('account-through-missing', level.location)
      }
      return
    }
    this.prepare(level, true, this.#allEqual(level))
    this.finish(level)
  }

  /** Nothing distributed, or everything in one account: any SQL is good. */
  staysTogether(level: Level): boolean {
    const tables = [...tablesOf(level)]
    const distributed = distributedOf(tables)
    if (distributed.length === 0) return true
    return localOf(tables).length === 0 && this.#equalities.hasOneConstant(distributed.map(accountOf))
  }

  /** Takes out, bottom up, what cannot run on the shards. */
  prepare(level: Level, isTop: boolean, wholeIsEqual: boolean): void {
    this.#prepareNamed(level)
    for (const query of subqueriesOf(level)) {
      if (query.pulled) continue
      this.prepare(query, false, wholeIsEqual)
      const hindrance = this.#hindranceOf(query, wholeIsEqual)
      if (hindrance !== undefined) this.#pull(query, hindrance)
    }
    this.#prepareSet(level, isTop)
    for (const { query, place } of level.sublinks) {
      if (place !== 'having' || [...tablesOf(query)].length === 0) continue
      if (!this.#pull(query, 'recurring-subquery')) this.add('having-correlated', query.location)
    }
    if (!wholeIsEqual && !this.#allEqual(level)) this.#pullOthers(level)
    this.#pullLocal(level)
    this.#visitUnions(level, isTop)
    if (hasOuterJoin(level)) for (const tree of level.joins) this.#visitJoin(tree, false)
    if (distributedOf(fromTablesOf(level)).length === 0) {
      for (const { query, place } of level.sublinks) {
        const isShipped =
          place !== 'having' && [...tablesOf(query)].some((item) => item.placement !== 'local')
        if (isShipped) this.#pull(query, 'recurring-subquery')
      }
    }
  }

  /** What is left must run on every shard alone. */
  finish(level: Level): void {
    const tables = [...tablesOf(level)]
    if (distributedOf(tables).length === 0 || this.staysTogether(level)) return
    if (localOf(tables).length > 0) this.add('local-correlated', localOf(tables)[0]?.location)
    if (level.groupingSets) this.add('grouping-sets', level.location)
    if (level.locks) this.add('row-locks', level.location)
    if (!this.#allEqual(level)) this.add('join-without-account', this.#strangerIn(level)?.location)
    const [untied] = untiedUnions(level, this.#equalities)
    if (untied !== undefined) this.add('union-without-account', untied.location)
    if (this.#looksFromEverywhere(level)) this.add('sublink-from-everywhere', level.location)
    this.#checkLaterals(level)
    const isMerged = level.aggregates && !this.#keepsAccount(level.groups ?? [], level)
    if (isMerged && level.sublinks.some(({ place }) => place === 'select')) {
      this.add('subquery-not-pushable', level.location)
    }
    for (const query of subqueriesOf(level)) this.#checkDeep(query)
  }

  #checkDeep(level: Level): void {
    if (level.pulled) return
    if (this.#featureOf(level) !== undefined) this.add('subquery-not-pushable', level.location)
    this.#checkLaterals(level)
    for (const query of subqueriesOf(level)) this.#checkDeep(query)
  }

  #prepareNamed(level: Level): void {
    for (const named of level.ctes) {
      if (named.query.pulled || named.inlined) continue
      if (named.recursive) this.add('recursion', named.query.location)
      else this.add(named.modifies ? 'modifying-cte' : 'named-query', named.query.location)
      if (!named.recursive && !named.modifies) this.planWhole(named.query)
      named.query.pulled = true
    }
  }

  #prepareSet(level: Level, isTop: boolean): void {
    if (level.set === undefined) return
    const { arms, samePlace, operators } = level.set
    const isUnion = [...operators].every((operator) => operator.startsWith('SETOP_UNION'))
    const recurs = arms.some((arm) => distributedOf(fromTablesOf(arm)).length === 0)
    if (!isTop && isUnion && samePlace && !recurs) return
    for (const arm of arms) if (distributedOf(tablesOf(arm)).length > 0) this.#pull(arm, 'set-operation')
  }

  /** Why a subquery cannot be left where it is. */
  #hindranceOf(query: Level, wholeIsEqual: boolean): ReasonCode | undefined {
    if (localOf(fromTablesOf(query)).length > 0) return 'local-table'
    const feature = this.#featureOf(query)
    if (feature !== undefined) return feature
    return !wholeIsEqual && !this.#allEqual(query) ? 'subquery-elsewhere' : undefined
  }

  #featureOf(query: Level): ReasonCode | undefined {
    if (query.items.some((item) => item.kind === 'function' && !item.immutable)) return 'function-source'
    if (!isCorrelated(query) && this.needsMerge(query)) return 'subquery-needs-merge'
    if (query.set !== undefined) {
      const isUnion = [...query.set.operators].every((operator) => operator.startsWith('SETOP_UNION'))
      const recurs = query.set.arms.some((arm) => arm.pulled || distributedOf(fromTablesOf(arm)).length === 0)
      if (!isUnion || recurs) return 'set-operation'
    }
    if (query.groupingSets) return 'grouping-sets'
    if (query.locks) return 'row-locks'
    return this.#looksFromEverywhere(query) ? 'recurring-subquery' : undefined
  }

  /** Its result is made of several shards' rows, unless it keeps to one account. */
  needsMerge(query: Level): boolean {
    if (query.limit) return true
    if (query.groups !== undefined && !this.#keepsAccount(query.groups, query)) return true
    if (query.groups === undefined && (query.aggregates || query.having)) return true
    if (query.distinct !== undefined && !this.#keepsAccount(query.distinct, query)) return true
    const hasFrom = query.windows.length > 0
    return (
      hasFrom && query.windows.some((columns) => columns.length === 0 || !this.#keepsAccount(columns, query))
    )
  }

  #keepsAccount(columns: readonly (string | undefined)[], query: Level): boolean {
    if (columns.some((column) => this.#equalities.isAccount(column))) return true
    return distributedOf(fromTablesOf(query)).length === 0
  }

  /** Subqueries inside expressions whose FROM has the same rows on every shard. */
  #looksFromEverywhere(level: Level): boolean {
    if (level.sublinks.length === 0) return false
    return level.items.length > 0 && distributedOf(fromTablesOf(level)).length === 0
  }

  #allEqual(level: Level): boolean {
    return this.#equalities.areColocated(distributedOf(tablesOf(level)).map(accountOf))
  }

  #strangerIn(level: Level): Item | undefined {
    const [first, ...others] = distributedOf(tablesOf(level))
    return others.find((item) => !this.#equalities.areColocated([accountOf(first!), accountOf(item)]))
  }

  /** Keeps the first distributed table, and takes out the subqueries that are not tied to it. */
  #pullOthers(level: Level): void {
    const isAnchor = (item: Item): boolean =>
      !item.pulled && item.kind === 'table' && item.placement === 'distributed'
    const holds = (item: Item): boolean =>
      !item.pulled &&
      item.query?.set === undefined &&
      distributedOf(fromTablesOf({ ...level, items: [item], set: undefined })).length > 0
    const anchor = level.items.find(isAnchor) ?? level.items.find(holds)
    if (anchor === undefined) return
    const anchorAccounts = distributedOf(fromTablesOf({ ...level, items: [anchor], set: undefined })).map(
      accountOf,
    )
    const isTied = (query: Level): boolean => {
      const accounts = distributedOf(tablesOf(query)).map(accountOf)
      return accounts.length === 0 || this.#equalities.areColocated([...anchorAccounts, ...accounts])
    }
    for (const { query } of level.items) {
      if (query !== undefined && !query.pulled && !isTied(query)) this.#pull(query, 'subquery-elsewhere')
    }
    for (const { query, place } of level.sublinks) {
      if (place === 'where' && !query.pulled && !isTied(query)) this.#pull(query, 'subquery-elsewhere')
    }
  }

  #pullLocal(level: Level): void {
    const local = level.items.filter((item) => item.placement === 'local' && !item.pulled)
    if (local.length === 0 || distributedOf(fromTablesOf(level)).length === 0) return
    for (const item of local) {
      item.pulled = true
      this.add('local-table', item.location)
    }
  }

  #visitUnions(level: Level, isTop: boolean): void {
    const { unions, place } = unionsBesideOuterJoin(level, isTop, hasOuterJoin)
    for (const union of unions) {
      if (place === 'unasked') this.add('union-unasked', union.location)
      if (place === 'among others') this.#pull(union, 'union-beside-outer-join')
    }
  }

  /** True if the join gives the same rows on every shard. A distributed inner side is then taken out. */
  #visitJoin(tree: JoinTree, isChained: boolean): boolean {
    if ('item' in tree) return this.#recurs(tree.item)
    const left = this.#visitJoin(tree.left, true)
    const right = this.#visitJoin(tree.right, true)
    if (tree.kind === 'inner') return left && right
    if (tree.kind === 'full') {
      if (left !== right) this.#pullSide(left ? tree.right : tree.left)
      return left || right
    }
    const [outer, inner] = tree.kind === 'left' ? [tree.left, tree.right] : [tree.right, tree.left]
    const [outerRecurs, innerRecurs] = tree.kind === 'left' ? [left, right] : [right, left]
    if (!outerRecurs || innerRecurs) return outerRecurs
    if (!isChained && this.#isReferenceJoin(outer, inner, tree.equals)) return false
    this.#pullSide(inner)
    return true
  }

  /** `reference left join distributed on … = account_id`: each shard answers for its own accounts. */
  #isReferenceJoin(outer: JoinTree, inner: JoinTree, equals: readonly [string, string][]): boolean {
    if (!('item' in outer) || !('item' in inner) || inner.item.lateral) return false
    if (outer.item.kind !== 'table' || outer.item.placement !== 'reference') return false
    if ((inner.item.query?.groups ?? inner.item.query?.set) !== undefined) return false
    const prefix = `${outer.item.id}.`
    return equals.some(
      ([a, b]) =>
        (a.startsWith(prefix) && this.#equalities.isAccount(b)) ||
        (b.startsWith(prefix) && this.#equalities.isAccount(a)),
    )
  }

  #pullSide(tree: JoinTree): void {
    for (const item of leavesOf(tree)) {
      if (this.#recurs(item)) continue
      if (item.query === undefined) {
        item.pulled = true
        this.add('outer-join-from-everywhere', item.location)
      } else if (!this.#pull(item.query, 'outer-join-from-everywhere')) {
        this.add('lateral-from-everywhere', item.location)
      }
    }
  }

  #recurs(item: Item): boolean {
    if (item.pulled) return true
    if (item.kind === 'table') return item.placement !== 'distributed'
    return (
      item.query === undefined || item.query.pulled || distributedOf(fromTablesOf(item.query)).length === 0
    )
  }

  #checkLaterals(level: Level): void {
    for (const { query, location } of level.items) {
      if (query === undefined || query.pulled || distributedOf(tablesOf(query)).length === 0) continue
      const looksAtEverywhere = [...query.outerItems].some(
        (item) => level.items.includes(item) && this.#recurs(item),
      )
      if (looksAtEverywhere && this.needsMerge(query)) this.add('lateral-from-everywhere', location)
    }
  }

  /** Computes a subquery first. A correlated one cannot be: it stays, and is judged where it stands. */
  #pull(query: Level, code: ReasonCode): boolean {
    if (query.pulled) return true
    if (isCorrelated(query)) return false
    this.add(code, query.location)
    this.planWhole(query)
    query.pulled = true
    return true
  }
}

/** Is there an outer join that can really leave rows out? Those whose optional side is asked for above cannot. */
const hasOuterJoin = ({ joins, strict }: Level): boolean => joins.some((tree) => isOuterJoin(tree, strict))

function isOuterJoin(tree: JoinTree, strictAbove: ReadonlySet<Item>): boolean {
  if ('item' in tree) return false
  const { kind, left, right } = tree
  const isSure = (side: JoinTree): boolean => [...leavesOf(side)].some((item) => strictAbove.has(item))
  const inside = new Set([...strictAbove, ...tree.strict])
  const isInner =
    kind === 'inner' ||
    (kind === 'left' && isSure(right)) ||
    (kind === 'right' && isSure(left)) ||
    (kind === 'full' && isSure(left) && isSure(right))
  if (!isInner) return true
  return isOuterJoin(left, inside) || isOuterJoin(right, inside)
}
