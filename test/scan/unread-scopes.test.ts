import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { closedFindings } from '../../src/run/closed-findings.ts'
import { openStance } from '../../src/run/open-stance.ts'
import { eachEngine, longest, oneEngine } from '../setup/test-database.ts'
import { accounts } from './estate.ts'
import { lakeProblems } from './lake-problems.ts'
import { type Estate, openEstate } from './open-estate.ts'
import { postureOf, unknownsOf } from './posture.ts'

const ownRule = `title: Accounts of the organization are active
resource: aws_organizations_account
pass: state = 'ACTIVE'
severity: { attack_vector: no_authorization, impact: high }
why: Only so that the test has a rule about a table of the organization.
fix: { console: None., cli: none, terraform: none }
nist_800_53: [AC-3]
topics: [accounts]
references: [https://example.com/]
proofs: { pass: [{ state: ACTIVE }], fail: [{ state: SUSPENDED }] }
`
const narrowing = { services: ['kms', 'organizations'] }
const unnamed = 'ec2:DescribeRegions=denied account:ListRegions=denied'

const one = { engines: oneEngine() }

eachEngine(
  'what could not be listed',
  (database) => {
    let estate: Estate
    let directory: string
    beforeAll(async () => {
      estate = await openEstate()
      directory = await mkdtemp(join(tmpdir(), 'stance-rules-'))
      await mkdir(join(directory, 'aws', 'organizations'), { recursive: true })
      await writeFile(join(directory, 'aws', 'organizations', 'accounts-are-active.yaml'), ownRule)
      estate.settings.rules = { ...estate.settings.rules, directories: [directory] }
    })
    afterAll(async () => {
      await estate.stop()
      await rm(directory, { recursive: true, force: true })
    })

    it('in regions that nobody could name is said once a rule, on the account', {
      timeout: longest,
    }, async () => {
      const { db } = database()
      const stance = await estate.open(db)
      await estate.scan(stance, { narrowing, faults: unnamed })
      const regional = [...stance.set.rules.values()].filter(
        ({ rule, enabled }) => enabled && stance.catalogue.shapes.get(rule.resource)?.parts === 'region',
      )
      expect(regional.length).toBeGreaterThan(10)
      const about = await aboutUnnamed()
      const wanted = accounts.flatMap((account) =>
        regional.map(({ rule }) => `${account} ${rule.id} arn:aws:account::${account}:account`),
      )
      expect(about.map(({ name }) => name).sort()).toEqual(wanted.sort())
      for (const { evidence } of about)
        expect(evidence?.unread).toMatchObject([
          { part: '*', group: 'list', action: 'ec2:DescribeRegions', state: 'denied' },
        ])
      expect(await lakeProblems(stance)).toEqual([])
      await estate.scan(stance, { narrowing })
      expect(await aboutUnnamed()).toEqual([])
      const events = await db.query(
        `select kind from stance.finding_event where kind in ('closed', 'resolved', 'reopened')`,
      )
      expect(events, 'nobody hears of it').toEqual([])
      const closed = await db.query('select distinct closed_as from stance.finding_closed')
      expect(closed, 'the account is there').toEqual([{ closed_as: 'no_longer_unread' }])
      expect(await closedFindings(db, {}), 'nor is it listed').toEqual({ items: [], total: 0 })

      async function aboutUnnamed() {
        const posture = await postureOf(db)
        return unknownsOf(posture)
          .filter(({ table_name, resource_key }) => {
            return (
              resource_key.endsWith(':account') && stance.catalogue.shapes.get(table_name)?.parts === 'region'
            )
          })
          .map((one) => ({ ...one, name: `${one.account_id} ${one.rule_id} ${one.resource_key}` }))
      }
    })

    it('of an organization is said on the organization', { timeout: longest }, async () => {
      const { db } = database()
      const stance = await estate.open(db)
      const found = async () => {
        const posture = await postureOf(db)
        return [...posture.values()].filter(({ rule_id }) => rule_id.endsWith('accounts-are-active'))
      }
      await estate.scan(stance, { narrowing })
      expect((await found()).map(({ verdict }) => verdict)).toEqual(['pass', 'pass'])
      await estate.scan(stance, { narrowing, faults: 'organizations:ListAccounts=denied' })
      const unread = await found()
      expect(unread.map(({ verdict }) => verdict)).toEqual(['unknown', 'unknown', 'unknown'])
      const own = unread.filter(({ resource_key }) => /:organization\/o-\w+$/.test(resource_key))
      expect(own).toMatchObject([
        { evidence: { unread: [{ part: 'global', action: 'organizations:ListAccounts', state: 'denied' }] } },
      ])
      await estate.scan(stance, { narrowing })
      expect((await found()).map(({ verdict }) => verdict)).toEqual(['pass', 'pass'])
      const { settings, clock } = estate
      const rules = { ...settings.rules, directories: [] }
      await estate.scan(await openStance(db, { settings: { ...settings, rules }, clock }), { narrowing })
      expect(await found()).toEqual([])
      const { items } = await closedFindings(db, { table: ['aws_organizations_account'] })
      expect(items.map(({ closed_as }) => closed_as)).toEqual(['rule_off', 'rule_off'])
    })
  },
  one,
)

eachEngine(
  'what configuration leaves out',
  (database) => {
    let estate: Estate
    beforeAll(async () => {
      estate = await openEstate({ connection: { regions: ['eu-west-1'] } })
    })
    afterAll(() => estate.stop())

    it('has no finding of its own', { timeout: longest }, async () => {
      const { db } = database()
      const stance = await estate.open(db)
      await estate.scan(stance, { narrowing })
      const excluded = await db.query(`select part from stance.cell where state = 'excluded' limit 1`)
      expect(excluded).toHaveLength(1)
      const regions = new Set(
        (await db.query<{ region: string }>('select region from stance.finding')).map((r) => r.region),
      )
      expect([...regions].sort()).toEqual(['eu-west-1', 'global'])
      const onAccount = unknownsOf(await postureOf(db)).filter(({ table_name, resource_key }) => {
        return (
          resource_key.endsWith(':account') && stance.catalogue.shapes.get(table_name)?.parts === 'region'
        )
      })
      expect(onAccount).toEqual([])
    })
  },
  one,
)
