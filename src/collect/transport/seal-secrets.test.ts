import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../core/json.ts'
import { seal, sealText, secretsBetween, unseal } from './seal-secrets.ts'

const mark = { $secret: { length: 3 } }
const xml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

describe('a sealed secret', () => {
  it('is found in every form of the wire and comes back as what the gate left', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6, maxLength: 40, unit: 'grapheme' }), (value) => {
        fc.pre(
          value.trim() === value && !value.includes('[secret]') && !'stance-sealed-secret'.includes(value),
        )
        const secrets = [{ value, replacement: mark }]
        const asJson = sealText(JSON.stringify({ A: value, B: 'kept' }), secrets)
        if ('refused' in asJson) throw new Error(asJson.refused)
        expect(unseal(JSON.parse(asJson.text) as Json)).toEqual({ A: mark, B: 'kept' })
        const asXml = sealText(`<R><A>${xml(value)}</A><B>kept</B></R>`, secrets)
        if ('refused' in asXml) throw new Error(asXml.refused)
        const inner = /<A>([^<]*)<\/A><B>kept<\/B>/.exec(asXml.text)?.[1] ?? ''
        expect(unseal(inner)).toEqual(mark)
      }),
    )
  })

  it('is blotted out where it is part of something longer', () => {
    const value = 'hunter2-and-more'
    const encoded = Buffer.from(value).toString('base64')
    const text = `{"A":"${value}","Log":"user ${value} came","Url":"x?y=${encodeURIComponent(value)}","Raw":"${encoded}"}`
    const sealed = sealText(text, [{ value, replacement: mark }])
    expect(sealed).toHaveProperty('text')
    const said = JSON.stringify(sealed)
    expect(said).not.toContain(value)
    expect(said).not.toContain(encoded)
  })

  it('leaves short values alone where they are no whole value', () => {
    const sealed = sealText('<R><Id>i-12345</Id><A>12</A></R>', [{ value: '12', replacement: mark }])
    expect(sealed).toEqual({ text: `<R><Id>i-12345</Id><A>${seal(mark)}</A></R>` })
  })

  it('that is not there as expected lets nothing be written', () => {
    expect(
      sealText('{"A":1767225600}', [{ value: '2026-01-01T00:00:00.000Z', replacement: mark }]),
    ).toHaveProperty('refused')
    expect(sealText('<A><![CDATA[x]]></A>', [{ value: 'x', replacement: mark }])).toHaveProperty('refused')
  })

  it('takes the place of bytes, too, and of a whole body', () => {
    const sealed = seal(mark)
    expect(Buffer.from(sealed, 'base64').toString('base64')).toBe(sealed)
    expect(unseal(Buffer.from(sealed).toString('base64'))).toEqual(mark)
    expect(unseal({ a: [sealed, 'U3RhbmNl', 'plain'] })).toEqual({ a: [mark, 'U3RhbmNl', 'plain'] })
  })
})

it('finds what the gate took out, wherever it lay', () => {
  const before = { A: 'one', B: [{ C: 'two', D: 'kept' }], E: { F: 'three' }, N: 7, Z: '' }
  const after = { A: mark, B: [{ C: mark, D: 'kept' }], E: mark, N: mark, Z: mark }
  expect(secretsBetween(before, after).map(({ value }) => value)).toEqual(['one', 'two', 'three', '7'])
  expect(secretsBetween(before, before)).toEqual([])
})
