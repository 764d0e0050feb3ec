import { describe, expect, it } from 'vitest'
import { fillTemplate, fillText, TemplateHole, type TemplateValues } from './fill-template.ts'
import { tagsOf } from './tags-of.ts'
import { valuesAt } from './values-at.ts'

const values: TemplateValues = {
  item: { Name: 'a{$account}', Deep: { List: [1, { x: 2 }], Count: 3, Flag: false }, Empty: '' },
  parent: { item: { Id: 'p' }, native_id: 'parent-1' },
  account: '111122223333',
  region: 'eu-west-1',
  partition: 'aws-cn',
  id: 'id-1',
}

describe('a template', () => {
  it.each([
    ['plain', 'plain'],
    ['arn:{$partition}:x:{$region}:{$account}:{$id}', 'arn:aws-cn:x:eu-west-1:111122223333:id-1'],
    // What the cloud writes is never a template itself.
    ['<{Name}>', '<a{$account}>'],
    ['{Deep.Count}', 3],
    ['{Deep.Count}!', '3!'],
    ['{Deep.List}', [1, { x: 2 }]],
    ['{Deep.Flag}', false],
    ['{$parent}/{$parent.Id}', 'parent-1/p'],
    [
      { A: ['{$id}'], B: { C: '{Name}', D: 7 }, E: null },
      { A: ['id-1'], B: { C: 'a{$account}', D: 7 }, E: null },
    ],
  ])('%j', (template, filled) => {
    expect(fillTemplate(template, values)).toEqual(filled)
  })

  it.each(['{Nothing}', 'x{Nothing}', '{$nothing}', 'x{Deep.List}', 'x{Empty}', '{Deep.List.x}'])(
    '%s has a hole',
    (template) => {
      expect(() => fillTemplate(template, values)).toThrow(TemplateHole)
    },
  )

  it('makes text of what it fills', () => {
    expect(fillText('{Deep.Count}', values)).toBe('3')
  })
})

describe('a path through lists', () => {
  const document = { a: [{ b: [1, 2] }, { b: 3 }, { c: 4 }, null], d: { e: 'x' } }
  it.each([
    ['a.b', [1, 2, 3]],
    ['d.e', ['x']],
    ['d.f', []],
    ['d.constructor', []],
    ['', []],
  ])('%s', (path, found) => expect(valuesAt(document, path)).toEqual(found))
})

describe('tags', () => {
  it.each([
    [{ T: [{ Key: 'a', Value: 'b' }, { Key: 'c' }] }, { a: 'b', c: '' }],
    [{ T: [{ TagKey: 'a', TagValue: 'b' }] }, { a: 'b' }],
    [{ T: [{ key: 'a', value: 'b' }] }, { a: 'b' }],
    [{ T: { a: 'b' } }, { a: 'b' }],
    [{ T: ['a'] }, { a: '' }],
    [
      { T: [{ Key: '__proto__', Value: 'b' }, { Key: 'constructor' }] },
      JSON.parse('{"__proto__":"b","constructor":""}'),
    ],
    [JSON.parse('{"T":{"__proto__":"b"}}'), JSON.parse('{"__proto__":"b"}')],
    [{ T: [null, 7, { Key: 7 }] }, {}],
    [{}, {}],
  ])('%j', (content, tags) => expect(Object.entries(tagsOf(content, 'T'))).toEqual(Object.entries(tags)))
})
