import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { canaries } from '../../scripts/demo/estate.ts'
import { type Demo, demoClock, openDemo } from '../../src/run/open-demo.ts'
import { openStance, type Stance } from '../../src/run/open-stance.ts'
import { scan } from '../../src/run/scan.ts'
import { namesOf, toGolden } from '../golden/to-golden.ts'
import { differences, postureOf, recordsOf, unsoundChanges } from '../scan/posture.ts'
import { plainSettings } from '../setup/plain-settings.ts'
import { eachEngine, longest } from '../setup/test-database.ts'

eachEngine('the demo estate', (database, engine) => {
  let directory: string
  let demo: Demo
  let stance: Stance

  const open = async (faults?: string) => {
    const settings = plainSettings(directory)
    return openDemo({ settings, ...(faults === undefined ? {} : { faults }) })
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'stance-demo-test-'))
    demo = await open()
    const { db } = database()
    const { settings, moment } = demo
    stance = await openStance(db, { settings, clock: await demoClock(db, moment) })
  })
  afterAll(async () => {
    await demo.stop()
    await rm(directory, { recursive: true, force: true })
  })

  it('gives the findings that are written down', { timeout: longest }, async () => {
    const { settings, pace } = demo
    const record = await scan(stance, { settings, pace })
    expect(record.state).toBe('done')
    expect(demo.unknown()).toEqual([])
    // On each engine the same file.
    const { db } = database()
    await expect(toGolden(await postureOf(db), await namesOf(db))).toMatchFileSnapshot(
      '../golden/demo-findings.json',
    )
  })

  it('keeps no planted secret in the store', async () => {
    const rows = await database().db.query<{ text: string }>(
      'select cast(r.content as text) as text from stance.resource r',
    )
    const text = rows.map((row) => row.text).join('\n')
    expect(text.length).toBeGreaterThan(100_000)
    for (const canary of Object.values(canaries)) expect(text.includes(canary)).toBe(false)
  })

  it('makes no version and no event when it is scanned again', { timeout: longest }, async () => {
    const { settings, pace } = demo
    const { db } = database()
    const [before, records] = [await postureOf(db), await recordsOf(db)]
    await scan(stance, { settings, pace })
    expect(differences(before, await postureOf(db))).toEqual([])
    expect(await recordsOf(db)).toEqual(records)
  })

  // What faults do is the same on each engine, and costs a scan each.
  it.runIf(engine === 'postgres')('turns no verdict whatever is refused', { timeout: longest }, async () => {
    const { db } = database()
    const before = await postureOf(db)
    const refused: readonly [service: string, faults: string][] = [
      ['kms', 'kms:GetKeyPolicy=denied kms:ListAliases=denied'],
      ['s3', 's3:GetBucketPolicy=denied s3:GetBucketAcl=denied'],
      ['iam', 'iam:GetCredentialReport=denied iam:ListVirtualMFADevices=denied'],
      ['cloudtrail', 'cloudtrail=denied'],
      ['elasticloadbalancingv2', 'elasticloadbalancingv2:DescribeListeners=error(400:SomethingElse)'],
      ['ec2', 'ec2:DescribeRouteTables=denied ec2:DescribeInstanceAttribute=denied'],
    ]
    for (const [service, faults] of refused) {
      const worse = await open(faults)
      const { settings, pace } = worse
      await scan(stance, { settings, pace, narrowing: { services: [service] } })
      await worse.stop()
      const after = await postureOf(db)
      expect(unsoundChanges(before, after), faults).toEqual([])
      expect(differences(before, after), faults).not.toEqual([])
    }
    const { settings, pace } = demo
    await scan(stance, { settings, pace })
    expect(differences(before, await postureOf(db), false)).toEqual([])
  })
})
