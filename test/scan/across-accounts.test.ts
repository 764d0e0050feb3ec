import { afterAll, expect, it } from 'vitest'
import type { RecordedExchange } from '../../src/collect/transport/recording.ts'
import { applyEvents } from '../../src/run/apply-events.ts'
import { longest, oneEngine } from '../setup/test-database.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { careless, good } from './estate.ts'
import { type Estate, type EstateOptions, openEstate } from './open-estate.ts'

type Edit = (one: RecordedExchange) => RecordedExchange

const isOrders = ({ account_id, region, operation, body }: RecordedExchange) =>
  account_id === good && region === 'eu-west-1' && operation === 'DescribeKey' && isText(body, '"orders"')

/** The careless account's bucket is encrypted with a key of the other one. */
const borrows =
  (keyArn: string): Edit =>
  (one) =>
    one.account_id === careless && one.operation === 'GetBucketEncryption' && one.key.includes('images')
      ? { ...one, status: 200, body: encryptedWith(keyArn) }
      : one

const byAlias: Edit = (one) =>
  one.account_id === careless && one.operation === 'GetBucketEncryption' && isText(one.body, ':key/')
    ? { ...one, body: (one.body as string).replace(/:key\/[\w-]+/, ':alias/orders') }
    : one

const disabled: Edit = (one) =>
  isOrders(one)
    ? {
        ...one,
        body: replaced(
          one,
          '"Enabled": true',
          '"Enabled": false',
          '"KeyState": "Enabled"',
          '"KeyState": "Disabled"',
        ),
      }
    : one

const unlisted: Edit = (one) => {
  if (one.operation !== 'ListAccounts') return one
  const body = JSON.parse(one.body as string) as { Accounts: { Id: string }[] }
  return {
    ...one,
    body: JSON.stringify({ ...body, Accounts: body.Accounts.filter(({ Id }) => Id !== careless) }),
  }
}

const options = { copies: 'one for all', engines: oneEngine() } as const
eachScannedStore('what another account does,', options, (scanned) => {
  const estates: Estate[] = []
  let keyArn = ''

  const another = async (...edits: Edit[]) => {
    const edit: EstateOptions['edit'] = (exchanges) => {
      const orders = JSON.parse(exchanges.find(isOrders)?.body as string) as { KeyMetadata: { Arn: string } }
      keyArn = orders.KeyMetadata.Arn
      return exchanges.map((one) => [borrows(keyArn), ...edits].reduce((known, by) => by(known), one))
    }
    const estate = await openEstate({ clock: scanned().estate.clock, edit })
    estates.push(estate)
    return estate
  }
  const verdict = async () => {
    const rows = await scanned().stance.db.query<{ verdict: string }>(
      `select verdict from stance.finding where account_id = $1::text and rule_id = 'aws-s3-bucket-key-can-be-used'`,
      [careless],
    )
    return rows.map((row) => row.verdict)
  }
  const state = async () => {
    const [row] = await scanned().stance.db.query<{ state: string }>(
      'select state from stance.account where account_id = $1::text',
      [careless],
    )
    return row?.state
  }

  afterAll(async () => {
    for (const estate of estates) await estate.stop()
  })

  it('turns the verdicts that hang on it, also where the organization no longer lists the account', {
    timeout: longest,
  }, async () => {
    const { stance } = scanned()
    await (await another()).scan(stance, { narrowing: { services: ['s3'] } })
    expect(keyArn).toContain(good)
    expect([await state(), await verdict()]).toEqual(['active', ['pass']])

    // The account whose bucket it is is not read again.
    const elsewhere = { narrowing: { accounts: [good], services: ['kms'] } }
    await (await another(disabled)).scan(stance, elsewhere)
    expect([await state(), await verdict()]).toEqual(['active', ['fail']])

    await (await another(disabled, unlisted)).scan(stance, { narrowing: { services: ['s3'] } })
    expect([await state(), await verdict()]).toEqual(['unlisted', ['fail']])
    await (await another(unlisted)).scan(stance, elsewhere)
    expect([await state(), await verdict()]).toEqual(['unlisted', ['pass']])
  })

  it('turns them also where the key is set by its alias', { timeout: longest }, async () => {
    const { stance } = scanned()
    const elsewhere = { narrowing: { accounts: [good], services: ['kms'] } }
    await (await another(byAlias)).scan(stance, { narrowing: { services: ['s3'] } })
    expect(await verdict()).toEqual(['pass'])
    await (await another(disabled, byAlias)).scan(stance, elsewhere)
    expect(await verdict()).toEqual(['fail'])
    await (await another()).scan(stance, { narrowing: { services: ['s3', 'kms'] } })
    expect(await verdict()).toEqual(['pass'])
  })

  it('turns them when an event tells of it, which says so', { timeout: longest }, async () => {
    const { stance } = scanned()
    expect(await verdict()).toEqual(['pass'])
    const { settings, clock } = await another(disabled)
    clock.skip(3_600_000)
    const done = await applyEvents(stance, { settings }, [
      {
        eventVersion: '1.11',
        eventSource: 'kms.amazonaws.com',
        eventName: 'DisableKey',
        awsRegion: 'eu-west-1',
        eventTime: clock.now().toISOString(),
        recipientAccountId: good,
        readOnly: false,
        requestParameters: { keyId: keyArn.split('/').at(-1) },
        resources: [{ ARN: keyArn }],
      },
    ])
    expect(done.resources).toEqual([
      expect.objectContaining({ table: 'aws_kms_key', account_id: good, outcome: 'changed' }),
    ])
    expect(await verdict()).toEqual(['fail'])
    expect(done.findings).toContainEqual(
      expect.objectContaining({
        account_id: careless,
        rule_id: 'aws-s3-bucket-key-can-be-used',
        verdict: 'fail',
      }),
    )
    expect(await stance.db.query('select p.account_id from stance.pending_judgement p')).toEqual([])
  })
})

function isText(body: RecordedExchange['body'], part: string): boolean {
  return typeof body === 'string' && body.includes(part)
}

function replaced({ body }: RecordedExchange, ...pairs: string[]): string {
  let text = body as string
  for (let at = 0; at < pairs.length; at += 2) text = text.replace(pairs[at]!, pairs[at + 1]!)
  return text
}

function encryptedWith(keyArn: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>${keyArn}</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`
}
