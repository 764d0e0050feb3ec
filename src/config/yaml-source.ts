import { type Document, isMap, isNode, LineCounter, type Node, parseDocument, visit } from 'yaml'
import { sayYamlProblem } from '../core/yaml-problem.ts'
import type { SettingPath } from './walk-settings.ts'

/** A file of settings as plain data that still knows where each piece stands. */
export interface YamlSource {
  data: unknown
  problems: { place: string; message: string }[]
  /** `file:line:column` of a setting, or of the nearest thing above it that is written. */
  place(path: SettingPath, of?: 'key' | 'value'): string
}

export function readYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter()
  const document: Document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${line}:${col}`
  }
  const problems = document.errors.map((error) => ({
    place: at(error.pos[0]),
    message: sayTwice(document, error, lines) ?? sayYamlProblem(error.code),
  }))
  for (const offset of endlessAliases(document))
    problems.push({
      place: at(offset),
      message: 'an alias (*…) stands within what it names, which has no end; write the value out there',
    })
  return {
    data: problems.length > 0 ? undefined : toData(document, problems, at),
    problems,
    place: (path, of = 'value') => at(offsetOf(document, path, of)),
  }
}

/** A key that stands twice is named, with the place of the first, where it is written as settings are. */
function sayTwice(
  document: Document,
  { code, pos }: { code: string; pos: readonly [number, number] },
  lines: LineCounter,
): string | undefined {
  if (code !== 'DUPLICATE_KEY') return undefined
  let said: string | undefined
  visit(document, {
    Map(_, { items }) {
      const names = items.map(({ key }) => (isNode(key) ? String(key) : ''))
      const second = items.findIndex(({ key }) => isNode(key) && key.range?.[0] === pos[0])
      const name = names[second] ?? ''
      const first = items[names.indexOf(name)]?.key
      if (!/^[a-z][a-z0-9_-]{0,40}$/.test(name) || !isNode(first) || first.range == null) return undefined
      const { line } = lines.linePos(first.range[0])
      said = `\`${name}\` stands twice, the first time in line ${line}; write all of it in one place`
      return visit.BREAK
    },
  })
  return said
}

function toData(
  document: Document,
  problems: YamlSource['problems'],
  at: (offset: number) => string,
): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 })
  } catch {
    const message = 'an alias (*…) names no anchor or unfolds too far; text that begins with * wants quotes'
    problems.push({ place: at(0), message })
    return undefined
  }
}

/** Where aliases name what they stand in. An anchor stands before its aliases, so there is no other way to go in circles. */
function endlessAliases(document: Document): number[] {
  const offsets: number[] = []
  visit(document, {
    Alias(_, alias, above) {
      const named = alias.resolve(document)
      if (named !== undefined && above.includes(named)) offsets.push(alias.range?.[0] ?? 0)
    },
  })
  return offsets
}

function offsetOf(document: Document, path: SettingPath, of: 'key' | 'value'): number {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true)
    const name = path[length - 1]
    const pair = isMap(parent)
      ? parent.items.find(({ key }) => isNode(key) && String(key) === String(name))
      : undefined
    const value = document.getIn(path.slice(0, length), true)
    const node = of === 'value' && isNode(value) ? value : (pair?.key ?? value)
    if (isNode(node)) return (node as Node).range?.[0] ?? 0
  }
  return document.contents?.range?.[0] ?? 0
}
