import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../core/json.ts'
import {
  canonicalDocument,
  differsInSharedFields,
  hashContent,
  withoutVolatile,
} from './canonical-document.ts'
import { diffDocuments } from './diff-documents.ts'
import { lock } from './lake.fixture.ts'
import { fromStagedText, toStagedText } from './staged-text.ts'

describe('the one spelling of a document', () => {
  const manners = { volatile: ['Rules.LastUsed', 'Seen'], set: ['Rules', 'Rules.Ports'] }

  it('sorts keys and sets, keeps the order of other lists, and leaves volatile fields out', () => {
    const a: JsonObject = { Seen: 1, Rules: [{ Ports: [2, 1], LastUsed: 'x' }, { Ports: [] }], Order: [2, 1] }
    const b: JsonObject = { Order: [2, 1], Rules: [{ Ports: [] }, { Ports: [1, 2], LastUsed: 'y' }] }
    expect(canonicalDocument(a, manners)).toBe('{"Order":[2,1],"Rules":[{"Ports":[1,2]},{"Ports":[]}]}')
    expect(hashContent(a, manners).hash).toBe(hashContent(b, manners).hash)
    expect(hashContent(a, manners).full).not.toBe(hashContent(b, manners).full)
    expect(hashContent({ ...b, Order: [1, 2] }, manners).hash).not.toBe(hashContent(b, manners).hash)
    expect(withoutVolatile(a, manners)).not.toHaveProperty('Seen')
  })

  it('sorts lists within a set', () => {
    const matrix = { set: ['Rules'] }
    expect(canonicalDocument({ Rules: [[2], [1]] }, matrix)).toBe('{"Rules":[[1],[2]]}')
    expect(canonicalDocument([[2, 1], [0]])).toBe('[[2,1],[0]]')
  })

  it('of two declarations differs only in fields that both have', () => {
    const before = { Name: 'x', Old: 1, Rules: [{ Port: 1, Gone: true }] }
    const after = { Name: 'x', New: 2, Rules: [{ Port: 1, Fresh: 'y' }] }
    expect(differsInSharedFields(before, after, {})).toBe(false)
    expect(differsInSharedFields(before, { ...after, Name: 'y' }, {})).toBe(true)
    expect(differsInSharedFields(before, { ...after, Rules: [{ Port: 2 }] }, {})).toBe(true)
    expect(differsInSharedFields(before, { ...after, Rules: [] }, {})).toBe(true)
  })
})

describe('content from outside', () => {
  const through = (list: object) =>
    fromStagedText(toStagedText(lock('a', new Date(0), { list }))).groups.list!

  it('is made such that every engine can keep it', () => {
    const { content } = through({ a: 'x\0y', 'k\0': ['\ud800'], u: undefined, '\\u0000': 1 })
    expect(content).toEqual({ Name: 'a', a: 'x\uFFFDy', 'k\uFFFD': ['\uFFFD'], '\\u0000': 1 })
  })

  it('that cannot be written down leaves the group in error', () => {
    const loop: Record<string, unknown> = {}
    loop.self = loop
    expect(through(loop)).toMatchObject({ state: 'error', failure: { code: 'DOCUMENT_REFUSED' } })
  })

  it('is refused when it is nested without end', () => {
    let deep: Json = 1
    for (let level = 0; level < 500; level++) deep = [deep]
    expect(() => canonicalDocument(deep)).toThrow(RangeError)
  })
})

describe('the difference of two documents', () => {
  it('names fields, items of lists, and what was added or removed', () => {
    const before: Json = { a: 1, list: [{ id: 1, x: 1 }, { id: 2 }, 'same'], gone: { b: 1 }, 'odd key': 1 }
    const after = { a: 2, list: ['same', { id: 1, x: 2 }], fresh: [], 'odd key': 2 }
    expect(diffDocuments(before, after)).toEqual([
      { path: 'a', before: 1, after: 2 },
      { path: 'fresh', after: [] },
      { path: 'gone', before: { b: 1 } },
      { path: 'list[1].x', before: 1, after: 2 },
      { path: 'list[1]', before: { id: 2 } },
      { path: '["odd key"]', before: 1, after: 2 },
    ])
  })

  it('is none for the same in another order, and counts repeated items', () => {
    expect(diffDocuments({ a: [1, 2], b: 1 }, { b: 1, a: [2, 1] })).toEqual([])
    expect(diffDocuments({ a: [1, 1] }, { a: [1] })).toEqual([{ path: 'a[1]', before: 1 }])
    expect(diffDocuments({ a: null }, { a: {} })).toEqual([{ path: 'a', before: null, after: {} }])
  })
})
