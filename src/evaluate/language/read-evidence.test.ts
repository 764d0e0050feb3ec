import { beforeAll, expect, test } from 'vitest'
import { eachEngine } from '../../../test/setup/test-database.ts'
import type { World } from '../../core/world.ts'
import type { Database } from '../../db/database.ts'
import { checkCondition } from './check-condition.ts'
import { handWorld, home, now } from './hand-world.fixture.ts'
import { type Evidence, evidenceKey, readEvidence } from './read-evidence.ts'
import { smallCatalogue as catalogue, loadWorld } from './small-catalogue.fixture.ts'

/** What is unread: a group of a row, or the networks of a region. */
const row = (table: string, resource_key: string, group: string) => ({
  table,
  account_id: home,
  resource_key,
  group,
})
const cell = (part: string) => ({ table: 'network', account_id: home, part, group: 'list' as const })

eachEngine('evidence', (database) => {
  let db: Database
  let world: World
  beforeAll(async () => {
    db = database().db
    world = await loadWorld(db, 'w', handWorld)
  })

  const check = (text: string, table = 'network') =>
    checkCondition(text, { table, catalogue, params: { n: { type: 'bigint' } } })
  const facts = new Map([
    [
      'network.is_public',
      {
        when: check(
          'is_flowing and exists (select 1 from bucket b where b.network_id = network.network_id and b.key_days = 30)',
        ),
      },
    ],
    ['network.is_flowing', { when: check("flow_status = 'ACTIVE'") }],
  ])
  async function evidence(text: string, key: string): Promise<Evidence> {
    const resources = [{ account_id: home, resource_key: key }]
    const found = await readEvidence(
      { reader: db, catalogue, world, now, facts },
      { pass: check(text), params: { n: 4 } },
      resources,
    )
    expect([...found.keys()]).toEqual([evidenceKey(resources[0]!)])
    return JSON.parse(JSON.stringify([...found.values()][0])) as Evidence
  }

  test('the columns that the condition names, times as text', async () => {
    const text =
      "size > :n and not is_default and created_at < now() - interval '30 days' and flow_status = 'ACTIVE'"
    expect(await evidence(text, 'n1')).toEqual({
      columns: { size: 5, is_default: false, created_at: '2026-01-01T00:00:00.000Z', flow_status: 'ACTIVE' },
      subqueries: [],
      unread: [],
    })
  })

  test('witness rows: those that hold, of a join the rows of both tables', async () => {
    const text = `not exists (select 1 from network_rule r join bucket b on b.bucket_id = r.target_id
      where r.resource_key = network.resource_key and b.size > 5)`
    const { columns, subqueries, unread } = await evidence(text, 'n1')
    expect(columns).toEqual({ resource_key: 'n1' })
    expect(unread).toEqual([])
    const witness = (nr: string, size: number) => ({
      account_id: home,
      region: 'eu-west-1',
      resource_key: 'n1',
      certain: true,
      columns: { resource_key: 'n1', target_id: nr },
      subqueries: [
        {
          form: 'exists',
          table: 'bucket',
          value: true,
          more: false,
          rows: [
            expect.objectContaining({ resource_key: nr, certain: true, columns: { bucket_id: nr, size } }),
          ],
        },
      ],
    })
    expect(subqueries).toEqual([
      {
        form: 'exists',
        table: 'network_rule',
        value: true,
        more: false,
        rows: [witness('b1', 10), witness('b2', 20)],
      },
    ])
  })

  test('aggregates show their value and rows, capped and in order', async () => {
    const { subqueries } = await evidence(
      'coalesce((select sum(b.size) from bucket b where b.network_id = network.network_id), 0) = 0',
      'n1',
    )
    expect(subqueries).toMatchObject([
      {
        form: 'sum',
        value: 30,
        rows: [{ resource_key: 'b1', columns: { size: 10 } }, { resource_key: 'b2' }],
      },
    ])
    const many = await evidence(
      "(select count(*) from bucket b) > 4 or exists (select 1 from network_tag t where t.tag = 'env')",
      'n2',
    )
    expect(many.subqueries.map(({ form, value, rows, more }) => [form, value, rows.length, more])).toEqual([
      ['count', 3, 3, false],
      ['exists', true, 2, false],
    ])
  })

  test('ten rows at most', async () => {
    const text =
      "exists (select 1 from network_tag t where t.resource_key = network.resource_key and t.tag = 'many')"
    const { subqueries } = await evidence(text, 'n2')
    expect(subqueries[0]).toMatchObject({ value: true, more: true })
    expect(subqueries[0]!.rows).toHaveLength(10)
  })

  test.each<[string, string, Evidence['unread']]>([
    ["flow_status = 'ACTIVE'", 'n3', [row('network', 'n3', 'flow')]],
    ['size > 4', 'n4', [cell('us-east-1')]],
    // only what it follows from: `flow_status` does not matter where size decides
    ["size = 0 and flow_status = 'x' or peer_id = 'y'", 'n3', [row('network', 'n3', 'flow')]],
    [
      "size = 7 and exists (select 1 from bucket b where b.key_days = 77) and flow_status = 'ACTIVE'",
      'n3',
      [row('bucket', 'b2', 'cipher'), row('network', 'n3', 'flow')],
    ],
    [
      'exists (select 1 from network_rule r where r.resource_key = network.resource_key)',
      'n3',
      [row('network', 'n3', 'flow')],
    ],
    ['exists (select 1 from network o where o.size > 100)', 'n1', [cell('us-east-1')]],
    [
      "exists (select 1 from network o where o.region = 'ap-south-1' and o.size > 100)",
      'n1',
      [cell('ap-south-1')],
    ],
    // a key that was not read in an inner row
    [
      'exists (select 1 from network o where o.region = network.region and o.peer_id = network.network_id)',
      'n1',
      [row('network', 'n3', 'flow')],
    ],
    // children by another key: their parents
    ["exists (select 1 from bucket_grant g where g.grantee = 'zoe')", 'n1', [row('bucket', 'b3', 'policy')]],
    [
      "exists (select 1 from bucket b where b.network_id = network.network_id and exists (select 1 from bucket_grant g where g.resource_key = b.resource_key and g.grantee = 'zoe'))",
      'n2',
      [row('bucket', 'b3', 'policy')],
    ],
    // facts are followed down to what they read
    ['is_flowing', 'n3', [row('network', 'n3', 'flow')]],
    [
      '(select count(*) from bucket b where b.network_id = network.network_id and b.key_days > 500) = 1',
      'n1',
      [row('bucket', 'b2', 'cipher')],
    ],
  ])('unknown: %s of %s', async (text, key, unread) => {
    expect((await evidence(text, key)).unread).toEqual(unread)
  })

  test('a fact that was not derived is named itself', async () => {
    const derived = row('network', 'n1', 'derived')
    expect((await evidence('is_public', 'n1')).unread).toEqual([derived])
  })
})
