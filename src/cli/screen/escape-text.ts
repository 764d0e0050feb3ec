/**
 * Everything that came from a cloud, a file or a person passes here before it reaches a terminal: a bucket's
 * name may hold sequences that move the cursor, turn text around or hide it. Shown as `\x1b` and `\u{202e}`.
 */
export function escapeText(text: string): string {
  return text.replace(hostile, (character) => {
    const code = character.codePointAt(0) ?? 0
    return named.get(character) ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u{${hex(code, 4)}}`)
  })
}

/** JSON text as it may be shown: what JSON leaves as it is and a terminal obeys, as JSON's own escapes. */
export function escapeJson(json: string): string {
  return json.replace(hostileInJson, (character) =>
    Array.from({ length: character.length }, (_, at) => `\\u${hex(character.charCodeAt(at), 4)}`).join(''),
  )
}

const named = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

function hex(code: number, length: number): string {
  return code.toString(16).padStart(length, '0')
}

// Controls, DEL and C1; what turns direction, joins, hides or breaks lines; tags; private use; halves of pairs.
const hostile = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu
const hostileInJson = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu
