import { describe, expect, it } from 'vitest'
import { tables } from '../../src/collect/tables.generated.ts'
import type { AnyTable } from '../../src/lake/define-table.ts'
import { projectWritten, silentColumns, withSent } from './check-columns.ts'
import { written as cloudtrail } from './cloudtrail.data.ts'
import { written as ec2 } from './ec2.data.ts'
import { written as elbv2 } from './elbv2.data.ts'
import { written as iam } from './iam.data.ts'
import { written as kms } from './kms.data.ts'
import { written as s3 } from './s3.data.ts'

const all = { ...ec2, ...elbv2, ...kms, ...cloudtrail, ...iam, ...s3 }

function tableOf(name: string): AnyTable {
  const table = tables.find((one) => one.name === name)
  if (table === undefined) throw new Error(`no table ${name}`)
  return table
}

/** The planner makes its rows out of what it knows: no answer fills them. */
const ofThePlanner = ['aws_organizations_organization']

describe('tables over answers that were written by hand', () => {
  it('are there of every table', () => {
    const names = tables.map(({ name }) => name).filter((name) => !ofThePlanner.includes(name))
    expect(Object.keys(all).sort()).toEqual(names.sort())
  })

  /** Columns of the shared policy reader; its own tests try each (src/collect/aws/policy). */
  const ofThePolicyReader = /_(policy|trust|inline)_?statement\.|^policy\.policy_/

  it.each(Object.keys(all))('%s: every column has a value, and says when there is none', (name) => {
    const silent = silentColumns(tableOf(name), all[name]!)
    expect(silent.filter((one) => !ofThePolicyReader.test(one))).toEqual([])
  })

  it('makes every column NULL of a group that is not read, and no child rows', () => {
    for (const [name, answers] of Object.entries(all)) {
      const table = tableOf(name)
      const [full] = withSent(table, answers)
      for (const group of Object.keys(table.groups)) {
        const { [group]: _, ...rest } = full!
        const { columns, children } = projectWritten(table, rest)
        const own = (table.groups as unknown as Record<string, { columns: object }>)[group]!.columns
        for (const column of Object.keys(own)) expect(columns[column], `${name}.${column}`).toBeNull()
        for (const [child, declared] of Object.entries(table.children ?? {})) {
          if (declared.group === group) expect(children[child], child).toEqual([])
        }
      }
    }
  })
})
