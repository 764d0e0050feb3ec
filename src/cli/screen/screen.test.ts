import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeJson, escapeText } from './escape-text.ts'
import { ink } from './ink.ts'
import { makePalette } from './palette.ts'
import { Screen } from './screen.ts'
import { showMoment, showValue } from './show-value.ts'
import { layTable } from './table.ts'
import { cutText, textWidth, wrapText } from './text-width.ts'

const palette = makePalette(false)
const hostile = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u
const anyText = fc.string({ unit: 'binary', maxLength: 60 })

describe('what came from elsewhere', () => {
  it('cannot move a cursor, turn text round or hide it', () => {
    expect(escapeText('a\u001b[31m\u009b\u007f\n\t\u202e\u200b\ud800z')).toBe(
      'a\\x1b[31m\\x9b\\x7f\\n\\t\\u{202e}\\u{200b}\\u{d800}z',
    )
    fc.assert(fc.property(anyText, (text) => !hostile.test(escapeText(text))))
  })

  it('stays what it is in JSON', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const json = escapeJson(JSON.stringify({ text }, undefined, 2))
        expect(JSON.parse(json)).toEqual({ text })
        expect(json.replaceAll('\n', '')).not.toMatch(hostile)
      }),
    )
  })

  it('is escaped wherever it is printed', () => {
    const print = (write: (screen: Screen) => void) => {
      let text = ''
      write(new Screen({ write: (more) => (text += more) }, false))
      return text
    }
    const evil = 'x\u001b[2J'
    for (const write of [
      (screen: Screen) => screen.line(evil),
      (screen: Screen) => screen.prose(evil),
      (screen: Screen) => screen.heading(evil),
      (screen: Screen) => screen.line(ink`a ${evil} ${makePalette(false).red(evil)}`),
      (screen: Screen) => screen.table([{ title: evil }], [[evil], [{ text: evil, paint: palette.red }]]),
      (screen: Screen) => screen.pairs([[evil, evil]]),
      (screen: Screen) => screen.json({ evil }),
      (screen: Screen) => screen.jsonLine({ evil }),
    ])
      expect(print(write)).not.toContain('\u001b')
  })
})

describe('tables', () => {
  it('fit the width, lose nothing, and keep whole columns whole', () => {
    const words = fc.array(fc.stringMatching(/^[a-z0-9/:.-]{1,40}$/), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(
        fc.array(words, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 60, max: 120 }),
        (rows, width) => {
          const id = 'abcdefghij0123456789'
          const cells = rows.map((row) => [id, row.join(' '), row[0] ?? ''])
          const columns = [{ title: 'id', whole: true as const }, { title: 'text' }, { title: 'more' }]
          const lines = layTable(columns, cells, { palette, width }).map(({ text }) => text)
          for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width)
          expect(lines.filter((line) => line.includes(id))).toHaveLength(rows.length)
          const letters = (text: string) => [...text.replace(/\s/g, '')].sort().join('')
          expect(letters(lines.slice(1).join(''))).toBe(letters(cells.flat().join('')))
        },
      ),
    )
  })

  it('put cells behind each other where columns have no room side by side', () => {
    const columns = [
      { title: 'name' },
      { title: 'account', whole: true as const },
      { title: 'fail', align: 'right' as const, whole: true as const },
      { title: '', whole: true as const },
    ]
    const rows = [
      ['a-name-of-some-length', '111122223333', 3, 'never read'],
      ['b', '111122223333', '', ''],
    ]
    const lines = layTable(columns, rows, { palette, width: 40, indent: 2 }).map(({ text }) => text)
    expect(lines).toEqual([
      '  a-name-of-some-length  111122223333',
      '    3 fail  never read',
      '  b  111122223333',
    ])
  })

  it('leave out a column for remarks that has none', () => {
    const columns = [{ title: 'a' }, { title: '' }]
    expect(layTable(columns, [['x', '']], { palette, width: 80 }).map(({ text }) => text)).toEqual(['a', 'x'])
  })

  it('count what a terminal takes: wide letters two, marks none', () => {
    expect(textWidth('日本')).toBe(4)
    expect(textWidth('e\u0301')).toBe(1)
    expect(wrapText('one two three', 7)).toEqual(['one two', 'three'])
    expect(cutText('a-long-name', 20)).toBe('a-long-name')
    expect(cutText('a-long-name', 7)).toBe('a-long…')
    expect(cutText('日本語', 4)).toBe('日…')
    expect(wrapText('arn:aws:s3:::a-long-name', 12).join('')).toBe('arn:aws:s3:::a-long-name')
  })
})

it('colours only where asked', () => {
  const red = makePalette(true).red('x').text
  expect(red).not.toBe('x')
  expect(stripVTControlCharacters(red)).toBe('x')
  expect(makePalette(false).red('x').text).toBe('x')
})

it('says absence in words', () => {
  expect(showMoment(new Date('0001-01-01T00:00:00Z'))).toBe('never')
  expect(showMoment('9999-12-31T00:00:00Z')).toBe('never')
  expect(showMoment(null)).toBe('never')
  expect(showMoment('2026-01-02T03:04:05Z')).toBe('2026-01-02 03:04')
  expect([null, '', Number.MAX_SAFE_INTEGER, false, 3].map(showValue)).toEqual([
    'not read',
    'none',
    'no limit',
    'false',
    '3',
  ])
})
