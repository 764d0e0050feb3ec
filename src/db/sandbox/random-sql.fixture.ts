import fc from 'fast-check'

type Sql = fc.Arbitrary<string>

const join = (parts: readonly (string | Sql)[]): Sql =>
  fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((all) => all.join(''))
const sql = (texts: TemplateStringsArray, ...parts: Sql[]): Sql =>
  join(texts.flatMap((text, index) => (index === 0 ? [text] : [parts[index - 1]!, text])))

/** Queries that are well formed and well typed, over the tables of sandbox.fixture.ts under the names a and b. */
export const typedQuery: Sql = (() => {
  const table = fc.constantFrom('a', 'b')
  const deep = { maxDepth: 3, depthSize: 'small', depthIdentifier: 'typed' } as const
  const { text, whole, double, condition, time } = fc.letrec<{
    text: string
    whole: string
    double: string
    condition: string
    time: string
  }>((tie) => {
    const [t, w, d, c, m] = [tie('text'), tie('whole'), tie('double'), tie('condition'), tie('time')]
    const compare = fc.constantFrom(
      '=',
      '<>',
      '<',
      '<=',
      '>',
      '>=',
      'is distinct from',
      'is not distinct from',
    )
    const anyOf = (x: Sql): Sql[] => [
      sql`coalesce(${x}, ${x})`,
      sql`nullif(${x}, ${x})`,
      sql`case when ${c} then ${x} else ${x} end`,
      sql`case when ${c} then ${x} end`,
      sql`greatest(${x}, ${x})`,
      sql`least(${x}, null)`,
    ]
    return {
      text: fc.oneof(
        deep,
        join([table, '.', fc.constantFrom('bucket_name', 'region', 'kms_key_arn', 'resource_key')]),
        fc.constantFrom("''", "'eu-west-1'", "'a%b_\\c'", "'Größe 😀'", "'it''s'", 'null'),
        sql`lower(${t})`,
        sql`upper(${t})`,
        sql`left(${t}, ${fc.constantFrom('-1', '0', '3')})`,
        sql`substr(${t}, 2, 5)`,
        sql`split_part(${t}, '-', 2)`,
        sql`replace(${t}, 'e', '')`,
        sql`trim(${t})`,
        sql`${t} || ${t}`,
        sql`(${t} || '-')`,
        sql`concat(${t}, ${t})`,
        sql`cast(${w} as text)`,
        sql`cast(${m} as text)`,
        sql`to_char(${m}, 'YYYY-MM')`,
        ...anyOf(t),
      ),
      whole: fc.oneof(
        deep,
        join([table, '.object_count']),
        fc.constantFrom('0', '1', '-7', '100', 'null'),
        sql`(${w} + ${w})`,
        sql`(${w} - ${w})`,
        sql`(${w} * 3)`,
        sql`div(${w}, ${w})`,
        sql`mod(${w}, 7)`,
        sql`abs(${w})`,
        sql`length(${t})`,
        sql`strpos(${t}, ${t})`,
        sql`cast(${t} as bigint)`,
        sql`cast(${c} as bigint)`,
        sql`extract(${fc.constantFrom('year', 'month', 'dow', 'hour')} from ${m})`,
        sql`(- ${w})`,
        ...anyOf(w),
      ),
      double: fc.oneof(
        deep,
        join([table, '.size_gb']),
        fc.constantFrom('0.5', '-1.5', '1e3', '0.0'),
        sql`(${d} + ${w})`,
        sql`(${d} - ${d})`,
        sql`(${d} * ${w})`,
        sql`(${w} / ${d})`,
        sql`round(${d}, 1)`,
        sql`floor(${d})`,
        ...anyOf(d),
      ),
      condition: fc.oneof(
        deep,
        join([table, '.is_public']),
        fc.constantFrom('true', 'false', 'null'),
        sql`${t} ${compare} ${t}`,
        sql`${w} ${compare} ${w}`,
        sql`${w} ${compare} ${d}`,
        sql`${m} ${compare} ${m}`,
        sql`(${c} and ${c})`,
        sql`(${c} or ${c})`,
        sql`not (${c})`,
        sql`(${c}) is ${fc.constantFrom('true', 'not false', 'unknown', 'null', 'not null')}`,
        sql`${t} ${fc.constantFrom('like', 'not like', 'ilike')} ${fc.constantFrom("'%b%'", "'bucket-1_'", "'%_1%'", "''", "'%\\%'")}`,
        sql`${t} in (${t}, ${t}, 'x')`,
        sql`${w} not in (1, ${w})`,
        sql`${w} between ${w} and ${w}`,
        sql`starts_with(${t}, ${t})`,
        sql`exists (select 1 from aws_s3_bucket_grant g where g.resource_key = a.resource_key and g.permission > ${t})`,
        sql`${t} in (select g.resource_key from aws_s3_bucket_grant g where g._nr = 1)`,
      ),
      time: fc.oneof(
        deep,
        join([table, '.created_at']),
        fc.constantFrom("timestamptz '2025-06-30 12:00:00+00'", 'now()'),
        sql`(${m} + interval '1 day')`,
        sql`date_trunc('month', ${m})`,
        ...anyOf(m).slice(0, 4),
      ),
    }
  })
  const value = fc.oneof(text, whole, double, condition, time)
  const key = fc.oneof(text, whole, condition)
  const tables =
    'from aws_s3_bucket a join aws_s3_bucket b on b.kms_key_arn = a.kms_key_arn and b.region <> a.region'
  const keys = 'a.resource_key, b.resource_key'
  const aggregate = fc.oneof(
    fc.constant('count(*)'),
    sql`count(distinct ${key})`,
    sql`sum(${whole})`,
    sql`min(${text})`,
    sql`max(${whole}) filter (where ${condition})`,
    sql`bool_or(${condition})`,
    sql`avg(${whole})`,
    sql`string_agg(${text}, ',' order by ${key}, ${fc.constant(keys)})`,
  )
  const all = fc.constant(`${tables} where`)
  return fc.oneof(
    sql`select ${value} as v, ${value} ${all} ${condition} order by ${fc.constant(keys)} limit 40`,
    sql`select ${value} ${all} true order by 1 ${fc.constantFrom('desc', 'asc nulls first', '')}, ${fc.constant(keys)} limit 20`,
    sql`select ${key} as k, ${aggregate}, ${aggregate} ${all} ${condition} group by k order by k`,
    sql`select ${aggregate} ${fc.constant(tables)} having ${aggregate} is not null`,
    sql`select distinct ${key} ${all} ${condition} order by 1`,
    sql`select ${text} ${all} ${condition} ${fc.constantFrom('union', 'except', 'intersect')} select ${text} ${all} ${condition} order by 1`,
    sql`with w as (select ${text} as t, ${whole} as n ${all} ${condition}) select t, max(n), count(*) from w group by t order by t`,
    sql`select sum(${whole}) over (partition by ${key} order by ${fc.constant(keys)}) ${all} ${condition} order by ${fc.constant(keys)}`,
    sql`select a.region, (select max(b.bucket_name) from aws_s3_bucket b where b.region > a.region and ${condition}) from aws_s3_bucket a order by a.resource_key`,
  )
})()

const words =
  `select from where group by order having limit offset union all except with as join left on and or not in exists
  case when then else end null true false is like between distinct over partition count sum max coalesce cast aws_s3_bucket
  aws_s3_bucket_grant resource region account_id bucket_name content stance hidden secret public pg_catalog read_text
  pg_sleep query insert delete into values copy attach lateral recursive set current_user rowid ctid`.split(
    /\s+/,
  )
const signs = [
  '(',
  ')',
  ',',
  '.',
  ';',
  '*',
  '=',
  '<',
  '+',
  '-',
  '/',
  '%',
  '||',
  '::',
  "'",
  '"',
  '$1',
  ':x',
  '--',
  '/*',
  '*/',
  '[',
  '->',
  '~',
  '1',
  '0.5',
  "'x'",
  "E'",
  '\\',
  '\n',
  '\0',
  '\ud800',
  'é',
]

/** Anything at all: signs, words of SQL in any order, and given queries with pieces taken out, doubled or put in. */
export function anyText(honest: readonly string[], hostile: readonly string[]): Sql {
  const token = fc.oneof(fc.constantFrom(...words), fc.constantFrom(...signs))
  const pieces = (query: string) => query.split(/(\s+|[(),;]|'[^']*')/).filter((piece) => piece !== '')
  const damaged = fc
    .tuple(
      fc.oneof(
        { arbitrary: fc.constantFrom(...honest), weight: 4 },
        { arbitrary: fc.constantFrom(...hostile), weight: 1 },
      ),
      fc.array(fc.tuple(fc.nat(), fc.constantFrom('drop', 'twice', 'put', 'swap'), token), { maxLength: 3 }),
    )
    .map(([query, changes]) => {
      const list = pieces(query.slice(0, 2_000))
      for (const [where, what, put] of changes) {
        const at = where % Math.max(1, list.length)
        if (what === 'drop') list.splice(at, 1)
        else if (what === 'twice') list.splice(at, 0, list[at] ?? '')
        else if (what === 'put') list.splice(at, 0, ` ${put} `)
        else list.splice(at, 2, list[at + 1] ?? '', list[at] ?? '')
      }
      return list.join('')
    })
  return fc.oneof(
    { arbitrary: damaged, weight: 6 },
    { arbitrary: fc.array(token, { maxLength: 25 }).map((list) => `select ${list.join(' ')}`), weight: 2 },
    { arbitrary: fc.array(token, { maxLength: 25 }).map((list) => list.join(' ')), weight: 1 },
    { arbitrary: fc.string({ unit: 'binary', maxLength: 60 }), weight: 1 },
  )
}
