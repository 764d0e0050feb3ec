import { beforeAll, describe, expect, test } from 'vitest'
import { eachEngine } from '../../../test/setup/test-database.ts'
import type { World } from '../../core/world.ts'
import type { Database } from '../../db/database.ts'
import { checkCondition } from './check-condition.ts'
import { compileFactPass } from './compile-fact-pass.ts'
import { compileTablePass, type PassRule } from './compile-table-pass.ts'
import { handWorld, home, now } from './hand-world.fixture.ts'
import type { ParamShapes, ParamValues } from './params.ts'
import { smallCatalogue as catalogue, loadWorld } from './small-catalogue.fixture.ts'

const params: ParamShapes = {
  days: { type: 'bigint' },
  name: { type: 'text' },
  names: { type: 'text', list: true },
  nothing: { type: 'text', list: true },
  share: { type: 'double' },
}
const values: ParamValues = { days: 30, name: 'net-1', names: ['net-1', 'net-3'], nothing: [], share: 0.25 }

eachEngine('one pass per table', (database) => {
  let made: World
  let db: Database
  beforeAll(async () => {
    db = database().db
    made = await loadWorld(db, 'w', handWorld)
  })

  /** Verdicts by resource key, of the home account. */
  async function judge(table: string, text: string, more: Partial<PassRule> & { across?: boolean } = {}) {
    const { across = false, ...rule } = more
    const pass = checkCondition(text, { table, catalogue, params, across })
    const sql = compileTablePass({
      table,
      rules: [{ slot: 1, id: 'r', pass, params: values, ...rule }],
      catalogue,
      world: made,
      engine: db.engine,
      now,
      restriction: { accountIds: [home] },
    })
    const found = await db.query<{ resource_key: string; verdicts: string }>(`${sql} order by 1, 3`)
    return found.map((row) => row.verdicts.slice(1)).join('')
  }

  // Networks n1 … n4: n3's flow was not read, n4 is not listed any more (us-east-1 is unread).
  test.each([
    ['size > 4', 'pfpu'],
    ['not is_default', 'pfpu'],
    ['network_id = :name or network_id in (:names)', 'pfpu'],
    ['network_id in (:nothing)', 'fffu'],
    ['not network_id in (:nothing)', 'pppu'],
    ["flow_status = 'ACTIVE'", 'pfuu'],
    ["flow_status = 'ACTIVE' or size = 7", 'pfpu'],
    ["lower(flow_status) like 'a%'", 'pfuu'],
    ['ratio > 0.25', 'pfuu'],
    ['ratio >= size', 'fpuu'],
    ['ratio > :share', 'pfuu'],
    ["created_at < now() - interval '30 days'", 'pfpu'],
    ["created_at < now() - :days * interval '1 day'", 'pfpu'],
    ["created_at between timestamptz '2026-01-01 00:00:00+00' and now()", 'ppfu'],
    ['size * 2 - 1 > 8', 'pfpu'],
    ["case when flow_status = 'off' then is_default else true end", 'ppuu'],
    ["case when size = 7 then true when flow_status = 'off' then false else true end", 'pfpu'],
    [
      "length(network_id) = 5 and starts_with(network_id, 'net') and split_part(network_id, '-', 2) = '1'",
      'pffu',
    ],
    // child of the judged row: its own group decides
    [
      'exists (select 1 from network_rule r where r.resource_key = network.resource_key and r.is_open)',
      'pfuu',
    ],
    ['not exists (select 1 from network_rule r where r.resource_key = network.resource_key)', 'ffuu'],
    ['(select count(*) from network_rule r where r.resource_key = network.resource_key) = 2', 'pfuu'],
    [
      "exists (select 1 from network_tag t where t.resource_key = network.resource_key and t.tag_value = 'prod')",
      'pffu',
    ],
    // another table of the account: part global
    ['exists (select 1 from bucket b where b.network_id = network.network_id and b.size > 15)', 'pffu'],
    ['exists (select 1 from bucket b where b.network_id = network.network_id and b.key_days > 100)', 'upfu'],
    ['coalesce((select max(b.size) from bucket b where b.network_id = network.network_id), 0) >= 20', 'pffu'],
    ['coalesce((select min(b.size) from bucket b where b.network_id = network.network_id), -1) = -1', 'ffpu'],
    ['coalesce((select sum(b.size) from bucket b where b.network_id = network.network_id), 0) = 30', 'pffu'],
    [
      'coalesce((select sum(b.key_days) from bucket b where b.network_id = network.network_id), 0) = 400',
      'upfu',
    ],
    ['network_id in (select b.network_id from bucket b where b.size > 0)', 'ppfu'],
    ['network_id not in (select b.network_id from bucket b where b.size > 0)', 'ffpu'],
    // networks themselves: us-east-1 is unread, so "nowhere" is not known
    ['exists (select 1 from network o where o.network_id = network.peer_id)', 'puuu'],
    [
      'exists (select 1 from network o where o.region = network.region and o.network_id = network.peer_id)',
      'pfuu',
    ],
    ["exists (select 1 from network o where o.region = 'us-east-1' and o.size > 100)", 'uuuu'],
    ["exists (select 1 from network o where o.region = 'eu-west-1' and o.size > 100)", 'fffu'],
    // a key that is NULL in an inner row (n3's peer_id)
    [
      'exists (select 1 from network o where o.region = network.region and o.peer_id = network.network_id)',
      'upuu',
    ],
    [
      'exists (select 1 from network o where o.region = network.region and o.peer_id = network.network_id and o.size < 7)',
      'fpfu',
    ],
    // children by another key than the parent's: all parents must have been read
    ['exists (select 1 from bucket_grant g where g.target_id = network.network_id)', 'ppuu'],
    ['(select count(*) from bucket_grant g where g.target_id = network.network_id) = 1', 'uuuu'],
    // joins
    [
      'exists (select 1 from network_rule r join bucket b on b.bucket_id = r.target_id where r.resource_key = network.resource_key and b.size = 20)',
      'pfuu',
    ],
    [
      '(select count(*) from network_rule r, bucket b where b.bucket_id = r.target_id and r.resource_key = network.resource_key) = 2',
      'pfuu',
    ],
    [
      'coalesce((select max(b.size) from network_rule r join bucket b on b.bucket_id = r.target_id where r.resource_key = network.resource_key), 1) = 1',
      'fpuu',
    ],
    // nested
    [
      "exists (select 1 from bucket b where b.network_id = network.network_id and exists (select 1 from bucket_grant g where g.resource_key = b.resource_key and g.grantee = 'bert'))",
      'pufu',
    ],
    [
      "exists (select 1 from bucket b where b.network_id = network.network_id and not exists (select 1 from bucket_grant g where g.resource_key = b.resource_key and g.grantee = 'bert'))",
      'pufu',
    ],
  ])('%s', async (text, verdicts) => {
    expect(await judge('network', text)).toBe(verdicts)
  })

  test('across accounts: what is not scanned is unknown', async () => {
    const text =
      'exists (select 1 from network o where o.account_id = network.peer_account_id and o.size > 0)'
    expect(await judge('network', text, { across: true })).toBe('pufu')
    const two =
      "(select count(*) from network o, network_tag t where o.account_id = network.peer_account_id and t.resource_key = o.resource_key and t.tag = 'x') = 0"
    expect(await judge('network', two, { across: true })).toBe('pupu')
  })

  test('applies, scope queries and rows of another account', async () => {
    const check = (text: string) => checkCondition(text, { table: 'network', catalogue, params })
    expect(await judge('network', 'size > 4', { applies: check('size > 0') })).toBe('p-pu')
    expect(await judge('network', 'size > 4', { applies: check("flow_status <> 'off'") })).toBe('p-uu')
    expect(await judge('network', 'size > 4', { only: check('size > 0'), never: check('size = 7') })).toBe(
      'p--u',
    )
    const verdicts = async (foreign: boolean) => {
      const sql = compileTablePass({
        table: 'network',
        rules: [{ slot: 3, id: 'r', pass: check('size > 4'), foreign }],
        catalogue,
        world: made,
        engine: db.engine,
        now,
        restriction: { accountIds: ['444455556666'], region: 'eu-west-1', resourceKeys: ['n1', "o'n"] },
        slots: 4,
        columns: true,
      })
      return await db.query(sql)
    }
    expect(await verdicts(false)).toEqual([
      {
        account_id: '444455556666',
        region: 'eu-west-1',
        resource_key: 'n1',
        verdicts: '?..-.',
        v_1: '.',
        v_2: '.',
        v_3: '-',
        v_4: '.',
      },
    ])
    expect((await verdicts(true))[0]).toMatchObject({ verdicts: '?..f.' })
  })

  test('a restriction gives the same verdicts as judging everything', async () => {
    const texts = [
      'exists (select 1 from network o where o.region = network.region and o.peer_id = network.network_id)',
      'exists (select 1 from network_rule r where r.resource_key = network.resource_key and r.is_open)',
      'not exists (select 1 from bucket b where b.network_id = network.network_id and b.size > 15)',
      'exists (select 1 from network_rule r where r.region = network.region and r.target_id = network.peer_id)',
    ]
    const rules = texts.map((text, at) => ({
      slot: at + 1,
      id: text,
      pass: checkCondition(text, { table: 'network', catalogue }),
    }))
    const run = async (restriction: object) => {
      const sql = compileTablePass({
        table: 'network',
        rules,
        catalogue,
        world: made,
        engine: db.engine,
        now,
        restriction,
      })
      return await db.query<{ account_id: string; resource_key: string; verdicts: string }>(
        `${sql} order by 1, 3`,
      )
    }
    const all = await run({})
    for (const row of all) {
      const one = await run({
        accountIds: [row.account_id],
        region: (row as { region?: string }).region,
        resourceKeys: [row.resource_key],
      })
      expect(one).toEqual([row])
    }
    expect(all).toHaveLength(5)
    expect(await run({ accountIds: [] })).toEqual([])
  })

  test('facts', async () => {
    const facts = ['size > 4', "flow_status = 'ACTIVE'"].map((text, at) => ({
      column: ['is_public', 'is_flowing'][at]!,
      when: checkCondition(text, { table: 'network', catalogue }),
    }))
    const sql = compileFactPass({
      table: 'network',
      facts,
      catalogue,
      world: made,
      engine: db.engine,
      now,
      restriction: { accountIds: [home] },
    })
    expect(await db.query(`${sql} order by 2`)).toEqual([
      { account_id: home, resource_key: 'n1', is_public: true, is_flowing: true },
      { account_id: home, resource_key: 'n2', is_public: false, is_flowing: false },
      { account_id: home, resource_key: 'n3', is_public: true, is_flowing: null },
      { account_id: home, resource_key: 'n4', is_public: null, is_flowing: null },
    ])
  })
})

describe('what two rules share is joined once', () => {
  test('one grouped join for the same table and keys, one for its cells', () => {
    const texts = ['b.size > 5', 'b.size > 6', "b.note = 'x'"].map(
      (where) => `exists (select 1 from bucket b where b.network_id = network.network_id and ${where})`,
    )
    const rules = texts.map((text, at) => ({
      slot: at + 1,
      id: text,
      pass: checkCondition(text, { table: 'network', catalogue }),
    }))
    const sql = compileTablePass({
      table: 'network',
      rules,
      catalogue,
      world: { relation: (t) => `w.${t}`, cells: 'w.cell' },
      engine: 'postgres',
      now,
    })
    expect(sql.match(/left join/g)).toHaveLength(2)
  })
})
