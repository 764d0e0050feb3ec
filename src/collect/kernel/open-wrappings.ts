import { constants, gunzipSync } from 'node:zlib'

/** Characters. More than the clouds let one write into user data or an environment. */
const mostText = 1_000_000
/** Of all that is opened together: what a few kilobytes of gzip can become must not keep a scan busy. */
const mostOpened = 4 * mostText
/** The base64 in which AWS gives user data, and three within: a part of a mail, a file of cloud-init, a script in that. */
const mostLayers = 4

/**
 * A text and what is wrapped in it: base64, in one piece or in lines as mail and `base64` write it, and gzip and UTF-16
 * (PowerShell's own) in that. One below the other, the given text first.
 */
export function openWrappings(text: string): string {
  const given = text.slice(0, mostText)
  const opened = [given]
  let room = mostOpened
  let layer = [given]
  for (let nr = 0; nr < mostLayers && layer.length > 0; nr++) {
    const next: string[] = []
    for (const one of layer) {
      for (const block of base64In(one)) {
        if (room <= 0) break
        const { text: found, cost } = toText(Buffer.from(block, 'base64'))
        room -= cost
        if (found !== '') next.push(found)
      }
    }
    opened.push(...next)
    layer = next
  }
  return opened.join('\n')
}

/** UTF-16 of what a detector knows is ASCII with zeros between, in either order. */
function toText(bytes: Buffer): { text: string; cost: number } {
  const isZip = bytes[0] === 0x1f && bytes[1] === 0x8b
  const plain = isZip ? unzip(bytes) : bytes
  if (plain === undefined) return { text: '', cost: mostText }
  return { text: plain.toString('latin1').replaceAll('\0', ''), cost: Math.max(plain.length, 1_000) }
}

/** Undefined where it is larger than anything that is meant. */
function unzip(bytes: Buffer): Buffer | undefined {
  try {
    // What is cut short is opened as far as it goes.
    return gunzipSync(bytes, { maxOutputLength: mostText, finishFlush: constants.Z_SYNC_FLUSH })
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? undefined : Buffer.alloc(0)
  }
}

function base64In(text: string): string[] {
  const tight = text.replace(/\s/g, '')
  if (tight.length >= 16 && tight.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(tight)) return [tight]
  const blocks: string[] = []
  // JSON writes the end of a line as a backslash and a letter.
  const lines = text.split(/\r?\n|(?:\\r)?\\n/)
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string
    const runs = Array.from(line.matchAll(/[A-Za-z0-9+/]{24,}={0,2}/g), ([run]) => run)
    const last = runs.at(-1)
    if (last !== undefined && line.endsWith(last)) {
      runs.pop()
      const parts = [last, ...linesAfter(lines, at, last.length)]
      blocks.push(parts.join(''))
      at += parts.filter(({ length }) => length === last.length).length - 1
    }
    blocks.push(...runs)
  }
  return blocks
}

/** Lines of base64 are as long as the first, until the last, after which something else may stand. */
function linesAfter(lines: readonly string[], first: number, length: number): string[] {
  const parts: string[] = []
  for (let at = first + 1; at < lines.length; at++) {
    const line = (lines[at] as string).trim()
    const [run = ''] = /^[A-Za-z0-9+/]{1,4000}={0,2}/.exec(line) ?? []
    if (run.length > length || run === '') break
    parts.push(run)
    if (run.length < length || run.length < line.length) break
  }
  return parts
}
