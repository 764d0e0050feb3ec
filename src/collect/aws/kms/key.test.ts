import { expect, it } from 'vitest'
import { demandOf } from '../../kernel/demand-of.ts'
import { TableRegistry } from '../../kernel/table-registry.ts'
import { aliases } from './aliases.ts'
import { key } from './key.ts'

const registry = new TableRegistry([key], [aliases])

it('what rotation waits for is wanted where rotation is, so that its permission is asked for', () => {
  const demand = demandOf(registry, new Map([['aws_kms_key', new Set(['rotation_enabled'])]]))
  expect(Object.fromEntries(demand.get('aws_kms_key')!)).toMatchObject({
    list: 'rule',
    metadata: 'rule',
    rotation: 'rule',
    tags: 'inventory',
  })
})

const applies = (group: 'rotation' | 'policy', metadata: object | undefined) => {
  const { [group]: declared } = key.groups as unknown as Record<
    string,
    { applies: (item: object, place: object, earlier: object | undefined) => boolean }
  >
  return declared!.applies({}, {}, metadata)
}
const own = { KeyManager: 'CUSTOMER', KeySpec: 'SYMMETRIC_DEFAULT', Origin: 'AWS_KMS', KeyState: 'Enabled' }

it.each([
  [own, true],
  [{ ...own, KeyState: 'Disabled' }, true],
  [{ ...own, KeyState: 'PendingDeletion' }, false],
  [{ ...own, KeySpec: 'RSA_2048' }, false],
  [{ ...own, Origin: 'EXTERNAL' }, false],
  [{ ...own, KeyManager: 'AWS' }, false],
  [undefined, true],
])('rotation of %j is read: %s', (metadata, isRead) => {
  expect(applies('rotation', metadata)).toBe(isRead)
})

it('policies of keys that AWS manages are not read; of what is not known they are', () => {
  expect(applies('policy', { ...own, KeyManager: 'AWS' })).toBe(false)
  expect(applies('policy', own)).toBe(true)
  expect(applies('policy', undefined)).toBe(true)
})
