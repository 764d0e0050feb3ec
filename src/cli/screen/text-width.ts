import { stripVTControlCharacters } from 'node:util'
import { Ink } from './ink.ts'

/** Columns that text takes on a terminal. */
export function textWidth(text: string | Ink): number {
  const plain = text instanceof Ink ? stripVTControlCharacters(text.text) : text
  let width = 0
  for (const character of plain) width += widthOf(character)
  return width
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u

function widthOf(character: string): number {
  if (character < '\u0300') return 1
  if (/\p{M}/u.test(character)) return 0
  return wide.test(character) ? 2 : 1
}

/**
 * Lines of at most so many columns; words stay whole where they fit. Nothing is ever left out: a word that is too
 * long goes on in the next line, after one of `-/:._` where there is one.
 */
export function wrapText(text: string, width: number): string[] {
  const most = Math.max(4, width)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (textWidth(longer) <= most) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    const broken = breakWord(word, most)
    lines.push(...broken.slice(0, -1))
    line = broken.at(-1) ?? ''
  }
  lines.push(line)
  return lines
}

/** The same of text with colours, which take no room. */
export function wrapInk(text: Ink, width: number): Ink[] {
  if (textWidth(text) <= width) return [text]
  const lines: string[] = []
  let line = ''
  for (const word of text.text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line === '' || textWidth(Ink.raw(longer)) <= width) {
      line = longer
      continue
    }
    lines.push(line)
    line = word
  }
  return [...lines, line].map((one) => Ink.raw(one))
}

/** Of what must stay on its line: the end gives way to an ellipsis. */
export function cutText(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let kept = ''
  for (const character of text) {
    if (textWidth(kept) + widthOf(character) > Math.max(0, width - 1)) break
    kept += character
  }
  return `${kept}…`
}

function breakWord(word: string, most: number): string[] {
  const pieces: string[] = []
  let piece = ''
  for (const character of word) {
    if (textWidth(piece) + widthOf(character) > most) {
      const at = lastBreak(piece)
      pieces.push(piece.slice(0, at))
      piece = piece.slice(at)
    }
    piece += character
  }
  return [...pieces, piece]
}

/** Not in the first half: a line of three letters is no better than a broken word. */
function lastBreak(piece: string): number {
  for (let at = piece.length; at > piece.length / 2; at--) if (/[-/:._,]/.test(piece[at - 1] ?? '')) return at
  return piece.length
}
