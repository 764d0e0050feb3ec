import { expect, it } from 'vitest'
import type { ScanNarrowing } from '../../src/run/scan.ts'
import { longest, oneEngine } from '../setup/test-database.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { accounts, careless, good } from './estate.ts'
import { differences, postureOf } from './posture.ts'

const narrowings: ScanNarrowing[] = [{}, { services: ['kms'] }, { accounts: [good] }]

const options = { copies: 'one for all', engines: oneEngine() } as const
eachScannedStore('accounts that are listed', options, (scanned) => {
  /** The estate's connection with a list of accounts, and what more is said. */
  const connect = (more: object) => {
    const { estate } = scanned()
    const [first] = estate.settings.connections
    estate.settings.connections = [{ ...first!, organization: false, accounts: [...accounts], ...more }]
    return first!
  }
  const profile = { keys: undefined, profile: 'audi', profile_files: { named: undefined, files: [] } }

  it.each(narrowings)(
    'are not touched where nobody can sign in: %j',
    { timeout: longest },
    async (narrowing) => {
      const { estate, stance, clean } = scanned()
      const before = await stance.db.query('select * from public.coverage')
      const first = connect(profile)
      const said = estate.scan(stance, { narrowing })
      await expect(said).rejects.toMatchObject({ code: 'COLLECT_CREDENTIALS_MISSING' })
      connect({ ...profile, role_arn: 'arn:aws:iam::{account}:role/stance' })
      const role = estate.scan(stance, { narrowing })
      await expect(role).rejects.toMatchObject({ code: 'COLLECT_CREDENTIALS_MISSING' })
      connect({ ...first, organization: false, accounts: [...accounts] })
      const faults = 'sts=error(400:ExpiredToken)'
      const ended = estate.scan(stance, { narrowing, faults })
      await expect(ended).rejects.toMatchObject({ code: 'COLLECT_CREDENTIALS_EXPIRED' })
      expect(differences(clean, await postureOf(stance.db))).toEqual([])
      expect(await stance.db.query('select * from public.coverage')).toEqual(before)
      estate.settings.connections = [first]
    },
  )

  it('behind a second connection without keys keep what was read while it is young', {
    timeout: longest,
  }, async () => {
    const { estate, stance, clean } = scanned()
    const first = connect({ accounts: 'automatic' })
    const [own] = estate.settings.connections
    estate.settings.connections = [own!, { ...own!, ...profile, name: 'second', accounts: [careless] }]
    const { entered, unlisted } = await estate.scan(stance, { narrowing: { services: ['kms'] } })
    expect(entered).toEqual({ accounts: 1, not_entered: [careless], left: [] })
    expect(unlisted).toMatchObject([{ connection: 'second', code: 'COLLECT_CREDENTIALS_MISSING' }])
    expect(differences(clean, await postureOf(stance.db), false)).toEqual([])
    const unread = await stance.db.query(
      'select account_id, table_name, state, in_force, code from public.coverage group by account_id, table_name, state, in_force, code order by table_name nulls last',
    )
    expect(unread.length).toBeGreaterThan(0)
    for (const cell of unread)
      expect(cell).toMatchObject({
        account_id: careless,
        table_name: expect.stringMatching(/^aws_kms/),
        state: 'error',
        in_force: true,
        code: 'COLLECT_CREDENTIALS_MISSING',
      })
    estate.settings.connections = [first]
    await estate.scan(stance)
    expect(differences(clean, await postureOf(stance.db), false)).toEqual([])
  })

  it('one that denies entry is unread, within what was asked for only', { timeout: longest }, async () => {
    const { estate, stance, clean } = scanned()
    const first = connect({ organization: true, accounts: 'automatic', regions: ['eu-west-1'] })
    await estate.scan(stance)
    const cells = () =>
      stance.db.query<{ table_name: string; part: string; state: string }>(
        'select table_name, part, state from stance.cell where account_id = $1 order by table_name nulls last, part nulls last',
        [careless],
      )
    const read = await cells()
    const faults = `${careless}/sts=denied`
    await estate.scan(stance, { faults, narrowing: { services: ['kms'] } })
    const isKms = ({ table_name }: { table_name: string }) => table_name.startsWith('aws_kms')
    const narrowed = await cells()
    // That it refused is known of the account itself, whatever was asked for.
    expect(narrowed[0]).toEqual({ table_name: 'aws_account', part: 'global', state: 'denied' })
    expect(narrowed.slice(1).filter((cell) => !isKms(cell))).toEqual(
      read.slice(1).filter((cell) => !isKms(cell)),
    )
    expect(new Set(narrowed.filter(isKms).map(({ state }) => state))).toEqual(
      new Set(['not_collected', 'excluded']),
    )
    await estate.scan(stance, { faults })
    const left = (all: typeof read) => all.filter(({ state }) => state === 'excluded')
    const denied = await cells()
    expect(left(read).length).toBeGreaterThan(10)
    expect(left(denied), 'what a setting leaves out says so still').toEqual(left(read))
    expect(new Set(denied.map(({ state }) => state))).toEqual(
      new Set(['denied', 'not_collected', 'excluded']),
    )
    estate.settings.connections = [first]
    await estate.scan(stance)
    expect(differences(clean, await postureOf(stance.db), false)).toEqual([])
  })
})
