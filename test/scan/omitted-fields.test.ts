import { expect, it } from 'vitest'
import { tables } from '../../src/collect/tables.generated.ts'
import type { Json } from '../../src/core/json.ts'
import { projectWritten, type WrittenAnswers, withSent } from '../aws/check-columns.ts'
import { written as cloudtrail } from '../aws/cloudtrail.data.ts'
import { written as ec2 } from '../aws/ec2.data.ts'
import { written as elbv2 } from '../aws/elbv2.data.ts'
import { written as iam } from '../aws/iam.data.ts'
import { written as kms } from '../aws/kms.data.ts'
import { written as s3 } from '../aws/s3.data.ts'
import { mayBeMissing } from './may-be-missing.data.ts'
import { fieldsOf, readEstate, type Turn, turnedValues } from './omitted-fields.ts'

const written: Record<string, WrittenAnswers[]> = { ...ec2, ...elbv2, ...kms, ...cloudtrail, ...iam, ...s3 }
const allowed = new Set(
  mayBeMissing.flatMap(({ fields }) =>
    Object.entries(fields).flatMap(([of, paths]) => paths.map((path) => `${of} ${path}`)),
  ),
)
const used = new Set<string>()

/** The field as the exceptions name it: an answer has it within its rows. */
function isAllowed({ of, path }: Pick<Turn, 'of' | 'path'>): boolean {
  const steps = path.split('.')
  const names = steps.map((_, at) => `${of} ${steps.slice(at).join('.')}`)
  const found = names.find((name) => allowed.has(name))
  if (found !== undefined) used.add(found)
  return found !== undefined
}

it('a field left out of any recorded answer makes columns unread, and turns none', {
  timeout: 300_000,
}, async () => {
  const estate = await readEstate()
  expect(estate.failures, 'what cannot be read as it is').toEqual([])
  expect(estate.fields.length).toBeGreaterThan(400)
  const wrong = new Map<string, string>()
  for (const { operation, path } of estate.fields)
    for (const turn of await estate.without(operation, path))
      if (!isAllowed(turn)) wrong.set(`${turn.of} ${operation} ${path}`, turn.what)
  expect([...wrong]).toEqual([])
})

it('a field left out of any written answer makes columns unread, and turns none', () => {
  const wrong = new Map<string, string>()
  for (const [name, answers] of Object.entries(written)) {
    const table = tables.find((one) => one.name === name)!
    for (const answer of withSent(table, answers)) {
      const was = projectWritten(table, answer)
      for (const [group, content] of Object.entries(answer)) {
        const paths = new Set<string>()
        fieldsOf(content, '', paths)
        for (const path of paths) {
          const changed = structuredClone(answer)
          leaveOut(changed[group] as Json, path.split('.'))
          for (const turn of turnedValues(table, was, projectWritten(table, changed))) {
            // Another group is read by itself, and refused by itself.
            if (turn.group === group && !isAllowed({ of: `${name}.${group}`, path }))
              wrong.set(`${name}.${group} ${path}`, turn.what)
          }
        }
      }
    }
  }
  expect([...wrong]).toEqual([])
})

it('every exception is one', () => {
  expect([...allowed].filter((one) => !used.has(one))).toEqual([])
})

function leaveOut(here: Json, [key, ...rest]: readonly string[]): void {
  if (here === null || typeof here !== 'object' || key === undefined) return
  if (Array.isArray(here)) for (const one of here) leaveOut(one, [key, ...rest])
  else if (rest.length > 0) leaveOut((here as Record<string, Json>)[key] ?? null, rest)
  else delete (here as Record<string, Json>)[key]
}
