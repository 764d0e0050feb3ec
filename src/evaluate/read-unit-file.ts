import { readFile, stat } from 'node:fs/promises'
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml'
import type { z } from 'zod'
import { StanceError } from '../core/errors.ts'
import { repeatedKeys } from '../core/repeated-keys.ts'
import { sayYamlProblem } from '../core/yaml-problem.ts'
import type { Origin } from './rule.ts'
import { sayFileProblem } from './say-file-problem.ts'

/** Far more than any rule with its proofs. */
const mostBytes = 256 * 1024

function unreadable(message: string, cause?: unknown): StanceError {
  return new StanceError('RULE_FILE_UNREADABLE', `${message}.`, {
    next: 'Name a rule file that is there and that this user may read.',
    cause,
  })
}

/** One YAML file, checked against its schema; errors name file, line and remedy. `shown` is how people know it. */
export async function readUnitFile<S extends z.ZodType>(
  path: string,
  shown: string,
  schema: S,
): Promise<{ unit: z.output<S>; origin: Origin }> {
  const lineCounter = new LineCounter()
  const about = await stat(path).catch((cause: unknown) => {
    throw unreadable(`${path} cannot be read`, cause)
  })
  if (!about.isFile()) throw unreadable(`${path} is a folder, and no rule file`)
  const { size } = about
  if (size > mostBytes) {
    throw new StanceError('RULE_FILE_SIZE', `${shown} has ${size} bytes; a rule has at most ${mostBytes}.`, {
      next: 'Take out what is no rule.',
      details: { file: shown },
    })
  }
  const text = await readFile(path, 'utf8')
  const document = parseDocument(text, {
    lineCounter,
    uniqueKeys: false,
    schema: 'core',
    maxAliasCount: 0,
  } as never)
  const [twice] = repeatedKeys(document.contents)
  const broken =
    document.errors[0] ??
    document.warnings[0] ??
    (twice && { code: 'DUPLICATE_KEY', pos: [twice.again] as const })
  if (broken !== undefined) {
    const { line, col } = lineCounter.linePos(broken.pos[0])
    throw new StanceError('RULE_FILE_YAML', `${shown}:${line}:${col}: ${sayYamlProblem(broken.code)}.`, {
      next: 'Mend the YAML there; `stance rules lint <file>` looks again.',
      details: { file: shown, line },
    })
  }
  const lines: Record<string, number> = {}
  if (isMap(document.contents)) {
    for (const pair of document.contents.items) {
      if (!isScalar(pair.key) || pair.key.range == null) continue
      lines[String(pair.key.value)] = lineCounter.linePos(pair.key.range[0]).line
    }
  }
  if (hasAlias(document as Document)) {
    throw new StanceError('RULE_FILE_YAML', `${shown}:1: aliases are not read in rule files.`, {
      next: 'Write the value out where it is used.',
      details: { file: shown, line: 1 },
    })
  }
  const data: unknown = document.toJS({ maxAliasCount: 0 })
  const parsed = schema.safeParse(data)
  if (parsed.success) return { unit: parsed.data, origin: { file: shown, lines } }
  // A key that is not known is the cause of one that is missing.
  const isUnknown = ({ code }: { code: string }) => Number(code === 'unrecognized_keys')
  const issues = parsed.error.issues
    .flatMap((issue): z.core.$ZodIssue[] =>
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => ({ ...issue, keys: [key] })) : [issue],
    )
    .toSorted((a, b) => isUnknown(b) - isUnknown(a))
  // Of another kind of file each line would be one.
  const problems = issues
    .slice(0, 100)
    .map((issue) => sayFileProblem(issue, data, schema))
    .map((problem) => ({ ...problem, line: lineOf(document as Document, problem.path, lineCounter) }))
  const told = problems.map(({ line, message, next }) => ({ message: `${shown}:${line}: ${message}`, next }))
  const said = told.slice(0, mostTold).map(({ message }) => message)
  if (issues.length > mostTold) said.push(`and ${issues.length - mostTold} more`)
  const [first] = problems
  throw new StanceError('RULE_FILE_CONTENT', said.join('\n'), {
    next: first?.next ?? '',
    details: { file: shown, line: first?.line ?? 1, problems: told },
  })
}

const mostTold = 8

/** Of the key at fault or, where it is missing, of what it is missing from. */
function lineOf(document: Document, path: readonly (string | number)[], lines: LineCounter): number {
  for (let length = path.length; length > 0; length--) {
    const parent: unknown = document.getIn(path.slice(0, length - 1), true)
    const name = String(path[length - 1])
    const key = isMap(parent) ? parent.items.find((pair) => String(pair.key) === name)?.key : undefined
    const node: unknown = key ?? document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range != null) return lines.linePos(node.range[0]).line
  }
  return 1
}

function hasAlias(document: Document): boolean {
  let found = false
  visit(document, {
    Alias: () => {
      found = true
      return visit.BREAK
    },
  })
  return found
}
