import type { Place } from '../../lake/columns.ts'
import type { AnyTable } from '../../lake/define-table.ts'
import { valueAt } from '../../lake/stored.ts'
import { fillText, type TemplateValues } from './fill-template.ts'

export interface ResourceIdentity {
  resource_key: string
  native_id: string
  name: string
  region: string
  owner_account_id: string
  incarnation: string
}

/** Where a row was found, before its own region is known. */
export interface FoundAt {
  account_id: string
  /** The cell's part: a region, or `global`. */
  part: string
  partition: string
  parent?: TemplateValues['parent']
}

/** What rows of hostile names could do to keys and screens stops here. */
const longest = 2048

/** Throws where the row has not what makes it a resource: its cell is then not whole. */
export function identifyResource(table: AnyTable, item: unknown, found: FoundAt): ResourceIdentity {
  const { identity } = table
  const place: Place = { ...placeOf(found, found.part), item }
  // Where the provider does not tell a home region, the cell's part is all that is known.
  const region = identity.region?.(item as never, place) || found.part
  const here: Place = { ...place, region: required(region, 'region') }
  const take = (from: string | ((item: never, place: Place) => string | undefined)) =>
    typeof from === 'function' ? from(item as never, here) : valueAt(item, from)
  const nativeId = required(take(identity.native_id), 'native id')
  const key =
    typeof identity.key === 'function'
      ? identity.key(item as never, here)
      : fillText(identity.key, valuesOf(found, here.region, item, nativeId))
  const incarnation = identity.incarnation === undefined ? '' : valueAt(item, identity.incarnation)
  return {
    resource_key: required(key, 'key'),
    native_id: nativeId,
    name: plain(take(identity.name)) || nativeId,
    region: here.region,
    owner_account_id: plain(identity.owner?.(item as never, here)) || found.account_id,
    incarnation: plain(incarnation),
  }
}

export function placeOf(found: FoundAt, region: string): Omit<Place, 'item'> {
  return { account_id: found.account_id, region, partition: found.partition }
}

export function valuesOf(found: FoundAt, region: string, item: unknown, id?: string): TemplateValues {
  return {
    item,
    account: found.account_id,
    region,
    partition: found.partition,
    ...(id === undefined ? {} : { id }),
    ...(found.parent === undefined ? {} : { parent: found.parent }),
  }
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, longest) : typeof value === 'number' ? String(value) : ''
}

function required(value: unknown, what: string): string {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || text === '') throw new Error(`the row has no ${what}`)
  if (text.length > longest) throw new Error(`the row's ${what} has ${text.length} characters`)
  return text
}
