import { readFile, stat } from 'node:fs/promises'
import { type Document, isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml'
import type { z } from 'zod'
import { StanceError } from '../core/errors.ts'
import type { Origin } from './rule.ts'

/** Far more than any rule with its proofs. */
const mostBytes = 256 * 1024

/** One YAML file, checked against its schema; errors name file, line and remedy. `shown` is how people know it. */
export async function readUnitFile<S extends z.ZodType>(
  path: string,
  shown: string,
  schema: S,
): Promise<{ unit: z.output<S>; origin: Origin }> {
  const lineCounter = new LineCounter()
  const { size } = await stat(path)
  if (size > mostBytes) {
    throw new StanceError('RULE_FILE_SIZE', `${shown} has ${size} bytes; a rule has at most ${mostBytes}.`, {
      next: 'Take out what is no rule.',
      details: { file: shown },
    })
  }
  const text = await readFile(path, 'utf8')
  const document = parseDocument(text, {
    lineCounter,
    uniqueKeys: true,
    schema: 'core',
    maxAliasCount: 0,
  } as never)
  const broken = document.errors[0]
  if (broken !== undefined) {
    const line = lineCounter.linePos(broken.pos[0]).line
    throw new StanceError('RULE_FILE_YAML', `${shown}:${line}: ${broken.message.split('\n')[0]}`, {
      next: 'Mend the YAML at that line.',
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
  const parsed = schema.safeParse(document.toJS({ maxAliasCount: 0 }))
  if (parsed.success) return { unit: parsed.data, origin: { file: shown, lines } }
  const issue = parsed.error.issues[0]
  const top = String(issue?.path[0] ?? (issue !== undefined && 'keys' in issue ? issue.keys[0] : ''))
  const line = lines[top] ?? 1
  throw new StanceError(
    'RULE_FILE_CONTENT',
    `${shown}:${line}: ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'is not as it should be'}`,
    { next: 'Compare it with docs/guide/adding-a-rule.md.', details: { file: shown, line } },
  )
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
