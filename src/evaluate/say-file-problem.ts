import type { z } from 'zod'
import { nearest } from '../core/nearest.ts'

type Issue = z.core.$ZodIssue

export interface FileProblem {
  /** Where in the file: keys and numbers of list items. */
  path: readonly (string | number)[]
  message: string
  /** What to write. */
  next: string
}

/** What is wrong with a rule or fact file, and what to write instead, in our words. `data` is the file as read. */
export function sayFileProblem(issue: Issue, data: unknown, schema: z.ZodType): FileProblem {
  const path = issue.path.filter((part) => typeof part !== 'symbol')
  const name = spell(path)
  if (issue.code === 'unrecognized_keys') return unknownKey(issue.keys[0] ?? '', path, schema)
  if (valueAt(data, path) === undefined && path.length > 0)
    return { path, message: `\`${name}\` is missing.`, next: `Write it: ${exampleOf(path)}` }
  return { path, ...wrongValue(issue, name, path) }
}

function wrongValue(
  issue: Issue,
  name: string,
  path: FileProblem['path'],
): { message: string; next: string } {
  const next = `Write it like this: ${exampleOf(path)}`
  switch (issue.code) {
    case 'invalid_value':
      return {
        message: `\`${name}\` cannot be that: it is one of ${issue.values.map(String).join(', ')}.`,
        next: `Write one of those.`,
      }
    case 'too_small':
      return issue.origin === 'string'
        ? {
            message: `\`${name}\` is too short.`,
            next: `Write at least ${issue.minimum} ${Number(issue.minimum) === 1 ? 'character' : 'characters'}.`,
          }
        : { message: `\`${name}\` is empty.`, next: `Name at least one: ${exampleOf(path)}` }
    case 'invalid_type':
      if (path.length === 0) return { message: 'the file is no mapping of keys to values.', next: guide }
      if (issue.expected === 'never')
        return { message: `\`${name}\` cannot be said here: ${issue.message}.`, next: 'Remove the key.' }
      return { message: `\`${name}\` must be ${kinds[issue.expected] ?? issue.expected}.`, next }
    case 'invalid_union':
      return {
        message: `\`${name}\` must be a text, a number, true or false.`,
        next: 'Put text with special characters in quotes.',
      }
    default:
      return { message: `\`${name}\` is not written as it should be.`, next }
  }
}

function unknownKey(key: string, above: FileProblem['path'], schema: z.ZodType): FileProblem {
  const known = keysAt(schema, above)
  const near = nearest(key, known)
  return {
    path: [...above, key],
    message: `there is no key \`${spell([...above, key])}\`.`,
    next:
      near === undefined
        ? `Remove it; known here: ${known.join(', ')}.`
        : `Did you mean \`${near}\`? Known here: ${known.join(', ')}.`,
  }
}

const guide = 'Compare it with docs/guide/adding-a-rule.md.'

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list: begin each line with "- ", or write [a, b]',
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
  date: 'a time such as 2026-01-31T00:00:00Z',
}

const examples: Readonly<Record<string, string>> = {
  title: 'title: S3 bucket blocks public access',
  resource: 'resource: aws_s3_bucket',
  across: 'across: accounts',
  applies: 'applies: not is_default',
  pass: 'pass: block_public_acls and ignore_public_acls',
  when: 'when: policy_is_public',
  severity: 'severity: { attack_vector: no_authorization, impact: high }',
  why: 'why: what can go wrong, in a sentence or two',
  fix: 'fix: { console: …, cli: …, terraform: … }',
  nist_800_53: 'nist_800_53: [AC-3, AC-6(1)]',
  topics: 'topics: [public access]',
  references: 'references: [https://docs.aws.amazon.com/…]',
  scored: 'scored: false',
  formerly: 'formerly: [an-id-of-before]',
  deprecated: 'deprecated: { since: "0.2", because: … }',
  foreign: 'foreign: true',
  params: 'params: { max_age_days: { default: 90, min: 1, max: 3650, title: … } }',
  proofs: 'proofs: { pass: [{ … }], fail: [{ … }] }, rows with the columns that the condition reads',
}

function exampleOf(path: FileProblem['path']): string {
  return examples[String(path[0])] ?? guide
}

function spell(path: FileProblem['path']): string {
  return path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${part}`))
    .join('')
}

function valueAt(data: unknown, path: FileProblem['path']): unknown {
  let value = data
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string | number, unknown>)[part]
  }
  return value
}

/** The keys that a mapping of the file may have. */
function keysAt(schema: z.ZodType, path: FileProblem['path']): string[] {
  let inner: unknown = schema
  for (const part of path) inner = shapeOf(inner)?.[part]
  return Object.keys(shapeOf(inner) ?? {})
}

/** Of an object, also where it is optional or has a default. */
function shapeOf(schema: unknown): Record<string | number, unknown> | undefined {
  const { shape, def } = (schema ?? {}) as { shape?: Record<string, unknown>; def?: { innerType?: unknown } }
  return shape ?? (def?.innerType === undefined ? undefined : shapeOf(def.innerType))
}
