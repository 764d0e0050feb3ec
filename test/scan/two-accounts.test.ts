import { expect, it } from 'vitest'
import type { Row } from '../../src/db/database.ts'
import type { Stance } from '../../src/run/open-stance.ts'
import { freshDatabase, longest, oneEngine } from '../setup/test-database.ts'
import { documentsOf } from './documents.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { accounts, careless, good } from './estate.ts'
import { differences, type Posture, postureOf } from './posture.ts'

const options = { copies: 'one each', engines: oneEngine() } as const
eachScannedStore('two accounts', options, (scanned, engine) => {
  it('with the same names are what each of them is alone', { timeout: longest }, async () => {
    const { estate, stance, clean } = scanned()
    // All that is compared is read before: on Citus each fresh store takes the last one away.
    const together = await documentsOf(stance.db)
    const rows = await rowsOf(stance)
    for (const account of accounts) {
      const alone = await freshDatabase(engine)
      try {
        const own = await estate.open(alone.db)
        await estate.scan(own, { narrowing: { accounts: [account] } })
        const documents = await documentsOf(alone.db)
        const mine = together.filter((one) => one.account_id === account)
        expect(mine.length).toBeGreaterThan(50)
        expect(documents.filter((one) => one.account_id === account)).toEqual(mine)
        expect(JSON.stringify(mine)).not.toContain(account === good ? careless : good)
        // What is derived, too: a join that forgets the account would show here.
        const ownRows = await rowsOf(own)
        for (const [table, all] of rows)
          expect(ofAccount(ownRows.get(table)!, account), table).toEqual(ofAccount(all, account))
        const here = ofOne(await postureOf(alone.db), account)
        expect(here.size).toBeGreaterThan(100)
        expect(differences(ofOne(clean, account), here, false)).toEqual([])
      } finally {
        await alone.drop()
      }
    }
    // The names are the same indeed.
    const named = (account: string) =>
      new Set(
        together
          .filter((one) => one.account_id === account)
          .map(({ table_name, name }) => `${table_name} ${name}`),
      )
    expect([...named(good)].filter((one) => named(careless).has(one)).length).toBeGreaterThan(30)
  })
})

/** Every row of every table, facts and children too. */
async function rowsOf({ db, catalogue }: Stance): Promise<Map<string, Row[]>> {
  const rows = new Map<string, Row[]>()
  for (const [name, shape] of catalogue.shapes) {
    const nr = shape.parent === undefined ? '' : ', _nr nulls last'
    const all = await db.query(
      `select * from lake.${name} order by account_id nulls last, resource_key nulls last${nr}`,
    )
    // Since when they are new, and as they are, is of each scan's own time.
    rows.set(
      name,
      all.map(({ _new_in, _changed_in, ...row }) => row),
    )
  }
  return rows
}

function ofAccount(rows: readonly Row[], account: string): Row[] {
  return rows.filter((row) => row.account_id === account)
}

function ofOne(posture: Posture, account: string): Posture {
  return new Map([...posture].filter(([, finding]) => finding.account_id === account))
}
