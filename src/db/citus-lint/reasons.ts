/** What Citus does with a statement: all on the shards, some rows through the coordinator, or an error. */
export type DistributionVerdict = 'push' | 'pull' | 'fail'

export interface Reason {
  code: ReasonCode
  message: string
  /** What this reason alone makes of the statement; `push` is a rule of this house that Citus itself allows. */
  verdict: DistributionVerdict
  /** Where in the statement, in UTF-8 bytes from 0. */
  location?: number
}

export type ReasonCode = keyof typeof reasonTexts

/** Each with the remedy: this is what a developer reads when a test fails. */
const reasonTexts = {
  unreadable: ['fail', 'PostgreSQL cannot parse this. SQL is written once, for both engines'],
  'several-statements': ['fail', 'Several statements in one string. Send one statement a call'],
  'unknown-placement': ['fail', 'A table without a placement. Declare it above its create table'],
  'join-without-account': [
    'fail',
    'Distributed tables are joined without account_id. Add `a.account_id = b.account_id` to every join, IN and EXISTS between them',
  ],
  'account-through-missing': [
    'fail',
    'A table takes its account_id from one that an outer join may leave out, in a statement about one account. Compare it with the account_id of the table that the outer join begins with',
  ],
  'subquery-elsewhere': [
    'pull',
    'A subquery over a distributed table is not tied to this one by account_id, so its result is shipped. Tie it by account_id',
  ],
  'subquery-needs-merge': [
    'pull',
    'A subquery has LIMIT, OFFSET, DISTINCT, a window or aggregates that do not keep to one account. Group, partition and distinguish by account_id, or restrict it to one account',
  ],
  'subquery-not-pushable': [
    'fail',
    'A correlated subquery cannot run on a shard. Take LIMIT, sets and grouping out of it',
  ],
  'recurring-subquery': [
    'pull',
    'A subquery beside a table that every shard has is computed first. Join instead',
  ],
  'function-source': [
    'pull',
    'A function that is not immutable is a source of rows. Bind its result as an array',
  ],
  'named-query': [
    'pull',
    'A WITH query that is materialized or used more than once is computed first and shipped. Use it once, or restrict the statement to one account',
  ],
  'modifying-cte': [
    'pull',
    'A WITH query that writes. Write in a statement of its own (DuckDB cannot do it either)',
  ],
  recursion: [
    'fail',
    'Recursion over distributed tables. Say `account_id = $1` in both arms, or copy the edges to a temp table first',
  ],
  'set-operation': [
    'pull',
    'UNION, INTERSECT or EXCEPT here moves rows. Use UNION ALL inside FROM, with account_id in the same place of every branch',
  ],
  'union-without-account': [
    'fail',
    'A UNION is joined without its account_id, so Citus does not see that its branches keep to one account. Join inside each branch, or compare the account_id of the UNION with one of the other side',
  ],
  'union-beside-outer-join': [
    'pull',
    'A UNION beside an outer join is computed first and shipped, or refused. Join inside each branch, or restrict the UNION as a whole to one account (`where f.account_id = $1`)',
  ],
  'union-unasked': [
    'fail',
    'An outer join from a UNION whose other side is not asked for here: PostgreSQL leaves the join out, and Citus then refuses the UNION. Leave it out yourself, or join inside each branch',
  ],
  'local-table': ['pull', 'A local table is joined with a distributed one. Local tables stand alone'],
  'local-correlated': [
    'fail',
    'A local table in a correlated subquery over a distributed one. Local tables stand alone',
  ],
  'outer-join-from-everywhere': [
    'pull',
    'The outer side of this join is on every shard, so the distributed side is shipped. Begin with the distributed table',
  ],
  'lateral-from-everywhere': [
    'fail',
    'A lateral subquery looks from a table that every shard has. Use row_number() over (partition by account_id)',
  ],
  'sublink-from-everywhere': [
    'fail',
    'A correlated subquery looks from a table that every shard has into a distributed one. Begin with the distributed table',
  ],
  'grouping-sets': [
    'fail',
    'GROUPING SETS, ROLLUP or CUBE over a distributed table. Group first, then take the sets over that',
  ],
  'row-locks': ['fail', 'FOR UPDATE or FOR SHARE over several accounts. Restrict it to one'],
  'account-changed': ['fail', 'account_id is set by an update. Delete and insert instead'],
  'account-missing': ['fail', 'A row is inserted without account_id. Name it among the columns'],
  'insert-from-elsewhere': [
    'pull',
    'INSERT … SELECT where account_id does not come from the plain account_id of a distributed table. Select that column itself',
  ],
  'insert-needs-merge': [
    'pull',
    'INSERT … SELECT with LIMIT, sets or groups that do not keep to one account. Group by account_id, or insert in two statements',
  ],
  'insert-volatile': ['pull', 'INSERT … SELECT with a volatile function. Bind the value as a parameter'],
  'insert-into-reference': ['pull', 'A reference table is filled from distributed ones. Write the values'],
  volatile: [
    'fail',
    'A volatile function in an update or delete of distributed rows. Bind the value as a parameter',
  ],
  'merge-returning': ['fail', 'MERGE with RETURNING. Go through the change table'],
  'merge-source': [
    'fail',
    'MERGE into a distributed table from a local table or from values. Load a distributed stage first',
  ],
  'merge-reference': ['pull', 'MERGE into a distributed table from a reference table. Use update … from'],
  'merge-target': ['fail', 'MERGE into a reference table. Use insert … on conflict'],
  'merge-without-account': ['fail', 'MERGE whose ON does not compare account_id with account_id. Add it'],
  'merge-repartition': [
    'pull',
    'MERGE whose source must be moved between the shards. Take account_id from the source as it is',
  ],
  'merge-inserts-value': [
    'fail',
    'MERGE inserts an account_id that is no column of its source. Take it from the source',
  ],
  'merge-subquery': [
    'fail',
    'MERGE with a subquery in ON or WHEN, and a source that is not tied by account_id. Put the subquery into the source',
  ],
  'merge-clock': ['fail', 'MERGE with now() or a volatile function. Bind the value as a parameter'],
  'reference-from-distributed': [
    'fail',
    'A reference table is changed by what distributed tables say. Read first, then write',
  ],
  'having-correlated': [
    'fail',
    'A subquery in HAVING looks at the query around it. Join the grouped result instead',
  ],
  'simple-case': [
    'fail',
    '`case x when y` in a write, or beside now(): Citus breaks it where it computes a part first. Write `case when x = y`',
  ],
  'stable-over-column': [
    'fail',
    'An update or delete applies a stable function to a column (time arithmetic, casts to times, to_char, concat). Compute it in the process, or take it from a table',
  ],
  'natural-join': [
    'push',
    'A natural join over distributed tables: a column that both get one day changes what it means. Name the columns',
  ],
  'temporary-table': [
    'push',
    'A temporary table made of distributed ones lives on the coordinator, and no statement joins it with them. Stage rows in a distributed table',
  ],
  clock: [
    'push',
    'now() in a statement over distributed tables: every shard has its own. Bind the moment as a parameter',
  ],
} as const satisfies Record<string, readonly [DistributionVerdict, string]>

export function toReason(code: ReasonCode, location?: number): Reason {
  const [verdict, message] = reasonTexts[code]
  return location === undefined ? { code, message, verdict } : { code, message, verdict, location }
}

const weight = { push: 0, pull: 1, fail: 2 } as const

export function worstOf(reasons: readonly Reason[]): DistributionVerdict {
  let worst: DistributionVerdict = 'push'
  for (const reason of reasons) if (weight[reason.verdict] > weight[worst]) worst = reason.verdict
  return worst
}
