import { beforeEach, describe, expect, it } from 'vitest'
import { eachEngine } from '../../test/setup/test-database.ts'
import { findingId } from '../core/finding-id.ts'
import type { Database } from '../db/database.ts'
import { closeResources, recordVerdicts, type TableVerdicts } from './record-verdicts.ts'
import { syncRules } from './sync-rules.ts'

const account = '111122223333'
const table = 'aws_s3_bucket'
const rule = (n: number) => ({
  rule_id: `aws-s3-rule-${n}`,
  id_seed: `aws-s3-rule-${n}`,
  table_name: table,
  service: 's3',
  title: `Rule ${n} holds`,
  severity_private: 'medium' as const,
  severity_public: 'high' as const,
  enabled: true,
  fingerprint: 'one',
})

let batch = 0
/** Where there are few rows they are compared at once; where there may be many, a first judgement is written as it is. */
let rows: number | undefined

/** Judged rows are given literally: key → verdict string. */
async function judge(db: Database, verdicts: Record<string, string>, minute: number, gone: string[] = []) {
  const selects = Object.entries(verdicts).map(
    ([key, string]) =>
      `select '${account}' as account_id, 'eu-west-1' as region, '${key.replaceAll("'", "''")}' as resource_key, '${string}' as verdicts`,
  )
  const judged = `/* pull: rows of this test */ ${selects.join(' union all ')}`
  const existing = `select account_id, resource_key from stance.verdict
    where resource_key not in (${[...gone, ''].map((key) => `'${key}'`).join(', ')})`
  return db.transaction((tx) =>
    recordVerdicts(tx, {
      batch: `b${++batch}`,
      tables: [
        {
          table,
          judged,
          existing,
          scope: { accountIds: [account] },
          ...(rows === undefined ? {} : { rows }),
        },
      ],
      now: at(minute),
      evidenceOf: async (_, findings) =>
        new Map(findings.map((f) => [f.finding_id, { why: f.resource_key }])),
    }),
  )
}

function at(minute: number): Date {
  return new Date(Date.UTC(2026, 0, 1, 0, minute))
}

const current = `select rule_id, resource_key, verdict, definite_verdict, severity, severity_max from stance.finding
  order by resource_key nulls last, rule_id nulls last`
const events = `select kind, rule_id, resource_key from stance.finding_event
  order by happened_at nulls last, resource_key nulls last, rule_id nulls last`

eachEngine(
  'verdicts become findings',
  (database) =>
    describe.each([undefined, 10])('of %s rows', (number) => {
      beforeEach(async () => {
        rows = number
        await database().db.transaction(async (tx) => {
          for (const name of [
            'verdict',
            'finding',
            'finding_history',
            'finding_event',
            'finding_closed',
            'rule',
            'rule_slot',
          ])
            await tx.run(`delete from stance.${name}`)
          await syncRules(tx, [rule(1), rule(2)])
        })
      })

      it('opens, keeps, changes and remembers', async () => {
        const { db } = database()
        expect(await judge(db, { a: 'opf', b: 'xfu', c: 'o-.' }, 0)).toEqual({
          resources_changed: 3,
          findings_changed: 4,
        })
        expect(await db.query(current)).toEqual([
          row(1, 'a', 'pass', 'pass', 'medium', 'medium'),
          row(2, 'a', 'fail', 'fail', 'medium', 'medium'),
          row(1, 'b', 'fail', 'fail', 'high', 'high'),
          row(2, 'b', 'unknown', '', 'high', 'high'),
        ])
        expect(await judge(db, { a: 'opf', b: 'xfu', c: 'o-.' }, 1)).toEqual({
          resources_changed: 0,
          findings_changed: 0,
        })
        await judge(db, { a: 'opp' }, 2)
        expect(
          await db.query('select verdict, valid_from, valid_to, evidence from stance.finding_history'),
        ).toEqual([
          { verdict: 'fail', valid_from: at(0), valid_to: at(2), evidence: expect.stringContaining('"a"') },
        ])
        expect(await db.query(events)).toEqual([
          { kind: 'failed', rule_id: 'aws-s3-rule-2', resource_key: 'a' },
          { kind: 'failed', rule_id: 'aws-s3-rule-1', resource_key: 'b' },
          { kind: 'resolved', rule_id: 'aws-s3-rule-2', resource_key: 'a' },
        ])
      })

      it('makes the same ids in SQL as in the program', async () => {
        const { db } = database()
        await judge(db, { "it's é": 'opf' }, 0)
        const ids = await db.query<{ finding_id: string }>(
          'select finding_id from stance.finding order by rule_id nulls last',
        )
        expect(ids.map((found) => found.finding_id)).toEqual([
          findingId('aws-s3-rule-1', account, "it's é"),
          findingId('aws-s3-rule-2', account, "it's é"),
        ])
      })

      it('hears nothing of unknown, and of the fail after it only if it is new', async () => {
        const { db } = database()
        await judge(db, { a: 'ouu' }, 0)
        await judge(db, { a: 'ofp' }, 1)
        await judge(db, { a: 'ouu' }, 2)
        await judge(db, { a: 'ofp' }, 3)
        await judge(db, { a: 'opp' }, 4)
        await judge(db, { a: 'ouu' }, 5)
        await judge(db, { a: 'ofp' }, 6)
        const kinds = await db.query<{ kind: string }>(
          'select kind from stance.finding_event order by happened_at nulls last',
        )
        expect(kinds.map(({ kind }) => kind)).toEqual(['failed', 'resolved', 'reopened'])
        // u f u f p u f and u p u p p u p: six and five intervals have ended
        const history = await db.query('select count(*) as n from stance.finding_history')
        expect(history).toEqual([{ n: 11 }])
      })

      it('hears of another severity, and nothing of an exposure that is not known for a while', async () => {
        const { db } = database()
        await judge(db, { a: 'xfp', b: 'ofp', c: '?fp', d: 'xfp', e: 'xfp' }, 0)
        await judge(db, { a: '?fp', b: '?fp', c: '?fp', d: 'xup', e: '?up' }, 1)
        await judge(db, { a: 'xfp', b: 'xfp', c: 'xfp', d: 'oup', e: 'oup' }, 2)
        await judge(db, { a: 'xfp', b: 'xfp', c: 'xfp', d: 'ofp', e: 'xfp' }, 3)
        const heard = await db.query(
          `select resource_key, severity from stance.finding_event where kind = 'severity' order by 1 nulls last`,
        )
        expect(heard).toEqual([
          { resource_key: 'b', severity: 'high' },
          { resource_key: 'c', severity: 'high' },
          { resource_key: 'd', severity: 'medium' },
        ])
      })

      it('closes what is gone and reopens what comes back', async () => {
        const { db } = database()
        await judge(db, { a: 'off', b: 'opp' }, 0)
        await judge(db, { b: 'opp' }, 1, ['a'])
        expect(await db.query(current)).toHaveLength(2)
        expect(await db.query('select closed_as, definite_verdict from stance.finding_closed')).toEqual([
          { closed_as: 'gone', definite_verdict: 'fail' },
          { closed_as: 'gone', definite_verdict: 'fail' },
        ])
        await judge(db, { a: 'of-', b: 'op.' }, 2)
        const kinds = await db.query<{ kind: string }>(
          'select kind from stance.finding_event order by happened_at nulls last',
        )
        expect(kinds.map(({ kind }) => kind)).toEqual(['failed', 'failed', 'closed', 'closed', 'reopened'])
        expect(
          await db.query('select closed_as from stance.finding_closed order by resource_key nulls last'),
        ).toEqual([{ closed_as: 'gone' }, { closed_as: 'rule_off' }])
      })

      it('says since when it has been so of what comes back: the return', async () => {
        const { db } = database()
        await judge(db, { a: 'off', b: 'opf' }, 0)
        await judge(db, { c: 'op.' }, 1, ['a', 'b'])
        await judge(db, { a: 'of.', b: 'ouf' }, 2)
        await judge(db, { a: 'ou.', b: 'ouu' }, 3)
        const known = `select rule_id, resource_key, definite_verdict, definite_since from stance.finding
        where resource_key <> 'c' order by resource_key nulls last, rule_id nulls last`
        expect(await db.query(known)).toEqual([
          { rule_id: 'aws-s3-rule-1', resource_key: 'a', definite_verdict: 'fail', definite_since: at(2) },
          // Nothing definite was known of it since it came back.
          {
            rule_id: 'aws-s3-rule-1',
            resource_key: 'b',
            definite_verdict: '',
            definite_since: new Date('0001-01-01T00:00:00Z'),
          },
          { rule_id: 'aws-s3-rule-2', resource_key: 'b', definite_verdict: 'fail', definite_since: at(2) },
        ])
      })

      it('follows exposure with severity, and says at least where it is not known', async () => {
        const { db } = database()
        await judge(db, { a: '?fp' }, 0)
        expect(await db.query(current)).toEqual([
          row(1, 'a', 'fail', 'fail', 'medium', 'high'),
          row(2, 'a', 'pass', 'pass', 'medium', 'high'),
        ])
        await judge(db, { a: 'xfp' }, 1)
        expect(await db.query(current)).toEqual([
          row(1, 'a', 'fail', 'fail', 'high', 'high'),
          row(2, 'a', 'pass', 'pass', 'high', 'high'),
        ])
        const since = await db.query('select since, valid_from from stance.finding')
        expect(since[0]).toEqual({ since: at(0), valid_from: at(1) })
      })

      it('closes an account that is switched off', async () => {
        const { db } = database()
        await judge(db, { a: 'off' }, 0)
        await db.transaction((tx) =>
          closeResources(tx, {
            batch: 'off',
            scope: { accountIds: [account] },
            now: at(1),
            closedAs: 'account_off',
          }),
        )
        expect(await db.query(current)).toEqual([])
        expect(await db.query('select distinct closed_as from stance.finding_history')).toEqual([
          { closed_as: 'account_off' },
        ])
      })

      it('hears of a fail that comes back by way of unknown', async () => {
        const { db } = database()
        await judge(db, { a: 'ofp' }, 0)
        await judge(db, { b: 'opp' }, 1, ['a'])
        await judge(db, { a: 'ouu' }, 2)
        await judge(db, { a: 'ofp' }, 3)
        const kinds = await db.query<{ kind: string }>(
          'select kind from stance.finding_event order by happened_at nulls last',
        )
        expect(kinds.map(({ kind }) => kind)).toEqual(['failed', 'closed', 'reopened'])
      })

      it('closes what a rule said of the table that it left', async () => {
        const { db } = database()
        await judge(db, { a: 'off' }, 0)
        const moved = { ...rule(2), table_name: 'aws_kms_key' }
        const synced = await db.transaction((tx) => syncRules(tx, [rule(1), moved]))
        expect(synced.changedTables.toSorted()).toEqual(['aws_kms_key', table])
        expect(synced.slots.get(table)).toEqual([{ slot: 1, rule_id: 'aws-s3-rule-1' }])
      })

      it('leaves nothing in the working tables', async () => {
        const { db } = database()
        await judge(db, { a: 'off' }, 0)
        for (const name of ['verdict_change', 'finding_change', 'finding_evidence'])
          expect(await db.query(`select * from stance.${name}`)).toEqual([])
      })

      it('keeps slots for ever, and a rule that was renamed keeps its findings', async () => {
        const { db } = database()
        await judge(db, { a: 'opf' }, 0)
        const before = await db.query('select finding_id from stance.finding order by finding_id nulls last')
        const slots = await db.transaction((tx) =>
          syncRules(tx, [rule(0), { ...rule(2), rule_id: 'aws-s3-renamed' }]),
        )
        expect(slots.slots.get(table)).toEqual([
          { slot: 3, rule_id: 'aws-s3-rule-0' },
          { slot: 2, rule_id: 'aws-s3-renamed' },
        ])
        expect(slots.changedTables).toEqual([table])
        await judge(db, { a: 'o.fp' }, 1)
        const after = await db.query(
          'select finding_id, rule_id from stance.finding order by rule_id nulls last',
        )
        expect(after[0]).toEqual({
          finding_id: findingId('aws-s3-rule-2', account, 'a'),
          rule_id: 'aws-s3-renamed',
        })
        expect(before).toContainEqual({ finding_id: findingId('aws-s3-rule-2', account, 'a') })
        expect(await db.query('select closed_as from stance.finding_closed')).toEqual([
          { closed_as: 'rule_off' },
        ])
      })

      it('follows a rule whose severity changed, though no verdict did', async () => {
        const { db } = database()
        await judge(db, { a: 'opf', b: 'opp' }, 0)
        await db.transaction((tx) => syncRules(tx, [rule(1), { ...rule(2), severity_private: 'low' }]))
        expect(await judge(db, { a: 'opf', b: 'opp' }, 1)).toEqual({
          resources_changed: 2,
          findings_changed: 2,
        })
        expect(
          await db.query(
            'select resource_key, severity from stance.finding where severity <> $1::text order by 1',
            ['medium'],
          ),
        ).toEqual([
          { resource_key: 'a', severity: 'low' },
          { resource_key: 'b', severity: 'low' },
        ])
      })

      it('writes what follows for several tables at once', async () => {
        const { db } = database()
        const other = 'aws_kms_key'
        await db.transaction((tx) => syncRules(tx, [rule(1), rule(2), { ...rule(3), table_name: other }]))
        const tables = (own: string, others: string): TableVerdicts[] =>
          [
            [table, 'a', own],
            [other, 'k', others],
          ].map(([name = '', key = '', string = '']) => ({
            table: name,
            judged: `/* pull: a row of this test */ select '${account}' as account_id, 'eu-west-1' as region, '${key}' as resource_key, '${string}' as verdicts`,
            existing: `select v.account_id, v.resource_key from stance.verdict v where v.table_name = '${name}'`,
            scope: { accountIds: [account] },
            ...(rows === undefined ? {} : { rows }),
          }))
        const record = (own: string, others: string, minute: number) =>
          db.transaction((tx) =>
            recordVerdicts(tx, { batch: `b${++batch}`, tables: tables(own, others), now: at(minute) }),
          )
        expect(await record('opf', 'of', 0)).toEqual({ resources_changed: 2, findings_changed: 3 })
        expect(await record('opf', 'op', 1)).toEqual({ resources_changed: 1, findings_changed: 1 })
        expect(await record('opp', 'op', 2)).toEqual({ resources_changed: 1, findings_changed: 1 })
        expect(await db.query(events)).toEqual([
          { kind: 'failed', rule_id: 'aws-s3-rule-2', resource_key: 'a' },
          { kind: 'failed', rule_id: 'aws-s3-rule-3', resource_key: 'k' },
          { kind: 'resolved', rule_id: 'aws-s3-rule-3', resource_key: 'k' },
          { kind: 'resolved', rule_id: 'aws-s3-rule-2', resource_key: 'a' },
        ])
        expect(await db.query('select verdicts from stance.verdict order by verdicts nulls last')).toEqual([
          { verdicts: 'op' },
          { verdicts: 'opp' },
        ])
      })
    }),
  { migrated: true },
)

function row(n: number, key: string, verdict: string, definite: string, severity: string, most: string) {
  return {
    rule_id: `aws-s3-rule-${n}`,
    resource_key: key,
    verdict,
    definite_verdict: definite,
    severity,
    severity_max: most,
  }
}
