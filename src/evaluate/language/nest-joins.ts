import type { SubqueryUse } from './resolve-subquery.ts'
import type { TermResolver } from './resolve-term.ts'
import type { NamedRow } from './row-scope.ts'
import { isAccount, rowsOf, type SortedConditions } from './sort-conditions.ts'
import { allOf, type Constant, type Subquery, type Term } from './term.ts'

/** A row of the FROM with the rows nested below it. */
interface Nest {
  row: NamedRow
  account?: Term
  keys: { inner: Term; outer: Term }[]
  own: Term[]
  below: Nest[]
}

const zero: Constant = { kind: 'constant', type: 'bigint', value: 0n }

/**
 * An inner join is a tree of equalities; it means the nesting of its rows: exists over the root, and exists over
 * each row below it. Counts and sums become sums of products, extremes become extremes of extremes
 * (docs/adr/0005).
 */
export function nestJoins(
  resolver: TermResolver,
  sorted: SortedConditions,
  use: SubqueryUse,
  argument: Term | undefined,
): Subquery {
  const linked = sorted.rows.filter((row) => sorted.outer.has(row.id))
  const [root, second] = linked
  if (root !== undefined && second !== undefined) {
    const at = sorted.outer.get(second.id)?.[0]?.at
    throw resolver.fail(
      'CONDITION_CORRELATION',
      at,
      `${root.alias} and ${second.alias} are both linked to the row around.`,
      `Link only one of them, and the other to it: ${second.alias}.x = ${root.alias}.y. Or write two subqueries.`,
    )
  }
  const tree = root === undefined ? firstGoodTree(resolver, sorted) : buildTree(resolver, sorted, root)
  for (const { inner, outer, at } of sorted.outer.get(tree.row.id) ?? [])
    addKey(resolver, tree, { inner, outer, at, join: false })
  if (use.form === 'exists' || use.form === 'in') return existsOf(tree, use.at)
  if (use.form === 'count' || argument === undefined) return sumOf(tree, use.at)
  const [owner, other] = rowsOf(argument)
  const known = sorted.rows.some((row) => row.id === owner)
  if (owner === undefined || other !== undefined || !known) {
    throw resolver.fail(
      'CONDITION_CORRELATION',
      use.at,
      `${use.form} must be over the columns of one table of the subquery.`,
      owner === undefined ? 'Write (select count(*) from …).' : 'Name columns of one table only.',
    )
  }
  return use.form === 'sum'
    ? sumOf(tree, use.at, { row: owner, term: argument })
    : extremeOf(tree, use.at, use.form, { row: owner, term: argument })
}

/** Without a link to the row around, the first table from which the accounts can be followed is the root. */
function firstGoodTree(resolver: TermResolver, sorted: SortedConditions): Nest {
  let problem: unknown
  for (const row of sorted.rows) {
    try {
      return buildTree(resolver, sorted, row)
    } catch (error) {
      problem ??= error
    }
  }
  throw problem
}

function buildTree(resolver: TermResolver, sorted: SortedConditions, root: NamedRow): Nest {
  const placed = new Map<number, Nest>()
  const place = (row: NamedRow): Nest => {
    const nest: Nest = { row, keys: [], own: sorted.own.get(row.id) ?? [], below: [] }
    placed.set(row.id, nest)
    return nest
  }
  const tree = place(root)
  const open = new Set(sorted.links)
  for (let found = true; found; ) {
    found = false
    for (const nest of [...placed.values()]) {
      for (const row of sorted.rows) {
        if (placed.has(row.id)) continue
        const links = [...open].filter((link) => link.terms.has(nest.row.id) && link.terms.has(row.id))
        if (links.length === 0) continue
        const below = place(row)
        nest.below.push(below)
        for (const link of links) {
          addKey(resolver, below, {
            inner: link.terms.get(row.id)!,
            outer: link.terms.get(nest.row.id)!,
            at: link.at,
            join: true,
          })
          open.delete(link)
        }
        found = true
      }
    }
  }
  const [circle] = open
  if (circle !== undefined && placed.size === sorted.rows.length) {
    throw resolver.fail(
      'CONDITION_CORRELATION',
      circle.at,
      'The tables of this subquery are linked in a circle.',
      'Link each table to one other only.',
    )
  }
  const lost = sorted.rows.find((row) => !placed.has(row.id))
  if (lost !== undefined) {
    throw resolver.fail(
      'CONDITION_CORRELATION',
      lost.at,
      `${lost.alias} is not linked to ${root.alias}.`,
      `Write ${lost.alias}.x = ${root.alias}.y, or two subqueries joined by and.`,
    )
  }
  return tree
}

interface Key {
  inner: Term
  outer: Term
  at: number
  /** Between two tables of one FROM, not with the row around. */
  join: boolean
}

function addKey(resolver: TermResolver, nest: Nest, { inner, outer, at, join }: Key): void {
  if (isAccount(inner) && isAccount(outer)) return
  const fail = (what: string, next: string) => resolver.fail('CONDITION_CORRELATION', at, what, next)
  const { across } = resolver.context
  if (join ? isAccount(inner) || isAccount(outer) : isAccount(inner)) {
    if (!across) {
      throw fail(
        'A rule looks into its own account only.',
        'Say across: accounts in the rule, if it means another account.',
      )
    }
    // `b.account_id = a.target_account_id` says where b is: from b there is no way to a.
    if (!isAccount(inner)) {
      throw fail(
        `${nest.row.alias} cannot be found from here.`,
        'Link the row around to the table that names the account.',
      )
    }
    if (nest.account !== undefined) throw fail(`${nest.row.alias} names its account twice.`, 'Name it once.')
    nest.account = outer
    return
  }
  nest.keys.push({ inner, outer })
}

function existsOf(nest: Nest, at: number): Subquery {
  return subquery(nest, at, { form: 'exists', type: 'boolean' })
}

function sumOf(nest: Nest, at: number, argument?: { row: number; term: Term }): Subquery {
  const factors = nest.below.map((below) =>
    sumOf(below, at, argument !== undefined && holds(below, argument.row) ? argument : undefined),
  )
  const own = argument?.row === nest.row.id ? [argument.term] : []
  const [first, ...rest] = [...own, ...factors]
  if (first === undefined) return subquery(nest, at, { form: 'count', type: 'bigint', orElse: zero })
  const product = rest.reduce(
    (left, right) => ({ kind: 'arithmetic', type: 'bigint', op: '*', left, right }),
    first as Term,
  )
  return subquery(nest, at, { form: 'sum', type: 'bigint', argument: product, orElse: zero })
}

function extremeOf(
  nest: Nest,
  at: number,
  form: 'max' | 'min',
  argument: { row: number; term: Term },
): Subquery {
  const below = nest.below.find((one) => holds(one, argument.row))
  const value = below === undefined ? argument.term : extremeOf(below, at, form, argument)
  return subquery(nest, at, { form, type: value.type, argument: value })
}

function holds(nest: Nest, row: number): boolean {
  return nest.row.id === row || nest.below.some((below) => holds(below, row))
}

function subquery(
  nest: Nest,
  at: number,
  what: Pick<Subquery, 'form' | 'type' | 'argument' | 'orElse'>,
): Subquery {
  const where = allOf([...nest.own, ...nest.below.map((below) => existsOf(below, at))])
  const { row, account, keys } = nest
  return {
    kind: 'subquery',
    ...what,
    table: row.table.name,
    row: row.id,
    ...(account === undefined ? {} : { account }),
    keys,
    where,
    at,
  }
}
