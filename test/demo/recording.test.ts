import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { accounts, canaries } from '../../scripts/demo/estate.ts'
import { root } from '../../scripts/run-tool.ts'
import { readRecording } from '../../src/collect/transport/read-recording.ts'
import { fromBody } from '../../src/collect/transport/recording.ts'
import { shippedRecording } from '../../src/run/open-demo.ts'

const recording = await readRecording(shippedRecording)
const files = (await readdir(shippedRecording, { recursive: true })).filter((name) =>
  name.endsWith('.ndjson'),
)
const texts = await Promise.all(files.map((name) => readFile(join(shippedRecording, name), 'utf8')))
const everything = texts.join('\n')

it('speaks of three accounts, one that refused, and no other', () => {
  expect(recording.accounts).toEqual(Object.values(accounts).slice(0, 4))
  const allowed = new Set<string>(Object.values(accounts))
  // AWS's own: load balancers of eu-west-1, and OpenSearch's in its managed policies.
  const found = everything.match(/(?<=arn:aws[\w-]*:[\w-]*:[\w*-]*:)\d{12}(?=:)/g) ?? []
  expect([...new Set(found)].filter((id) => !allowed.has(id))).toEqual([])
})

it('holds no planted secret in any form, and the place where it was', () => {
  const bodies = recording.exchanges.map(({ body }) => fromBody(body).toString('latin1')).join('\n')
  const decoded = (bodies.match(/[A-Za-z0-9+/]{16,}={0,2}/g) ?? []).map((text) =>
    Buffer.from(text, 'base64').toString('latin1'),
  )
  for (const canary of Object.values(canaries)) {
    const forms = [
      canary,
      encodeURIComponent(canary),
      ...[0, 1, 2].map((offset) => middleOfBase64(canary, offset)),
    ]
    for (const form of forms) expect(everything.includes(form), form).toBe(false)
    expect(decoded.some((text) => text.includes(canary))).toBe(false)
  }
  expect(everything).toContain('DescribeInstanceAttribute')
  const sealed = recording.exchanges.filter(
    ({ operation, body }) => operation === 'DescribeInstanceAttribute' && /<value>/.test(String(body)),
  )
  expect(sealed).toHaveLength(2)
})

/** What of it stands in base64 whatever is around it, if it begins `offset` bytes after a border. */
function middleOfBase64(text: string, offset: number): string {
  return Buffer.from(`${'.'.repeat(offset)}${text}`)
    .toString('base64')
    .slice(offset === 0 ? 0 : 4, -4)
}

it('was got at one moment, and no time in it is later but what is planned', () => {
  expect(new Set(recording.exchanges.map(({ at }) => at))).toEqual(
    new Set([recording.recorded_at.toISOString()]),
  )
  const later = recording.exchanges.filter(({ body }) =>
    [...String(body).matchAll(/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z/g)].some(
      ([time]) => new Date(time) > recording.recorded_at,
    ),
  )
  expect(later.map(({ operation }) => operation)).toEqual([])
})

it('marks what was written into it, each mark explained in the page of the estate', async () => {
  const page = await readFile(join(root, 'demo/README.md'), 'utf8')
  const explained = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, mark]) => mark)
  const marks = new Set(recording.exchanges.flatMap(({ written }) => written ?? []))
  expect([...marks].sort()).toEqual(explained.sort())
})
