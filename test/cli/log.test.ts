import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeWorkplace, startStance } from './stance-process.fixture.ts'

const key = 'AKIAIOSFODNN7EXAMPLE'
const secret = 'CANARY-not-a-key-4e1b'
const externalId = 'CANARY-external-id-88'

let place: Awaited<ReturnType<typeof makeWorkplace>>
beforeAll(async () => {
  place = await makeWorkplace()
  const connection = `endpoint: "http://127.0.0.1:9", home_region: eu-west-1, role_arn: "arn:aws:iam::{account}:role/stance", external_id: "${externalId}", accounts: ["444455556666"]`
  await writeFile(join(place.cwd, 'stance.yaml'), `connections: [{ ${connection} }]\n`)
})
afterAll(() => place.remove())

async function logOf(level: string, ...more: string[]) {
  const env = { AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: secret, STANCE_LOG_LEVEL: level }
  const { stderr } = await startStance(['scan', ...more], place.cwd, env).ended
  expect(stderr).not.toContain(secret)
  expect(stderr).not.toContain(externalId)
  const lines = stderr.split('\n').filter((line) => line.startsWith('{"level"'))
  return lines.map((line) => JSON.parse(line) as { level: string; msg: string })
}

it('the log has the steps of a scan, and at debug the calls that fail', { timeout: 120_000 }, async () => {
  expect(await logOf('warn')).toEqual([])
  const info = await logOf('info')
  expect(new Set(info.map(({ level }) => level))).toEqual(new Set(['info']))
  expect(info).toContainEqual(expect.objectContaining({ msg: 'scan_started', scan_id: expect.any(String) }))
  expect(info).toContainEqual(
    expect.objectContaining({ msg: 'accounts_found', accounts: 0, not_entered: ['444455556666'] }),
  )
  expect(info).toContainEqual(expect.objectContaining({ msg: 'scan_ended', state: 'done' }))
  const debug = await logOf('debug')
  expect(debug).toContainEqual(
    expect.objectContaining({
      ...{ level: 'debug', msg: 'call without success', service: 'sts', operation: 'GetCallerIdentity' },
      ...{ account_id: '444455556666', connection: 'default', code: expect.any(String) },
    }),
  )
})
