import { describe, expect, test } from 'vitest'
import { StanceError } from '../../core/errors.ts'
import { checkParamValues } from './bind-term.ts'
import { checkCondition } from './check-condition.ts'
import { compileTablePass } from './compile-table-pass.ts'
import { type ParamShapes, shapeOfValue } from './params.ts'
import { smallCatalogue as catalogue } from './small-catalogue.fixture.ts'

const params: ParamShapes = {
  n: { type: 'bigint' },
  word: { type: 'text' },
  words: { type: 'text', list: true },
}

function errorOf(text: string, options: { across?: boolean; table?: string } = {}): StanceError {
  try {
    checkCondition(text, { table: 'network', catalogue, params, ...options })
  } catch (error) {
    if (error instanceof StanceError) return error
    throw error
  }
  throw new Error(`accepted: ${text}`)
}

const inBucket = (where: string) => `exists (select 1 from bucket b where ${where})`

describe('what cannot be written is an error that points at the character', () => {
  // The ‸ stands before the character that the error points at.
  test.each([
    ['flow_status ‸is null', 'CONDITION_NOT_ALLOWED', 'absence value'],
    ['is_default ‸is not true', 'CONDITION_NOT_ALLOWED', 'not'],
    ['size ‸is distinct from 5', 'CONDITION_NOT_ALLOWED', '='],
    ['size = ‸null', 'CONDITION_NOT_ALLOWED', 'absence value'],
    ['‸coalesce(size, 0) = 0', 'CONDITION_NOT_ALLOWED', 'aggregate'],
    ["‸nullif(flow_status, '') = 'x'", 'CONDITION_NOT_ALLOWED', 'case'],
    ['‸greatest(size, 1) = 1', 'CONDITION_NOT_ALLOWED', 'case'],
    ['size ‸/ 2 = 1', 'CONDITION_NOT_ALLOWED', 'Multiply'],
    ['size ‸% 2 = 1', 'CONDITION_NOT_ALLOWED', ''],
    ["flow_status ‸|| 'x' = 'y'", 'CONDITION_NOT_ALLOWED', ''],
    ["flow_status ‸~ '^a'", 'SQL_NOT_SUPPORTED', 'like'],
    ["flow_status ‸similar to 'a'", 'SQL_NOT_SUPPORTED', 'like'],
    ["flow_status ‸ilike 'a'", 'CONDITION_NOT_ALLOWED', 'lower'],
    ["flow_status like ‸'a\\_b'", 'CONDITION_NOT_ALLOWED', 'starts_with'],
    ["flow_status ‸like 'a' escape 'x'", 'SQL_NOT_SUPPORTED', 'ESCAPE'],
    ['flow_status like ‸peer_id', 'CONDITION_NOT_ALLOWED', 'starts_with'],
    ['created_at ‸- created_at > created_at', 'CONDITION_NOT_ALLOWED', 'now()'],
    ["created_at ‸+ interval '1 day' < now()", 'CONDITION_NOT_ALLOWED', 'other side'],
    ["created_at < now() - ‸interval '1 month'", 'CONDITION_TYPE', 'days'],
    ["created_at < now() - size ‸* interval '1 day'", 'CONDITION_NOT_ALLOWED', ':n'],
    ['created_at < ‸current_timestamp', 'SQL_NOT_SUPPORTED', 'now()'],
    ["created_at ‸> '2026-01-01'", 'CONDITION_TYPE', 'timestamptz'],
    ["created_at > ‸timestamptz '2026-01-01'", 'CONDITION_TYPE', '00:00:00+00'],
    ["created_at > ‸timestamptz '2026-02-31 00:00:00+00'", 'CONDITION_TYPE', ''],
    ["size ‸= '5'", 'CONDITION_TYPE', 'numbers without'],
    ['is_default ‸= 1', 'CONDITION_TYPE', 'true'],
    ['is_default ‸> false', 'CONDITION_TYPE', 'and, or'],
    ['‸size', 'CONDITION_TYPE', 'Compare'],
    ['is_default and ‸flow_status', 'CONDITION_TYPE', 'Compare'],
    ['size‸::text = 5', 'CONDITION_NOT_ALLOWED', ''],
    ['‸- size = 1', 'CONDITION_NOT_ALLOWED', '0 - x'],
    ['ratio ‸* 2 > 1', 'CONDITION_TYPE', 'bigint'],
    ['size * size ‸* size > 1', 'CONDITION_TYPE', 'fewer'],
    ['size = ‸99999999999999999999', 'CONDITION_TYPE', '2^63'],
    ['‸case when is_default then true end', 'CONDITION_NOT_ALLOWED', 'else'],
    ["‸case flow_status when 'x' then true else false end", 'CONDITION_NOT_ALLOWED', 'case when'],
    ["‸substring(flow_status, 1) = 'x'", 'CONDITION_NOT_ALLOWED', 'split_part'],
    ["‸pg_sleep(5) = 'x'", 'CONDITION_NOT_ALLOWED', 'functions are'],
    ['‸length(size) = 1', 'CONDITION_TYPE', 'bigint'],
    ["split_part(flow_status, ‸'', 1) = 'x'", 'CONDITION_NOT_ALLOWED', 'constant'],
    ["split_part(flow_status, ',', ‸0) = 'x'", 'CONDITION_NOT_ALLOWED', 'constant'],
    ["split_part(flow_status, ',', ‸size) = 'x'", 'CONDITION_NOT_ALLOWED', 'constant'],
    ['‸flow_statis = flow_status', 'CONDITION_UNKNOWN_COLUMN', 'flow_status'],
    ['‸netwrk.size = 1', 'CONDITION_UNKNOWN_TABLE', 'network'],
    ['‸_listed', 'CONDITION_NOT_ALLOWED', 'by itself'],
    ['size = ‸:nn', 'CONDITION_PARAM', 'params'],
    ['flow_status = ‸:words', 'CONDITION_PARAM', 'in (:words)'],
    ["flow_status = ‸'a:word'", 'CONDITION_PARAM', 'outside'],
    ['size = ‸$1', 'SQL_SYNTAX', ':name'],
    ["flow_status = e‸'x'", 'SQL_SYNTAX', ''],
    ['size = 1‸; drop table x', 'SQL_SYNTAX', ''],
    ["flow_status = 'é😀' and size ‸/ 2 = 1", 'CONDITION_NOT_ALLOWED', ''],
    ['flow_status = :word and flow_status = :word and\n  size ‸/ 2 = 1', 'CONDITION_NOT_ALLOWED', ''],
    // subqueries
    [inBucket('b.network_id = ‸network_id'), 'CONDITION_UNQUALIFIED', 'b.network_id or network.network_id'],
    ['exists (select 1 from ‸network where network.size = 1)', 'CONDITION_UNQUALIFIED', 'alias'],
    [inBucket('‸b.size > network.size'), 'CONDITION_CORRELATION', 'b.x = network.y'],
    [inBucket('‸b.network_id = network.network_id or b.size = 1'), 'CONDITION_CORRELATION', 'alternative'],
    [inBucket('‸network.size = 1'), 'CONDITION_CORRELATION', 'outside'],
    [
      inBucket(
        'b.network_id = network.network_id and exists (select 1 from bucket_grant g where g.target_id = ‸network.network_id)',
      ),
      'CONDITION_CORRELATION',
      'just around',
    ],
    ['exists (select 1 from ‸buckets b)', 'CONDITION_UNKNOWN_TABLE', 'bucket'],
    ['exists (select 1 from ‸pg_catalog.pg_user b)', 'CONDITION_UNKNOWN_TABLE', ''],
    ['exists (select ‸b.size from bucket b)', 'CONDITION_NOT_ALLOWED', 'select 1'],
    [
      'exists (select 1 from bucket b left join bucket_grant g on ‸g.resource_key = b.resource_key)',
      'CONDITION_NOT_ALLOWED',
      'not exists',
    ],
    [
      'exists (select 1 from bucket b, ‸bucket_grant g where b.network_id = network.network_id)',
      'CONDITION_CORRELATION',
      'g.x = b.y',
    ],
    [
      'exists (select 1 from bucket b, network_rule r where b.network_id = network.network_id and ‸r.resource_key = network.resource_key)',
      'CONDITION_CORRELATION',
      'two subqueries',
    ],
    [
      'exists (select 1 from bucket b join bucket_grant g on g.resource_key = b.resource_key join network_rule r on r.target_id = b.bucket_id and ‸r.target_id = g.target_id)',
      'CONDITION_CORRELATION',
      'one other',
    ],
    [
      'exists (select 1 from bucket b join bucket_grant g on g.resource_key = b.resource_key where ‸b.size = g.weight or b.size = 1)',
      'CONDITION_CORRELATION',
      'alternative',
    ],
    ['‸(select max(b.size) from bucket b) = 1', 'CONDITION_NOT_ALLOWED', 'coalesce'],
    ['‸(select b.size from bucket b) = 1', 'CONDITION_NOT_ALLOWED', 'exists'],
    ['(select ‸count(b.size) from bucket b) = 1', 'CONDITION_NOT_ALLOWED', 'count(*)'],
    ['coalesce((select sum(‸n.ratio) from network n), 0.5) = 1', 'CONDITION_TYPE', 'order of the rows'],
    ["coalesce((select max(b.size) from bucket b), ‸'x') = 1", 'CONDITION_TYPE', ''],
    ['exists (select 1 from bucket b group by ‸b.size)', 'CONDITION_NOT_ALLOWED', 'count'],
    ['exists (select 1 from bucket b limit ‸1)', 'CONDITION_NOT_ALLOWED', 'max'],
    ['‸exists (select 1 from bucket b union select 1 from bucket c)', 'CONDITION_NOT_ALLOWED', 'two'],
    [
      inBucket('‸b.key_account_id = network.network_id and b.account_id = network.peer_account_id'),
      'CONDITION_CORRELATION',
      'across',
    ],
    [
      'exists (select 1 from network o where ‸o.ratio = network.ratio)',
      'CONDITION_CORRELATION',
      'whole number',
    ],
    [
      '‸exists (select 1 from network o where o.peer_id = network.peer_id and o.flow_status = network.flow_status and o.flow_limit = network.size and o.is_public = network.is_default)',
      'CONDITION_CORRELATION',
      'list group',
    ],
  ])('%s', (marked, code, next) => {
    const at = marked.indexOf('‸')
    const error = errorOf(marked.replace('‸', ''))
    expect(error.code).toBe(code)
    expect(error.next).toContain(next)
    expect(error.details.offset).toBe(accountFor(marked, at))
  })

  /** The across error points at the account's equality, which the caret cannot show in the row above. */
  function accountFor(marked: string, at: number): number {
    return marked.includes('b.key_account_id') ? marked.replace('‸', '').indexOf('b.account_id') : at
  }

  test('line and column, and the line with a caret', () => {
    const { details, message } = errorOf("size = 1\n  and flow_status = 'é'\n  and size / 2 = 1")
    expect(details).toMatchObject({ line: 3, column: 12, excerpt: '  and size / 2 = 1\n           ^' })
    expect(message).toContain('line 3, column 12')
  })

  test('tables that have no rows to judge', () => {
    expect(errorOf('port = 1', { table: 'network_rule' }).code).toBe('CONDITION_NOT_ALLOWED')
    expect(errorOf('a', { table: 'netwrok' }).next).toContain('network')
  })

  test('hostile texts end in an error, not in a crash', () => {
    for (const text of [
      '('.repeat(5000),
      'not '.repeat(9000) + 'is_default',
      'size + '.repeat(6000) + 'size = 1',
      "'",
      '/*',
      '\0',
      ':',
      '::',
      '',
      '--',
      'select 1',
      '😀'.repeat(99),
    ]) {
      expect(errorOf(text).code).toMatch(/^(SQL|CONDITION)_/)
    }
  })
})

describe('what can be known before it runs', () => {
  const dependencies = (text: string, across = false) =>
    checkCondition(text, { table: 'network', catalogue, params, across }).dependencies

  test('reads by scope', () => {
    expect(dependencies('size > :n and is_public and created_at < now()')).toEqual({
      reads: [
        {
          table: 'network',
          columns: ['created_at', 'is_public', 'size'],
          groups: ['derived', 'list'],
          scope: 'row',
        },
      ],
      lookups: [],
      facts: [{ table: 'network', column: 'is_public' }],
      readsNow: true,
      params: ['n'],
    })
    const own = dependencies(
      'exists (select 1 from network_rule r where r.resource_key = network.resource_key and r.port = 22)',
    )
    expect(own.reads).toEqual([
      { table: 'network', columns: [], groups: ['flow', 'list'], scope: 'row' },
      { table: 'network_rule', columns: ['port'], groups: ['flow'], scope: 'row' },
    ])
    expect(own.lookups).toEqual([])
    const region = dependencies(
      'exists (select 1 from network o where o.region = network.region and o.peer_id = network.network_id)',
    )
    expect(region.reads[0]).toEqual({
      table: 'network',
      columns: ['peer_id'],
      groups: ['flow', 'list'],
      scope: 'region',
    })
    const account = dependencies(
      `${inBucket('b.region = network.region and b.network_id = network.network_id')} or ${"exists (select 1 from network o where o.region = 'r1')"}`,
    )
    expect(account.reads.map(({ table, scope }) => `${table} ${scope}`)).toEqual([
      'bucket account',
      'network account',
      'network row',
    ])
    const nested = dependencies(
      'exists (select 1 from network o join bucket b on b.network_id = o.network_id where o.account_id = network.peer_account_id)',
      true,
    )
    expect(nested.lookups).toEqual([
      {
        ...{ of: 'bucket', around: 'network', across: false },
        by: {
          ...{ table: 'network', column: 'network_id', isAll: true },
          in: { table: 'bucket', column: 'network_id' },
        },
      },
    ])
    expect(nested.reads.map(({ table, scope }) => `${table} ${scope}`)).toEqual([
      'bucket accounts',
      'network accounts',
      'network row',
    ])
    const children = dependencies(
      'exists (select 1 from network_rule r where r.region = network.region and r.target_id = network.network_id)',
    )
    expect(children.reads.map(({ table, scope, groups }) => `${table} ${scope} ${groups.join()}`)).toEqual([
      'network region flow',
      'network row list',
      'network_rule region flow',
    ])
  })

  test('values of parameters', () => {
    expect(shapeOfValue('p', 5)).toEqual({ type: 'bigint' })
    expect(shapeOfValue('p', [1, 0.5])).toEqual({ type: 'double', list: true })
    expect(shapeOfValue('p', [])).toEqual({ type: 'text', list: true })
    expect(() => shapeOfValue('p', ['a', 1])).toThrow('one kind')
    expect(() => shapeOfValue('p', { a: 1 })).toThrow('must be')
    const compile = (text: string, values: object) => {
      const pass = checkCondition(text, { table: 'network', catalogue, params })
      const world = { relation: (table: string) => `w.${table}`, cells: 'w.cell' }
      return compileTablePass({
        table: 'network',
        rules: [{ slot: 1, id: 'r', pass, params: { ...values } }],
        catalogue,
        world,
        engine: 'duckdb',
        now: new Date(),
      })
    }
    expect(compile('flow_status = :word', { word: "o'x'--" })).toContain("'o''x''--'")
    for (const [text, values] of [
      ['size = :n', {}],
      ['size = :n', { n: '1; drop' }],
      ['size = :n', { n: 0.5 }],
      ['flow_status like :word', { word: 'a\\b' }],
      ['flow_status = :word', { word: 'a\0' }],
      ['flow_status in (:words)', { words: 'x' }],
      ["created_at < now() - :n * interval '1 day'", { n: 99999999999 }],
    ] as const) {
      const condition = checkCondition(text, { table: 'network', catalogue, params })
      expect(() => checkParamValues(condition, { ...values })).toThrow(
        expect.objectContaining({ code: 'CONDITION_PARAM' }),
      )
      expect(() => compile(text, values)).toThrow(expect.objectContaining({ code: 'CONDITION_PARAM' }))
    }
  })
})
