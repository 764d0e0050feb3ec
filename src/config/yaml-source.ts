import {
  type Document,
  isMap,
  isNode,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml'
import { repeatedKeys } from '../core/repeated-keys.ts'
import { sayYamlProblem } from '../core/yaml-problem.ts'
import type { SettingPath } from './walk-settings.ts'

/** A file of settings as plain data that still knows where each piece stands. */
export interface YamlSource {
  data: unknown
  problems: { place: string; message: string }[]
  /** `file:line:column` of a setting, or of the nearest thing above it that is written. */
  place(path: SettingPath, of?: 'key' | 'value'): string
}

/** Enough to see that the file is none of settings. */
const mostProblems = 20

export function readYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter()
  const document: Document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
  })
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${line}:${col}`
  }
  // What the library only warns of (a tag that it does not know) would be taken for something else than is written.
  const problems = [...document.errors, ...document.warnings]
    .slice(0, mostProblems)
    .map((error) => ({ place: at(error.pos[0]), message: sayYamlProblem(error.code) }))
  for (const { value, first, again } of repeatedKeys(document.contents).slice(0, mostProblems))
    problems.push({ place: at(again), message: sayTwice(value, lines.linePos(first).line) })
  for (const offset of endlessAliases(document).slice(0, mostProblems))
    problems.push({
      place: at(offset),
      message: 'an alias (*…) stands within what it names, which has no end; write the value out there',
    })
  const offsetOf = offsetsOf(document)
  return {
    data: problems.length > 0 ? undefined : toData(document, problems, at),
    problems,
    place: (path, of = 'value') => at(offsetOf(path, of)),
  }
}

/** A key that stands twice is named where it is written as settings are: another may be a secret. */
function sayTwice(key: unknown, line: number): string {
  if (typeof key !== 'string' || !/^[a-z][a-z0-9_-]{0,40}$/.test(key)) return sayYamlProblem('DUPLICATE_KEY')
  return `\`${key}\` stands twice, the first time in line ${line}; write all of it in one place`
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
  const named = new Map<string, unknown>()
  visit(document, {
    Value(_, node) {
      if (node.anchor !== undefined) named.set(node.anchor, node)
    },
    Alias(_, { source, range }, above) {
      const node = named.get(source)
      if (node !== undefined && (above as readonly unknown[]).includes(node)) offsets.push(range?.[0] ?? 0)
    },
  })
  return offsets
}

/** The offset of a setting, or of the nearest thing above it that is written. */
function offsetsOf(document: Document): (path: SettingPath, of: 'key' | 'value') => number {
  const pairsOf = new Map<YAMLMap, Map<string, Pair>>()
  const pairOf = (map: YAMLMap, name: string) => {
    let pairs = pairsOf.get(map)
    if (pairs === undefined) {
      pairs = new Map(map.items.map((pair) => [isNode(pair.key) ? String(pair.key) : '', pair]))
      pairsOf.set(map, pairs)
    }
    return pairs.get(name)
  }
  return (path, of) => {
    let node: unknown = document.contents
    let offset = document.contents?.range?.[0] ?? 0
    for (const [at, name] of path.entries()) {
      const pair = isMap(node) ? pairOf(node, String(name)) : undefined
      node = isSeq(node) ? node.items[Number(name)] : pair?.value
      const isLast = at === path.length - 1
      const shown = (isLast && of === 'key') || !isNode(node) ? (pair?.key ?? node) : node
      if (!isNode(shown)) break
      offset = shown.range?.[0] ?? 0
    }
    return offset
  }
}
