import { expect, it } from 'vitest'
import { Chronicle, moment } from '../../scripts/demo/chronicle.ts'
import { rewriteTimes } from '../../scripts/demo/rewrite-times.ts'

const account = '111122223333'
const now = new Date().toISOString()
const chronicle = new Chronicle()
chronicle.born(account, 'ann', '2025-03-04')
chronicle.born(account, 'AKIA1', '2026-01-02')
const context = { account, chronicle, since: new Date(Date.now() - 60_000) }

function daysIn(body: string): string[] {
  return [...rewriteTimes(body, context).matchAll(/\d{4}-\d{2}-\d{2}/g)].map(([day]) => day)
}

it('dates what stands beside a name, the youngest of several, or around it', () => {
  const user = `<m><UserName>ann</UserName><CreateDate>${now}</CreateDate></m>`
  const key = `<m><CreateDate>${now}</CreateDate><UserName>ann</UserName><Id>AKIA1</Id></m>`
  const within = `<m><UserName>ann</UserName><List><m><Version>v1</Version><At>${now}</At></m></List></m>`
  expect(daysIn(`<r>${user}${key}${within}</r>`)).toEqual(['2025-03-04', '2026-01-02', '2025-03-04'])
  expect(daysIn(JSON.stringify({ User: { UserName: 'ann', At: now } }))).toEqual(['2025-03-04'])
})

it('leaves what the emulator did not make today, and moves plans behind the moment', () => {
  const old = '<r><At>2020-05-06T07:08:09Z</At><Text>2020-05-06</Text></r>'
  expect(rewriteTimes(old, context)).toBe(old)
  const planned = { DeletionDate: (Date.now() + 20 * 86_400_000) / 1000, KeySize: Date.now() / 1000 }
  const written = JSON.parse(rewriteTimes(JSON.stringify(planned), context)) as typeof planned
  expect(written).toEqual({ ...planned, DeletionDate: moment.getTime() / 1000 + 20 * 86_400 })
})
