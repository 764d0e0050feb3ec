import { escapeJson } from './screen/escape-text.ts'
import type { Screen } from './screen/screen.ts'

/**
 * The one shape of a list: `{ "items": […], "total": n }` and what else is to be said. Written as it comes, so that a
 * million findings need no memory.
 */
export async function writeJsonList(
  out: Screen,
  chunks: AsyncIterable<readonly object[]>,
  rest: { total: number } & Record<string, unknown>,
): Promise<void> {
  const begin = '{\n  "items": ['
  // With the first item: what fails at once prints half of nothing.
  let between = `${begin}\n`
  for await (const chunk of chunks) {
    if (out.isLeft) return
    for (const item of chunk) {
      const text = JSON.stringify(item, undefined, 2).replaceAll('\n', '\n    ')
      out.stream.write(`${between}    ${escapeJson(text)}`)
      between = ',\n'
    }
  }
  out.stream.write(between === ',\n' ? '\n  ]' : `${begin}]`)
  for (const [name, value] of Object.entries(rest)) {
    const text = JSON.stringify(value, undefined, 2).replaceAll('\n', '\n  ')
    out.stream.write(`,\n  ${JSON.stringify(name)}: ${escapeJson(text)}`)
  }
  out.stream.write('\n}\n')
}

/** Chunks of a list that is in memory. */
export async function* asChunks<T>(items: readonly T[]): AsyncGenerator<readonly T[]> {
  yield items
}
